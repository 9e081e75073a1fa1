"""Twelve months of planning with wrong assumptions: `python -m tools.campaign_months`.

Each month has new customers and the same budget. Policies: *learnt* plans with what the months
before taught (tools/campaign_learner.py), *kept* with the assumptions of the start; *probability*,
*profit* and *everybody* contact customers in the order of their probability, their profit, or none,
by the offer assumed to be best, until the money is spent; *nobody*. All of them are judged by the
increment that is to be expected of whom they contact, given the true probabilities and effects,
beside that of an *oracle* that plans with these (but doesn't know outcomes).

Writes docs/campaign/months.csv: increment by world, policy and month with its standard error over
histories, and its share of the oracle's.
"""

import argparse
from typing import Any

import numpy as np
import pandas as pd

from retention.campaign.planning.policies import cut_to_limits, listed, nobody
from retention.campaign.planning.problem import chosen
from retention.harness.files import write_csv
from retention.harness.parallel import parallel
from tools.campaign_learner import Learner, planned, problem, start
from tools.campaign_world import Truth, World, increments, population
from tools.tables import ROOT

MONTHS, CUSTOMERS = 12, 1300
TABLE = ROOT / "docs/campaign/months.csv"

# What is assumed at the start: share kept, harm, take-up, cost.
ASSUMED = {
    "discount": Truth(0.35, 0.01, 0.5, 0.4),
    "premium": Truth(0.15, 0.01, 0.5, 0.3),
    "reminder": Truth(0.1, 0.01, 0.5, 0.0),
    "gift": Truth(0.25, 0.01, 0.6, 0.2),
}
WORLDS = {
    # One offer works better than assumed, one hardly at all, one does harm.
    "wrong": World(
        {
            "discount": Truth(0.08, 0.01, 0.8, 0.4),
            "premium": Truth(0.4, 0.0, 0.4, 0.3),
            "reminder": Truth(0.12, 0.0, 0.5, 0.0),
            "gift": Truth(0.0, 0.08, 0.9, 0.2),
        }
    ),
    "right": World(ASSUMED),
    "harm": World({name: Truth(0.0, 0.08, 0.7, each.cost) for name, each in ASSUMED.items()}),
}


def history(world: str, seed: int) -> list[dict[str, Any]]:
    """Return the increment of each policy in each month."""
    truth = WORLDS[world]
    random = np.random.default_rng([seed, list(WORLDS).index(world)])
    learner, assumed = Learner(ASSUMED, truth), start(ASSUMED, truth).means()
    rows = []
    for month in range(1, MONTHS + 1):
        who = population(CUSTOMERS, random, off=random.normal(0, 0.2))
        real, _ = increments(truth, who.probability, who.profit)
        kept = problem(truth, who.score, who.profit, assumed)
        everybody = listed(kept, np.ones(CUSTOMERS, dtype=bool))
        orders = {
            "probability": np.argsort(-who.score, kind="stable"),
            "profit": np.argsort(-who.profit, kind="stable"),
            "everybody": random.permutation(CUSTOMERS),
        }
        policies = {
            "oracle": planned(problem(truth, who.probability, who.profit, truth.values())),
            "learnt": learner.month(month, who, random),
            "kept": planned(kept),
            **{name: cut_to_limits(kept, everybody, order) for name, order in orders.items()},
            "nobody": nobody(kept),
        }
        for name, choice in policies.items():
            increment = float(chosen(real, choice).sum())
            rows.append({"world": world, "policy": name, "month": month, "increment": increment})
    return rows


def summarised(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the mean increment with its standard error, and the share of the oracle's mean."""
    grouped = rows.groupby(["world", "policy", "month"], sort=False)["increment"]
    table = grouped.agg(increment="mean", error="sem").reset_index()
    oracle = table[table["policy"] == "oracle"].set_index(["world", "month"])["increment"]
    table = table.join(oracle.rename("best"), on=["world", "month"])
    table["share"] = (table["increment"] / table["best"]).where(table["best"] > 0)
    return table.drop(columns="best")


def main() -> None:
    """Simulate, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--histories", type=int, default=40, help="of each world")
    number = parser.parse_args().histories
    calls = [(world, seed) for world in WORLDS for seed in range(number)]
    found = parallel(history, calls, label="months", unit="history")
    table = summarised(pd.DataFrame([row for each in found for row in each]))
    for value, digits in (("increment", 1), ("share", 2)):
        wide = table.set_index(["world", "policy", "month"])[value].unstack(sort=False)
        print(wide.round(digits).to_string())
    write_csv(TABLE, table, digits=3)


if __name__ == "__main__":
    main()
