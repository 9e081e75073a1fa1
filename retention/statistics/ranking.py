"""How well scores rank: ROC-AUC, its interval, its curve, and what to do with ties."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from sklearn.metrics import roc_auc_score, roc_curve

from retention.statistics.intervals import Interval


def delong_interval(
    decline: NDArray[np.int64], score: NDArray[np.float64], confidence: float
) -> Interval:
    """Return the ROC-AUC with DeLong's interval.

    The variance is S₁₀/m + S₀₁/n, where S₁₀ and S₀₁ are the variances, over the m positive and n
    negative rows, of the share of rows of the other class that they are ranked rightly against
    (DeLong, DeLong, Clarke-Pearson 1988; by mid-ranks as in Sun & Xu 2014).
    """
    positive, negative = score[decline == 1], score[decline == 0]
    m, n = len(positive), len(negative)
    ranks = stats.rankdata(np.concatenate([positive, negative]))
    above_negatives = (ranks[:m] - stats.rankdata(positive)) / n
    below_positives = 1 - (ranks[m:] - stats.rankdata(negative)) / m
    value = float(above_negatives.mean())
    error = np.sqrt(above_negatives.var(ddof=1) / m + below_positives.var(ddof=1) / n)
    reach = float(stats.norm.ppf((1 + confidence) / 2) * error)
    return {"value": value, "low": max(0.0, value - reach), "high": min(1.0, value + reach)}


def roc_auc(decline: NDArray[np.int64], score: NDArray[np.float64]) -> float:
    """Return the ROC-AUC."""
    return float(roc_auc_score(decline, score))


def roc_aucs(decline: NDArray[np.int64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ROC-AUC of each row of `scores`, (k, n) → (k,); quicker than one by one.

    By mid-ranks, as the statistic of Mann and Whitney (1947): U / (m·n).
    """
    positive = decline == 1
    m, n = int(positive.sum()), int((~positive).sum())
    ranks: NDArray[np.float64] = stats.rankdata(scores, axis=1)
    values: NDArray[np.float64] = (ranks[:, positive].sum(axis=1) - m * (m + 1) / 2) / (m * n)
    return values


def roc_points(decline: NDArray[np.int64], score: NDArray[np.float64], curve: str) -> pd.DataFrame:
    """Return the ROC curve's corners: `curve`, `false_positive_rate`, `true_positive_rate`."""
    false_positive, true_positive, _ = roc_curve(decline, score)
    return pd.DataFrame(
        {
            "curve": curve,
            "false_positive_rate": false_positive,
            "true_positive_rate": true_positive,
        }
    )


def tied_mean(values: NDArray[np.number], key: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each customer's mean of `values` over all customers of the same `key`, (customers,).

    A cut through customers of equal key would otherwise follow the order of the rows, and the
    shop's file is sorted by class: who is tied would be told apart by the outcome. The mean is what
    a random order of them gives on average.
    """
    _, tie = np.unique(key, return_inverse=True)
    mean: NDArray[np.float64] = np.bincount(tie, weights=values) / np.bincount(tie)
    return mean[tie]
