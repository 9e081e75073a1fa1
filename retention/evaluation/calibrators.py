"""Probabilities before and after calibration, judged on folds that the calibrator did not see.

Shapes: `scores` are (members, customers), one row for a family alone and one for each family of the
blend; `decline`, `fold` and probabilities of one method are (customers,). Class 1 is the decline.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss

from retention.evaluation.calibration import (
    LEAST_PROBABILITY,
    brier_skill,
    calibration_points,
    expected_calibration_error,
)
from retention.folds import splits
from retention.models.blend import Blend
from retention.statistics.intervals import group_bootstrap_interval

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NONE, SIGMOID, ISOTONIC = "none", "sigmoid", "isotonic"
METHODS = (NONE, SIGMOID, ISOTONIC)


def plain_probability(model: Any, scores: Floats) -> Floats:
    """Return what a model's scores say as probabilities, without any calibration.

    The scores are those of `retention.models.blend.decision`. A decision value is taken for
    log-odds, which it is but for an SVC: that has no probabilities of its own.
    """
    return np.asarray(expit(scores)) if hasattr(model, "decision_function") else scores


def calibrated(
    scores: Floats, plain: Floats, decline: Integers, fold: Integers
) -> dict[str, Floats]:
    """Return each customer's probability by each of `METHODS`, calibrated on the other folds.

    `none` is the mean of the members' plain probabilities; `sigmoid` is `Blend`, as the pipeline
    calibrates and weighs; `isotonic` is a rising step function of that mean (Zadrozny & Elkan 2002,
    https://doi.org/10.1145/775047.775151). The members' scores of the other folds come from models
    that saw the judged fold, so that calibrators of many steps look a little too good; nested
    cross-validation (`retention.evaluation.nested`) is free of that.

    Parameters
    ----------
    scores, plain
        The members' unseen scores, and the same as plain probabilities, shape (members, customers).
    decline, fold
        Class of each customer, and the fold in which it is judged, -1 for those who take no part:
        their probabilities are nan, but for `none`.

    """
    mean = plain.mean(axis=0)
    sigmoid, isotonic = np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    for train, test in splits(fold):
        blend = Blend({}).fit_weights(scores[:, train], decline[train])
        sigmoid[test] = expit(blend.combine(scores[:, test]))
        steps = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
        isotonic[test] = steps.fit(mean[train], decline[train]).predict(mean[test])
    return {NONE: mean, SIGMOID: sigmoid, ISOTONIC: isotonic}


def calibrated_models(
    scores: Mapping[str, Floats],
    models: Mapping[str, Any],
    members: Mapping[str, Sequence[str]],
    decline: Integers,
    fold: Integers,
) -> dict[str, dict[str, Floats]]:
    """Return `calibrated` for each name in `members`: a family alone, or a blend of several.

    `scores` are each family's unseen scores (customers,), `models` the families' candidates.
    """
    plain = {name: plain_probability(models[name], scores[name]) for name in scores}
    return {
        name: calibrated(
            np.stack([scores[part] for part in parts]),
            np.stack([plain[part] for part in parts]),
            decline,
            fold,
        )
        for name, parts in members.items()
    }


def judge_methods(
    repeats: Sequence[dict[str, Floats]],
    decline: Integers,
    groups: NDArray[np.intp],
    *,
    bins: int,
    samples: int,
    confidence: float,
    seed: int,
) -> dict[str, Any]:
    """Return the figures of each method, and `best`, the one with the lowest log loss.

    Figures are means over the repeats. The interval of `ece` is that of its mean over resampled
    groups of near-duplicates, and lies too high, see `ece_interval`. For the log loss,
    probabilities are cut off at `LEAST_PROBABILITY`: steps and small neighbourhoods give 0 and 1,
    and one mistake there would make it infinite.

    Parameters
    ----------
    repeats
        For each repeat what `calibrated` returns.
    decline, groups
        Class and group of near-duplicates, shape (customers,).
    bins
        Of the calibration error.
    samples, confidence, seed
        Of the bootstrap over groups.

    """
    judged: dict[str, Any] = {}
    for method in METHODS:
        probabilities = np.stack([repeat[method] for repeat in repeats], axis=1)
        columns = list(probabilities.T)
        cut = np.clip(probabilities.T, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)

        def mean_error(drawn: Integers, scores: Floats) -> float:
            errors = [expected_calibration_error(drawn, column, bins) for column in scores.T]
            return float(np.mean(errors))

        judged[method] = {
            "log_loss": np.mean([log_loss(decline, column) for column in cut]),
            "brier": np.mean([brier_score_loss(decline, column) for column in columns]),
            "brier_skill": np.mean(
                [brier_skill(decline, column, float(decline.mean())) for column in columns]
            ),
            "ece": group_bootstrap_interval(
                mean_error,
                decline,
                probabilities,
                groups,
                samples=samples,
                confidence=confidence,
                seed=seed,
            ),
        }
    return {**judged, "best": min(METHODS, key=lambda method: judged[method]["log_loss"])}


def curves(
    probabilities: dict[str, Floats], decline: Integers, bins: int, confidence: float
) -> pd.DataFrame:
    """Return the reliability curve of each method, one below the other.

    Columns: `method`, and those of `calibration_points`.
    """
    parts = {
        method: calibration_points(decline, probability, bins, confidence)
        for method, probability in probabilities.items()
    }
    return pd.concat(parts, names=["method"]).reset_index("method")
