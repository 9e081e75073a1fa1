"""Figures that say how good probabilities are, with intervals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
    roc_curve,
)

Interval = dict[str, float]  # value, low, high


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


def group_bootstrap_interval(
    figure: Callable[[NDArray[np.int64], NDArray[np.float64]], float],
    decline: NDArray[np.int64],
    score: NDArray[np.float64],
    groups: NDArray[np.intp],
    *,
    samples: int,
    confidence: float,
    seed: int,
) -> Interval:
    """Return a figure with its percentile interval over resampled groups of near-duplicates.

    Groups, not rows, are drawn, separately among groups with and without a decline.
    """
    random = np.random.default_rng(seed)
    rows = pd.Series(np.arange(len(decline)))
    members = [part.to_numpy() for _, part in rows.groupby(groups)]
    with_decline = np.array([bool(decline[part].any()) for part in members])
    strata = [np.flatnonzero(with_decline), np.flatnonzero(~with_decline)]
    values = []
    for _ in range(samples):
        drawn = np.concatenate([random.choice(stratum, len(stratum)) for stratum in strata])
        sample = np.concatenate([members[group] for group in drawn])
        values.append(figure(decline[sample], score[sample]))
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return {"value": figure(decline, score), "low": float(low), "high": float(high)}


def rate_interval(hits: float, of: int, confidence: float) -> Interval:
    """Return the share `hits`/`of` with its Wilson interval; all nan when `of` is 0.

    (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n), as scipy's `binomtest` has it; here, hits
    that were shared out among tied customers may be a fraction.
    """
    if of == 0:
        return {"value": np.nan, "low": np.nan, "high": np.nan}
    share, z = hits / of, float(stats.norm.ppf((1 + confidence) / 2))
    centre = (share + z**2 / (2 * of)) / (1 + z**2 / of)
    reach = z / (1 + z**2 / of) * np.sqrt(share * (1 - share) / of + z**2 / (4 * of**2))
    low = 0.0 if share == 0 else float(centre - reach)
    high = 1.0 if share == 1 else float(centre + reach)
    return {"value": share, "low": low, "high": high}


def figures(
    decline: NDArray[np.int64], probability: NDArray[np.float64], threshold: float
) -> dict[str, Any]:
    """Return the figures without intervals; class figures count declines from `threshold` on."""
    predicted = (probability >= threshold).astype(int)
    return {
        "pr_auc": average_precision_score(decline, probability),
        "log_loss": log_loss(decline, probability),
        "brier": brier_score_loss(decline, probability),
        "accuracy": accuracy_score(decline, predicted),
        "precision": precision_score(decline, predicted, zero_division=0),
        "recall": recall_score(decline, predicted),
        "f1": f1_score(decline, predicted),
    }


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
