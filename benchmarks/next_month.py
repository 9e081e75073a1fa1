"""Proofs for next month: what is expected comes, no drift is seen where none is, no false alarm.

`python -m benchmarks.next_month TOPIC TABLE` with the topic `expected`, `drift` or `outcome` draws
months of the demo store, each with training customers of its own, and writes a CSV table, a row a
kind of month: docs/next_month/<topic>.csv, of which docs/next-month.md is made. A quarter of an
hour each on two processors; `--months` draws fewer.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import stages  # noqa: F401 - one thread for linear algebra, before numpy comes

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.demo.next_month import Change, NextMonth, draw_next_month, load_change
from retention.demo.store import Statistics, decline_probability, draw_store, load_statistics
from retention.demo.words import CATEGORIES, NUMBERS
from retention.next_month.drift import drift
from retention.next_month.expected import FIGURES, Figures, Simulation, expected
from retention.next_month.months import Months, same_over_months
from retention.next_month.outcome import ANEW, QUESTIONS, outcome
from retention.next_month.outlook import Outlook, outlook
from retention.folds import draw_folds, same_customer_groups, splits
from retention.harness.files import write_csv
from retention.harness.parallel import parallel
from retention.selection.threshold import threshold

FEATURES = [*NUMBERS, *CATEGORIES]
SAME_CUSTOMER = [
    *("days_since_registration", "favourite_category", "unpaid_items_3m", "categories_per_visit"),
    *("service_tier", "allows_messages", "marketing_this_month"),
]
CONFIDENCE, LEVEL = 0.95, 0.05
DRAWS, PERMUTATIONS = 500, 999
SIZES, LARGE = (50, 500), 5000  # customers; the large take half a minute each
NEXT = [200, 1000]
BLOCK = 20
# Half of the customers go on; (drift, relation) of each kind of month. In "as none was", columns
# are moved against those that they go with.
KINDS = {
    "the same": (0.0, 1.0),
    "drift": (1.0, 1.0),
    "twice the drift": (2.0, 1.0),
    "as none was": (0.0, 1.0),
    "weaker relation": (0.0, 0.6),
}
MOVED = {"minutes_current": -2.0, "promo_share": 0.1, "pages_per_visit": -1.0}


@dataclass(frozen=True)
class Trained:
    """Training customers, their unseen probabilities, and the model that ships."""

    customers: pd.DataFrame
    groups: NDArray[np.intp]
    probability: NDArray[np.float64]
    model: Any
    threshold: float


def models() -> dict[str, Any]:
    """Return the models that months are scored by, each calibrated as the pipeline calibrates."""
    columns = make_column_transformer(
        (StandardScaler(), list(NUMBERS)),
        (OneHotEncoder(handle_unknown="ignore"), list(CATEGORIES)),
    )
    trees = ExtraTreesClassifier(60, min_samples_leaf=3, random_state=0)
    return {
        name: CalibratedClassifierCV(make_pipeline(columns, one), cv=5, ensemble=False)
        for name, one in (("logistic", LogisticRegression(max_iter=500)), ("extra_trees", trees))
    }


def store(customers: int, seed: int, statistics: Statistics) -> pd.DataFrame:
    """Return the regular customers of a demo store."""
    table, _ = draw_store(customers, seed, statistics)
    return table[(table["revenue_previous"] > 0) & (table["revenue_current"] < 10_000)].reset_index(
        drop=True
    )


def following(
    kind: str, training: int, size: int, seed: int, statistics: Statistics, change: Change
) -> pd.DataFrame:
    """Return about `size` customers of a kind of next month of the store of this seed."""
    amount, relation = KINDS[kind]
    going_on = min(size / 2 / training, 1.0)
    asked = NextMonth(going_on, size - round(going_on * training), amount, relation)
    month = draw_next_month(training, seed, statistics, asked, change)
    if kind == "as none was":
        for name, move in MOVED.items():
            values = month[name].to_numpy(dtype=np.float64) + move
            month[name] = statistics.margins[name].clip(values)
        truth = decline_probability(month, statistics)
        month[DECLINE] = (np.random.default_rng(seed).random(len(month)) < truth).astype(int)
    return month


def trained(model: str, customers: int, seed: int, statistics: Statistics) -> Trained:
    """Train as the pipeline does: unseen probabilities by grouped folds, and a model on all."""
    table = store(customers, seed, statistics)
    decline = table[DECLINE].to_numpy()
    groups = same_customer_groups(table, [SAME_CUSTOMER])
    fold = draw_folds(decline, groups, 5, seed)
    probability = np.empty(len(table))
    for train, test in splits(fold):
        part = models()[model].fit(table.iloc[train][FEATURES], decline[train])
        probability[test] = part.predict_proba(table.iloc[test][FEATURES])[:, 1]
    whole = models()[model].fit(table[FEATURES], decline)
    return Trained(table, groups, probability, whole, threshold(decline, probability, "f1"))


def asked(before: Trained, month: pd.DataFrame) -> Outlook:
    """Return what there is to ask about next month, as the stage `expect` does."""
    known = before.customers.assign(probability=before.probability, group=before.groups)
    probability = before.model.predict_proba(month[FEATURES])[:, 1]
    coming = month.assign(
        probability=probability, predicted_decline=probability >= before.threshold
    )
    return outlook(known, coming, NUMBERS, CATEGORIES, [SAME_CUSTOMER])


def one_expected(model: str, training: int, sizes: list[int], seed: int) -> list[dict[str, Any]]:
    """Return for each kind and size of next month whether the figures came as expected."""
    statistics, change = load_statistics(), load_change()
    before = trained(model, training, seed, statistics)
    rows = []
    for kind in KINDS:
        for size in sizes:
            month = following(kind, training, size, seed, statistics, change)
            ask = asked(before, month)
            found = expected(ask.scored, ask.known, Simulation(DRAWS, CONFIDENCE, seed))
            [came] = Figures(ask.scored)((month[DECLINE] == 1).to_numpy()[None, :])
            row: dict[str, Any] = {"month": kind, "next": size}
            for name, value in zip(FIGURES, came, strict=True):
                row |= {
                    name: found[name]["low"] <= value <= found[name]["high"],
                    f"{name}_off": found[name]["value"] - value,
                    f"{name}_width": found[name]["high"] - found[name]["low"],
                }
            rows.append({"model": model, "training": training, **row})
    return rows


def one_outcome(training: int, sizes: list[int], seed: int) -> list[dict[str, Any]]:
    """Return for each kind and size of next month which questions gave an alarm."""
    statistics, change = load_statistics(), load_change()
    before = trained("logistic", training, seed, statistics)
    rows = []
    for kind in KINDS:
        for size in sizes:
            month = following(kind, training, size, seed, statistics, change)
            ask = asked(before, month)
            setting = Simulation(DRAWS, CONFIDENCE, seed)
            decline = month[DECLINE].to_numpy()
            found = outcome(ask.scored, decline, ask.known, setting)
            alarms = {
                name: found["questions"].get(name, {}).get("alarm", False) for name in QUESTIONS
            }
            rows.append(
                {"training": training, "month": kind, "next": size}
                | alarms
                | {"anew": found["verdict"] == ANEW}
            )
    return rows


def one_drift(size: int, going_on: float, amount: float, seed: int) -> list[dict[str, Any]]:
    """Return what is seen in a month as large as the store, whose customers don't age."""
    statistics, change = load_statistics(), replace(load_change(), days=0)
    before = store(size, seed, statistics)
    wanted = NextMonth(going_on, max(size - round(going_on * size), 1), amount)
    month = draw_next_month(size, seed, statistics, wanted, change)
    groups = same_customer_groups(before, [SAME_CUSTOMER])
    again = same_customer_groups(month, [SAME_CUSTOMER])
    who = same_over_months(before[CUSTOMER_ID], month[CUSTOMER_ID], groups, again)
    both = Months(before, month, NUMBERS, CATEGORIES, who)
    setting: dict[str, Any] = {"permutations": PERMUTATIONS, "level": LEVEL, "seed": seed}
    found = drift(both, **setting)
    apart = np.nan
    if size < LARGE:
        rows = np.arange(len(before) + len(month))
        apart = float(drift(replace(both, customers=rows), **setting).found)
    return [
        {
            "customers": size,
            "going on": going_on,
            "drift": amount,
            "anything": found.found,
            "columns": bool(found.columns["drifted"].any()),
            "whole": found.whole["p"] <= LEVEL,
            "rows taken as independent": apart,
            "unadjusted": bool((found.columns["p"] <= LEVEL).any()),
            "psi above 0.1": bool((found.columns["psi"] > 0.1).any()),
        }
    ]


