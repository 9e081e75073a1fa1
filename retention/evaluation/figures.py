"""All figures of one set of scored customers, for metrics/evaluation.json."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
)

from retention.evaluation import calibration


def judge(
    decline: NDArray[np.int64],
    probability: NDArray[np.float64],
    groups: NDArray[np.intp],
    *,
    threshold: float,
    base_rate: float,
    bins: int,
    samples: int,
    confidence: float,
    seed: int,
) -> dict[str, Any]:
    """Return the figures of probabilities against outcomes.

    Parameters
    ----------
    decline, probability, groups
        Class, predicted probability of decline, and group of near-duplicates, shape (n,).
    threshold
        Probability from which on a customer counts as declining.
    base_rate
        Share of declines in training, against which the Brier score is held.
    bins
        Of the calibration error.
    samples, confidence, seed
        Of the bootstrap over groups.

    """
    drawn: dict[str, Any] = {"samples": samples, "confidence": confidence, "seed": seed}
    return {
        "customers": len(decline),
        **figures(decline, probability, threshold),
        "brier_skill": calibration.brier_skill(decline, probability, base_rate),
        "ece": calibration.ece_interval(decline, probability, groups, bins=bins, **drawn),
        # What the same probabilities would show by chance if they were true.
        "ece_of_perfect": calibration.ece_of_perfect(probability, bins, samples, seed),
        "calibration": calibration.calibration_slope_intercept(decline, probability),
    }


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
