"""Choosing among the families' best candidates and their blend, by cross-validation alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from retention.comparison import corrected_difference
from retention.estimators.blend import Blend
from retention.folds import splits
from retention.yaml12 import parse_scalar

BLEND = "blend"

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def best_roc_auc(candidates: pd.DataFrame) -> Floats:
    """Return the ROC-AUC of a family's best candidate on each split, shape (J,)."""
    return candidates.filter(like="split_").iloc[0].to_numpy(dtype=np.float64)


def blend_roc_auc(unseen: Sequence[Floats], decline: Integers, folds: Sequence[Integers]) -> Floats:
    """Return the ROC-AUC of a blend of all families on the same splits.

    Calibration and weights are learnt on the other folds of a repeat and judged on the fold that
    is left out.

    Parameters
    ----------
    unseen
        For each repeat the families' unseen scores, shape (families, n).
    decline
        Class of each row, shape (n,).
    folds
        For each repeat the fold of each row, -1 for rows that take no part, shape (n,).

    """
    return np.array(
        [
            roc_auc_score(
                decline[test],
                Blend({}).fit_weights(scores[:, train], decline[train]).combine(scores[:, test]),
            )
            for scores, fold in zip(unseen, folds, strict=True)
            for train, test in splits(fold)
        ]
    )


def compare(
    roc_auc: Mapping[str, Floats], choice: str, folds: int, confidence: float
) -> pd.DataFrame:
    """Rank what could be chosen by the mean ROC-AUC over the same splits.

    Parameters
    ----------
    roc_auc
        Name → ROC-AUC on each split, shape (J,).
    choice
        The name that was chosen.
    folds, confidence
        As in `corrected_difference`.

    Returns
    -------
    One row a name, the best first: `family`, `roc_auc`, `sd`, and by how much the choice is ahead
    of it: `ahead`, `low`, `high`, `p`, `within_noise`.

    """
    # sorted() is stable: of equal means the one that was given first comes first.
    ranked = sorted(roc_auc, key=lambda name: -round(float(roc_auc[name].mean()), 10))
    rows = []
    for name in ranked:
        ahead = corrected_difference(roc_auc[choice] - roc_auc[name], folds, confidence)
        rows.append(
            {
                "family": name,
                "roc_auc": roc_auc[name].mean(),
                "sd": roc_auc[name].std(ddof=1),
                "ahead": ahead.value,
                "low": ahead.low,
                "high": ahead.high,
                "p": ahead.p,
                "within_noise": ahead.within_noise,
            }
        )
    return pd.DataFrame(rows)


def choose(roc_auc: Mapping[str, Floats], rule: str) -> str:
    """Return the name of the choice.

    `best_mean` takes the highest mean ROC-AUC, of equal ones the first. `blend` takes the blend
    where there is one: picking the winner of noisy scores costs more than weighing all families,
    and the weights may still make it a single one.
    """
    if rule == BLEND and BLEND in roc_auc:
        return BLEND
    return max(roc_auc, key=lambda name: round(float(roc_auc[name].mean()), 10))


def read_candidates(path: Path) -> pd.DataFrame:
    """Read a family's candidates as text, so that 2 stays 2 and 2.0 stays 2.0."""
    return pd.read_csv(path, dtype=str)


def hyperparameters(candidates: pd.DataFrame) -> dict[str, Any]:
    """Return the hyperparameters of a family's best candidate, those that it uses."""
    row = candidates.drop(columns=["mean", "sd"]).iloc[0].dropna()
    return {
        str(name): parse_scalar(str(value))
        for name, value in row.items()
        if not str(name).startswith("split_")
    }
