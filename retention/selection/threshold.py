"""From which probability on a customer counts as declining."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve


def threshold(decline: NDArray[np.int64], probability: NDArray[np.float64], rule: str) -> float:
    """Return the probability from which on a customer counts as declining.

    `f1` maximises the F1 score of the given rows, `youden` the recall of both classes together
    (Youden 1950). Of equal ones, the highest is taken.
    """
    if rule == "f1":
        precision, recall, cuts = precision_recall_curve(decline, probability)
        gain = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        gain = gain[:-1]  # the last point has no cut
    else:
        false_positive, true_positive, cuts = roc_curve(decline, probability)
        gain = np.where(np.isfinite(cuts), true_positive - false_positive, -np.inf)
    best = np.flatnonzero(gain.round(10) == gain.round(10).max())
    return float(cuts[best].max())
