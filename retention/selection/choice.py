"""Choosing among the families' best candidates and their blend, by cross-validation alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from retention.folds import splits
from retention.harness.yaml12 import parse_scalar
from retention.models.blend import Blend
from retention.statistics.paired import corrected_difference, corrected_error

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
    ranked = sorted(roc_auc, key=lambda name: -_mean(roc_auc[name]))
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


def choose(
    roc_auc: Mapping[str, Floats], rule: str, *, folds: int, simplest_first: Sequence[str]
) -> str:
    """Return the name of the choice.

    `best_mean` takes the highest mean ROC-AUC, of equal ones the first. `blend` takes the blend
    where there is one: picking the winner of noisy scores costs more than weighing all families,
    and the weights may still make it a single one. `one_se` takes the simplest whose mean is at
    most one standard error below the highest (Breiman, Friedman, Olshen, Stone 1984, section
    3.4.3), the error being that of the highest mean, `corrected_error`.

    Parameters
    ----------
    roc_auc
        Name → ROC-AUC on each split, shape (J,).
    rule
        One of the three.
    folds
        Folds of each repeat.
    simplest_first
        Families in the order of `one_se`. Families that it doesn't name count as more complex than
        those, and the blend, which holds them all, as more complex than any; of equally complex
        ones the highest mean is taken.

    """
    best = _best_mean(roc_auc)
    if rule == "best_mean" or (rule == BLEND and BLEND not in roc_auc):
        return best
    if rule == BLEND:
        return BLEND
    least = _mean(roc_auc[best]) - corrected_error(roc_auc[best], folds)
    order = [*simplest_first]

    def complexity(name: str) -> tuple[bool, int, float]:
        place = order.index(name) if name in order else len(order)
        return name == BLEND, place, -_mean(roc_auc[name])

    return min((name for name in roc_auc if _mean(roc_auc[name]) >= least), key=complexity)


def best_family(roc_auc: Mapping[str, Floats]) -> str:
    """Return the family with the highest mean ROC-AUC, whatever is chosen; of equals the first."""
    return _best_mean(_families(roc_auc))


def splits_won(roc_auc: Mapping[str, Floats]) -> dict[str, int]:
    """Return on how many splits each family had the highest ROC-AUC, ahead of other families.

    Of equal ones the first counts; families that never won are left out.
    """
    families = _families(roc_auc)
    winners = np.stack(list(families.values())).round(10).argmax(axis=0)
    wins = np.bincount(winners, minlength=len(families)).tolist()
    return {name: count for name, count in zip(families, wins, strict=True) if count}


def _families(roc_auc: Mapping[str, Floats]) -> dict[str, Floats]:
    return {name: scores for name, scores in roc_auc.items() if name != BLEND}


def _best_mean(roc_auc: Mapping[str, Floats]) -> str:
    return max(roc_auc, key=lambda name: _mean(roc_auc[name]))


def _mean(scores: Floats) -> float:
    # Sums in another order differ in the last digits: a tie must not hang on them.
    return round(float(scores.mean()), 10)


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
