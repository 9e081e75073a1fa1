"""How many of the strongest cuts a customer is on the risky side of, and what that tells."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from retention.discovery.cuts import Cut, Setting, check_cuts, find_cut
from retention.folds import splits
from retention.statistics.intervals import Interval, group_bootstrap_interval, rate_interval
from retention.statistics.ranking import roc_auc

Integers = NDArray[np.int64]


def strongest(customers: pd.DataFrame, checked: pd.DataFrame, setting: Setting) -> list[Cut]:
    """Return the cuts that hold, those with the largest gain first, at most `setting.counted`.

    `checked` is `check_cuts` of these customers: nobody else has a say in where the cuts are, which
    hold, and which are strongest.
    """
    names = checked.loc[checked["holds"], "column"]
    held = [find_cut(customers, name, setting.least_share) for name in names]
    return sorted(held, key=lambda cut: -cut.gain)[: setting.counted]


def rules_met(customers: pd.DataFrame, cuts: Sequence[Cut]) -> Integers:
    """Return on how many risky sides each customer is, shape (n,)."""
    counts = np.zeros(len(customers), dtype=np.int64)
    for cut in cuts:
        counts += cut.risky(customers).to_numpy()
    return counts


def unseen_rules_met(
    customers: pd.DataFrame, fold: Integers, groups: NDArray[np.intp], setting: Setting
) -> Integers:
    """Return `rules_met` by the strongest cuts of the other folds, which are chosen anew for each.

    -1 for customers without a fold; shape (n,). Shows progress.
    """
    counts = np.full(len(customers), -1, dtype=np.int64)
    for train, test in tqdm(splits(fold), desc="cut: rules", unit="fold"):
        learnt = customers.iloc[train]
        cuts = strongest(learnt, check_cuts(learnt, fold[train], groups[train], setting), setting)
        counts[test] = rules_met(customers.iloc[test], cuts)
    return counts


def declines_by_count(
    counts: Integers, decline: Integers, most: int, confidence: float
) -> pd.DataFrame:
    """Return declines by the number of rules met, a row each from 0 to `most`.

    Columns: `rules_met`, `customers`, `rate`, `low`, `high` (Wilson).
    """
    rows = []
    for count in range(most + 1):
        part = decline[counts == count]
        rate = rate_interval(int(part.sum()), len(part), confidence)
        rows.append(
            {
                "rules_met": count,
                "customers": len(part),
                "rate": rate["value"],
                "low": rate["low"],
                "high": rate["high"],
            }
        )
    return pd.DataFrame(rows)


def count_roc_auc(
    counts: Integers,
    decline: Integers,
    groups: NDArray[np.intp],
    *,
    samples: int,
    confidence: float,
    seed: int,
) -> Interval:
    """Return the ROC-AUC of the count as a score, with its bootstrap interval over groups.

    All nan when all or none declined.
    """
    if len(np.unique(decline)) < 2:
        return {"value": math.nan, "low": math.nan, "high": math.nan}
    return group_bootstrap_interval(
        roc_auc,
        decline,
        counts.astype(np.float64),
        groups,
        samples=samples,
        confidence=confidence,
        seed=seed,
    )