# By topic: who measures a month, in which settings, and what tells the rows of the table apart.
Work = Callable[..., list[dict[str, Any]]]
TOPICS: dict[str, tuple[Work, list[tuple[Any, ...]], list[str]]] = {
    "expected": (
        one_expected,
        [("logistic", 300, NEXT), ("extra_trees", 1000, NEXT)],
        ["model", "training", "next", "month"],
    ),
    "outcome": (one_outcome, [(1000, NEXT)], ["training", "next", "month"]),
    "drift": (
        one_drift,
        [
            *((size, *rest) for size in SIZES for rest in ((0.5, 0.0), (0.5, 1.0), (0.0, 0.0))),
            (LARGE, 0.5, 0.0),
        ],
        ["customers", "going on", "drift"],
    ),
}


def summed(rows: list[dict[str, Any]], keys: list[str]) -> pd.DataFrame:
    """Return the shares and means over all months, a row for each of the keys' values."""
    groups = pd.DataFrame(rows).groupby(keys, sort=False)
    means = groups.mean().astype(float).round(3)
    return pd.concat([groups.size().rename("months"), means], axis=1).reset_index()


def main() -> None:
    """Measure a topic, and write its table, anew after each `BLOCK` months."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("topic", choices=list(TOPICS))
    parser.add_argument("table", type=Path, help="the CSV file to write")
    parser.add_argument("--months", type=int, default=200)
    given = parser.parse_args()
    work, settings, keys = TOPICS[given.topic]
    rows: list[dict[str, Any]] = []
    for start in range(1, 1 + given.months, BLOCK):
        seeds = range(start, min(start + BLOCK, 1 + given.months))
        calls = [(*setting, seed) for setting in settings for seed in seeds]
        rows += [
            row for found in parallel(work, calls, label="months", unit="month") for row in found
        ]
        write_csv(given.table, summed(rows, keys))
    print(summed(rows, keys).to_string(index=False))


if __name__ == "__main__":
    main()
