"""The learning curve and what its last steps brought, from data/learn/learnt.csv.

`learnt` has a row per `share`, `repeat` and `fold`: `customers` learnt from, and `roc_auc`, nan for
shares that leave too few. Intervals are the corrected ones of `retention.statistics.paired`, with
n_test/n_train = 1/(K − 1) at every share.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.statistics.intervals import TOO_FEW
from retention.statistics.paired import corrected_difference, corrected_interval, smallest_seen
from retention.statistics.ranking import roc_auc

KEYS = ["repeat", "fold"]


def with_everybody(
    learnt: pd.DataFrame,
    decline: NDArray[np.int64],
    probability: NDArray[np.float64],
    fold: NDArray[np.int64],
) -> pd.DataFrame:
    """Return the table with the share 1: the procedure on whole training parts, first repeat.

    That is the one which scored the customers: `probability` (n,) by the models of the first
    repeat's folds (n,) that didn't see them.
    """
    rows = [
        (1.0, 1, number, int((fold != number).sum()), roc_auc(decline[test], probability[test]))
        for number in np.unique(fold).tolist()
        for test in [fold == number]
    ]
    whole = pd.DataFrame(rows, columns=["share", "repeat", "fold", "customers", "roc_auc"])
    return pd.concat([learnt[learnt["share"] < 1], whole], ignore_index=True)


def curve(learnt: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return the mean over the splits for each size, with its corrected interval.

    Columns: `customers` (mean number learnt from), `roc_auc`, `low`, `high`.
    """
    rows = []
    for _, part in _known(learnt).groupby("share"):
        folds = part["fold"].nunique()
        found = corrected_interval(part["roc_auc"].to_numpy(), folds, confidence, TOO_FEW)
        rows.append((round(part["customers"].mean()), found["value"], found["low"], found["high"]))
    return pd.DataFrame(rows, columns=["customers", "roc_auc", "low", "high"])


def gain(learnt: pd.DataFrame, fewer: float, more: float, confidence: float) -> dict[str, Any]:
    """Return what the larger share of two brings in ROC-AUC, paired by split.

    `smallest` is the gain that these splits would have shown with a power of 80 %.
    """
    first, second = (
        learnt[learnt["share"] == share].set_index(KEYS).sort_index() for share in (fewer, more)
    )
    both = first.index.intersection(second.index)
    differences = (second["roc_auc"] - first["roc_auc"]).loc[both].to_numpy()
    folds = learnt["fold"].nunique()
    found = corrected_difference(differences, folds, confidence)
    return {
        "from": round(first["customers"].mean()),
        "to": round(second["customers"].mean()),
        "gain": found.value,
        "low": found.low,
        "high": found.high,
        "p": found.p,
        "smallest": smallest_seen(differences, folds, confidence),
    }


def last_gains(learnt: pd.DataFrame, confidence: float) -> dict[str, Any]:
    """Return the gains of the last step and of the last doubling of customers, and what is missing.

    Each gain is None without a share that it could start from: for the doubling, the largest that
    is at most half of the last. `skipped_shares` left too few customers to learn from.
    """
    known = _known(learnt)
    *earlier, last = sorted(known["share"].unique()) or [np.nan]
    halves = [share for share in earlier if share <= last / 2]
    return {
        **{
            name: gain(known, starts[-1], last, confidence) if starts else None
            for name, starts in (("last_step", earlier), ("last_doubling", halves))
        },
        "skipped_shares": sorted(set(learnt["share"]) - set(known["share"])),
    }


def _known(learnt: pd.DataFrame) -> pd.DataFrame:
    """Return the shares that every split could learn from."""
    missing = learnt["roc_auc"].isna().groupby(learnt["share"]).any()
    return learnt[~learnt["share"].map(missing).astype(bool)]
