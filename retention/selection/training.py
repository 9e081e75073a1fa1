"""Calibrated models, and scores that no model gave to its own training customers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve
from sklearn.pipeline import Pipeline

from retention.folds import splits
from retention.models.blend import Blend


@dataclass(frozen=True)
class OutOfFold:
    """Models that each left out one fold, and the probabilities of the fold that they left out."""

    models: list[Blend]
    probability: NDArray[np.float64]  # (n,), nan where no fold is given


def fit_out_of_fold(
    members: dict[str, Pipeline],
    features: pd.DataFrame,
    decline: NDArray[np.int64],
    fold: NDArray[np.int64],
) -> OutOfFold:
    """Score each row by a calibrated blend that saw neither the row nor its fold.

    Rows of fold -1 take no part; model number k left out fold number k.
    """
    models = []
    probability = np.full(len(features), np.nan)
    for train, test in splits(fold):
        model = Blend(members).fit(features.iloc[train], decline[train], fold[train])
        models.append(model)
        probability[test] = decline_probability(model, features.iloc[test])
    return OutOfFold(models, probability)


def decline_probability(model: Blend, features: pd.DataFrame) -> NDArray[np.float64]:
    """Return the probability of class 1, the decline, shape (n,)."""
    column = list(model.classes_).index(1)
    return np.asarray(model.predict_proba(features)[:, column], dtype=np.float64)


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
