"""What each customer adds to the figures of outer folds: to pair customers where folds differ.

The contributions of a test part sum to nothing; a figure over other customers is, to the first
order, the figure plus theirs (the infinitesimal jackknife; Efron 1982, ch. 6). For the ROC-AUC they
are the placements of DeLong, DeLong & Clarke-Pearson (1988).
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import rankdata

from retention.evaluation.calibration import in_the_large, log_odds
from retention.evaluation.kept import Kept

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def contributions(kept: Kept) -> pd.DataFrame:
    """Return each customer's contribution to each figure, (n, m), as means over the splits.

    Columns: `roc_auc`, `log_loss`, `brier`, `in_the_large`, `precision`, `recall`.
    """
    outer = kept.outer
    whole: dict[str, Floats] = {}
    splits = 0
    for repeat, _, _, test in outer.splits():
        splits += 1
        found = _of_part(
            outer.decline[test], kept.probability[repeat, test], kept.called[repeat, test]
        )
        for name, values in found.items():
            whole.setdefault(name, np.zeros(len(outer.decline)))[test] += values
    return pd.DataFrame(whole) / splits


def _of_part(
    decline: Integers, probability: Floats, called: NDArray[np.bool_]
) -> dict[str, Floats]:
    count, odds = len(decline), log_odds(probability)
    loss = np.logaddexp(0, (1 - 2 * decline) * odds)
    square = (probability - decline) ** 2
    offset = in_the_large(decline, probability, np.arange(count), 0.95)["value"]
    shifted = expit(odds + offset)
    hit = called & (decline == 1)
    precision = hit.sum() / max(int(called.sum()), 1)
    recall = hit.sum() / max(int(decline.sum()), 1)
    return {
        "roc_auc": _placements(decline, probability),
        "log_loss": (loss - loss.mean()) / count,
        "brier": (square - square.mean()) / count,
        "in_the_large": (decline - shifted) / (shifted * (1 - shifted)).sum(),
        "precision": called * (decline - precision) / max(int(called.sum()), 1),
        "recall": decline * (called - recall) / max(int(decline.sum()), 1),
    }


def _placements(decline: Integers, score: Floats) -> Floats:
    """Return (share of the other class that a row is ranked rightly against − ROC-AUC) / class."""
    positive = decline == 1
    m, n = int(positive.sum()), int((~positive).sum())
    ranks = rankdata(score)
    right = np.empty(len(score))
    right[positive] = (ranks[positive] - rankdata(score[positive])) / n
    right[~positive] = 1 - (ranks[~positive] - rankdata(score[~positive])) / m
    found: Floats = (right - right[positive].mean()) / np.where(positive, m, n)
    return found
