"""How well scores rank: ROC-AUC, its interval, its curve, and what to do with ties."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit, logit

from retention.statistics.intervals import (
    TOO_FEW,
    Interval,
    alone,
    fewest_groups,
    group_sums,
    rate_interval,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def delong_interval(
    decline: Integers, score: Floats, confidence: float, groups: NDArray[np.intp] | None = None
) -> Interval:
    """Return the ROC-AUC with DeLong's interval, on the scale of its log-odds.

    The variance is S₁₀/m + S₀₁/n, where S₁₀ and S₀₁ are the variances, over the m positive and n
    negative rows, of the share of rows of the other class that they are ranked rightly against
    (DeLong, DeLong, Clarke-Pearson 1988; by mid-ranks as in Sun & Xu 2014). With `groups` (n,),
    what the rows of a group add to it is summed first, so that near-duplicates count as one
    (Obuchowski 1997, https://doi.org/10.2307/2533958).

    On the scale of the log-odds the interval stays within 0 and 1 and covers better near 1 (Pepe
    2003, section 5.2). Where the ranking is perfect, or all are tied, that variance is 0: then the
    interval is Wilson's for as many trials as the smaller class has rows. With fewer than `TOO_FEW`
    of a class (groups of it) there is no interval.
    """
    value = roc_auc(decline, score)
    rows = np.arange(len(decline)) if groups is None else groups
    fewest = fewest_groups(decline, rows)
    if fewest < TOO_FEW:
        return alone(value)
    error = _delong_error(decline, score, groups)
    if error == 0 or not 0 < value < 1:
        return {**rate_interval(value * fewest, fewest, confidence), "value": value}
    reach = float(stats.norm.ppf((1 + confidence) / 2)) * error / (value * (1 - value))
    low, high = expit(logit(value) + np.array([-reach, reach]))
    return {"value": value, "low": float(low), "high": float(high)}


def _delong_error(decline: Integers, score: Floats, groups: NDArray[np.intp] | None) -> float:
    positive = decline == 1
    m, n = int(positive.sum()), int((~positive).sum())
    ranks = stats.rankdata(score)
    right = np.empty(len(score))  # share of the other class that a row is ranked rightly against
    right[positive] = (ranks[positive] - stats.rankdata(score[positive])) / n
    right[~positive] = 1 - (ranks[~positive] - stats.rankdata(score[~positive])) / m
    if groups is None:
        parts = right[positive].var(ddof=1) / m + right[~positive].var(ddof=1) / n
        return float(np.sqrt(parts))
    part = (right - right[positive].mean()) / np.where(positive, m, n)
    sums = group_sums(part, groups)
    return float(np.sqrt((sums**2).sum() * len(sums) / (len(sums) - 1)))


def roc_auc(decline: Integers, score: Floats) -> float:
    """Return the ROC-AUC; nan where a class is missing."""
    return float(roc_aucs(decline, score[None, :])[0])


def roc_aucs(decline: Integers, scores: Floats) -> Floats:
    """Return the ROC-AUC of each row of `scores`, (k, n) → (k,); quicker than one by one.

    By mid-ranks, as the statistic of Mann and Whitney (1947): U / (m·n). nan where a class is
    missing.
    """
    positive = decline == 1
    m, n = int(positive.sum()), int((~positive).sum())
    if not m or not n:
        return np.full(len(scores), np.nan)
    ranks: Floats = stats.rankdata(scores, axis=1)
    values: Floats = (ranks[:, positive].sum(axis=1) - m * (m + 1) / 2) / (m * n)
    return values


def roc_points(decline: Integers, score: Floats, curve: str, most: int = 100) -> pd.DataFrame:
    """Return the ROC curve: `curve`, `false_positive_rate`, `true_positive_rate`.

    Of its corners, at most about `most` are taken, evenly along the curve, both ends among them:
    more than a picture shows only make the file longer.
    """
    order = np.argsort(-score, kind="stable")
    last_of_tie = np.append(np.diff(score[order]) != 0, True)
    hits = np.cumsum(decline[order])[last_of_tie]
    false = np.flatnonzero(last_of_tie) + 1 - hits
    points = np.column_stack([np.append(0, false), np.append(0, hits)]) / [
        max(int(false[-1]), 1),
        max(int(hits[-1]), 1),
    ]
    along = points.sum(axis=1)  # rises from 0 to 2
    taken = np.unique(np.searchsorted(along, np.linspace(0, along[-1], most)))
    table = pd.DataFrame(points[taken], columns=["false_positive_rate", "true_positive_rate"])
    table.insert(0, "curve", curve)
    return table


def tied_mean(values: NDArray[np.number], key: Floats) -> Floats:
    """Return each customer's mean of `values` over all customers of the same `key`, (customers,).

    A cut through customers of equal key would otherwise follow the order of the rows, and the
    shop's file is sorted by class: who is tied would be told apart by the outcome. The mean is what
    a random order of them gives on average.
    """
    _, tie = np.unique(key, return_inverse=True)
    mean: Floats = np.bincount(tie, weights=values) / np.bincount(tie)
    return mean[tie]
