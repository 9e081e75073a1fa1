"""How fast a plan is found: `python -m benchmarks.plan TABLE`.

Draws customers with eight offers by two channels, with a capacity of each channel, and a minimum
and a maximum of each offer, and plans for twenty budgets and without one. Writes a CSV table:
seconds of one processor (whatever else the machine does), for one plan and for all of them,
customers planned a second, and the largest share of the bound that any of the plans may be short
of. docs/campaign.md shows it.
"""

import argparse
import time
from pathlib import Path

import stages  # noqa: F401 - one thread for linear algebra, before numpy comes

import numpy as np
import pandas as pd

from retention.campaign.planning.plan import Planner
from retention.campaign.planning.problem import Limits, Problem
from retention.campaign.worth import Option, worth
from retention.harness.files import write_csv

OFFERS, BUDGETS, SEED = 8, 20, 1
CHANNELS = {"message": (0.8, 0.01), "on_site": (0.4, 0.0)}  # reach, cost


def drawn(customers: int) -> Problem:
    """Return a problem; each offer comes by one channel, and fits 80 % of the customers."""
    random = np.random.default_rng(SEED)
    names = list(CHANNELS)
    options = [Option(f"offer_{k}", names[k % 2]) for k in range(OFFERS)]
    values = {"share_lost": 0.5, "horizon_months": 3.0, "fatigue": 0.2}
    for name, (reach, cost) in CHANNELS.items():
        values |= {f"channels.{name}.reach": reach, f"channels.{name}.cost": cost}
    for option in options:
        cost = random.uniform(0, 0.6)
        each = {"cost": cost, "share_kept": 0.05 + cost * random.uniform(0.25, 0.6)}
        each |= {"harm": random.uniform(0, 0.02), "take_up": random.uniform(0.2, 1)}
        values |= {f"offers.{option.offer}.{name}": value for name, value in each.items()}
    increment, spent = worth(
        random.beta(0.35, 0.5, customers),
        random.lognormal(1.3, 0.4, customers),
        random.random(customers) < 0.3,
        options,
        values,
    )
    fits = random.random(increment.shape) < 0.8
    consent = random.random(customers) < 0.74
    fits[:, [option.channel == "message" for option in options]] &= consent[:, None]
    limits = Limits(
        capacity={"message": int(0.3 * customers), "on_site": int(0.25 * customers)},
        minimum={option.offer: int(0.002 * customers) for option in options},
        maximum={option.offer: int(0.15 * customers) for option in options},
    )
    return Problem(options, increment, spent, fits, limits)


def main() -> None:
    """Time the plans, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path, help="the CSV file to write")
    parser.add_argument("--customers", type=int, nargs="+", default=[1_300, 100_000, 1_000_000])
    arguments = parser.parse_args()
    _curve(drawn(1000))  # what is loaded once isn't counted
    rows = [_curve(drawn(customers)) for customers in arguments.customers]
    table = pd.DataFrame(rows)
    print(table.to_string(index=False))
    write_csv(arguments.table, table, digits=5)


def _curve(problem: Problem) -> dict[str, float]:
    start = time.process_time()
    planner = Planner(problem, SEED)
    whole = planner.plan(None)
    first = time.process_time() - start
    plans = [planner.plan(whole.spent * k / BUDGETS) for k in range(1, BUDGETS + 1)]
    total = time.process_time() - start
    return {
        "customers": problem.customers,
        "offers": OFFERS,
        "budgets": BUDGETS,
        "seconds_one": round(first, 1),
        "seconds_all": round(total, 1),
        "customers_a_second": round(problem.customers * (BUDGETS + 1) / total),
        "largest_gap": max(plan.gap for plan in plans),
    }


if __name__ == "__main__":
    main()
