"""How often `tools.compare` says "different", where nothing is and where something is.

`python -m benchmarks.revisions TABLE` runs a cheap procedure (logistic regression and ten extra
trees, their log-odds averaged) on simulated stores, one in eight customers a near-duplicate, and
compares two runs as revisions are compared. A run of nothing changed differs in its seed alone, or
sees columns that know equally much; a true difference of about 0.02 in ROC-AUC comes from columns
that know less. Writes a row a case: the share of runs in which any figure, and in which the
ROC-AUC, is said to differ, and for a true difference how often the method's own power says it
should be.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import stages  # noqa: F401 - one thread for linear algebra, before numpy comes

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import nct

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.demo.store import Statistics, draw_customers, load_statistics
from retention.evaluation.calibration import log_odds
from retention.evaluation.kept import kept_table, read_kept
from retention.evaluation.outer import Outer
from retention.folds import draw_folds
from retention.harness import parallel as door
from retention.harness.files import write_csv
from retention.revisions.compared import Revision, compare
from retention.revisions.differences import NOISE, SAME
from retention.models.preprocessing import Columns
from retention.selection.pipeline import build

FOLDS, REPEATS, CONFIDENCE = 5, 3, 0.95
NUMBERS = [
    "marketing_per_month_6m",
    "days_since_registration",
    "promo_share",
    "unpaid_items_3m",
    "pages_per_visit",
    "minutes_previous",
]
PREPARE = {"encoder": "one-hot", "scaler": "standard"}
FAMILIES: dict[str, dict[str, Any]] = {
    "logistic": {**PREPARE, "C": 0.3},
    "extra_trees": {**PREPARE, "n_estimators": 10, "max_features": 0.5, "min_samples_leaf": 3},
}
THRESHOLD = 0.5


@dataclass(frozen=True)
class Case:
    """What differs between the two runs: their folds, customers, noise in the columns."""

    name: str
    customers: int
    other_folds: bool = False
    other_customers: bool = False
    noise: tuple[float, float] = (0.0, 0.0)  # in standard deviations of each column


CASES = (
    Case("other seed of the models, same folds", 400),
    Case("other seed of everything, other folds", 400, other_folds=True),
    Case("columns that know as much, same folds", 400, noise=(0.5, 0.5)),
    Case("columns that know as much, other folds", 400, other_folds=True, noise=(0.5, 0.5)),
    Case("other customers", 400, other_folds=True, other_customers=True),
    Case("columns that know less, same folds", 1300, noise=(0.0, 0.5)),
    Case("columns that know less, other folds", 1300, other_folds=True, noise=(0.0, 0.5)),
    Case("columns that know less, same folds", 1300, noise=(0.0, 0.75)),
    Case("columns that know less, other folds", 1300, other_folds=True, noise=(0.0, 0.75)),
)


def main() -> None:
    """Run every case, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path, help="the CSV file to write")
    parser.add_argument("--runs", type=int, default=200, help="stores of each case")
    asked = parser.parse_args()
    statistics = load_statistics(Path("retention/demo/store.json"))
    rows = []
    for case in CASES:
        work = partial(compared, case, statistics=statistics)
        calls = [(number,) for number in range(asked.runs)]
        found = door.parallel(work, calls, label=case.name, unit="run")
        rows.append(summary(case, found))
        print(rows[-1])
    write_csv(asked.table, pd.DataFrame(rows), digits=4)


def summary(case: Case, found: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Return a case's row of the table."""
    table = pd.DataFrame(found)
    truth = table["difference"].mean()
    same = case.noise[0] == case.noise[1]
    return {
        "case": case.name,
        "customers": case.customers,
        "runs": len(table),
        "any figure": table["any"].mean(),
        "ROC-AUC": table["roc_auc"].mean(),
        "half-width": table["reach"].mean(),
        "true difference": "" if same else round(truth, 4),
        "power": "" if same else round(float(np.mean(_power(table, truth))), 4),
    }


def _power(table: pd.DataFrame, truth: float) -> Any:
    """Return the chance to see a true difference with each run's own error and level, (runs,)."""
    level, shift = table["reach"] / table["error"], abs(truth) / table["error"]
    # The other side adds less than can be told, and scipy has no number for it at times.
    return nct.sf(level, table["freedom"], shift)


def compared(case: Case, number: int, statistics: Statistics) -> dict[str, float]:
    """Return what comparing two runs on one store says."""
    door.BACKEND = "sequential"  # the runs are parallel already
    store = simulated(case.customers, 2 * number, statistics)
    other = simulated(case.customers, 2 * number + 1, statistics) if case.other_customers else store
    before = revision("before", store, case.noise[0], folds=number, seed=2 * number)
    folds = number + 10_000 if case.other_folds else number
    after = revision("after", other, case.noise[1], folds=folds, seed=2 * number + 1)
    [report] = compare(before, [after], CONFIDENCE, CUSTOMER_ID)
    found = {one["figure"]: one for one in report["figures"]}
    said = {name: one["verdict"] not in (NOISE, SAME) for name, one in found.items()}
    auc = found["roc_auc"]
    return {
        "any": any(said.values()),
        "roc_auc": said["roc_auc"],
        "difference": auc["difference"],
        "reach": (auc["high"] - auc["low"]) / 2,
        "error": auc["error"],
        "freedom": auc["freedom"],
    }


def simulated(customers: int, seed: int, statistics: Statistics) -> pd.DataFrame:
    """Return customers of whom one in eight repeats another, with a column of their groups."""
    count = customers - customers // 8
    table = draw_customers(count, seed, statistics)
    again = table.iloc[: customers - count].assign(customer_id=range(count, customers))
    table["group"] = range(count)
    again["group"] = range(customers - count)
    return pd.concat([table, again], ignore_index=True)


def revision(name: str, store: pd.DataFrame, noise: float, folds: int, seed: int) -> Revision:
    """Return what a revision would keep of a run on a store."""
    random = np.random.default_rng([seed, 1])
    features = store[NUMBERS].astype(np.float64)
    blur = random.standard_normal(features.shape)[store["group"]]  # near-duplicates stay alike
    features += noise * blur * features.std().to_numpy()
    decline, groups = store[DECLINE].to_numpy(), store["group"].to_numpy()
    drawn = [draw_folds(decline, groups, FOLDS, 1000 * folds + r) for r in range(REPEATS)]
    outer = Outer(decline, groups, np.stack(drawn))
    odds = np.zeros(outer.fold.shape)
    for family, candidate in FAMILIES.items():
        model = build(family, candidate, Columns(NUMBERS, []), seed)
        for repeat, _, train, test in outer.splits():
            fitted = model.fit(features.iloc[train], decline[train])
            chance = fitted.predict_proba(features.iloc[test])[:, 1]
            odds[repeat, test] += log_odds(np.clip(chance, 0.01, 0.99)) / len(FAMILIES)
    probability = expit(odds)
    called = probability >= THRESHOLD
    table, prints = kept_table(store, store[CUSTOMER_ID], outer, probability, called)
    return Revision(name, metrics={"evaluate": {"prints": prints}}, kept=read_kept(table))


if __name__ == "__main__":
    main()
