"""All figures of probabilities by models that never saw the customers, for metrics/evaluate.json.

Shapes as in `retention.evaluation.outer`: probabilities and predictions are (R, n).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, log_loss

from retention.evaluation import calibration
from retention.evaluation.outer import Floats, Integers, Outer
from retention.evaluation.splits import class_figures
from retention.statistics.paired import corrected_difference, corrected_interval
from retention.statistics.ranking import roc_auc, roc_points


@dataclass(frozen=True)
class Setting:
    """Level of the intervals, bins of the calibration error, resamples and draws of its floor."""

    confidence: float
    bins: int
    samples: int
    seed: int


def judge(probability: Floats, outer: Outer, setting: Setting) -> dict[str, Any]:
    """Return the figures of probabilities.

    ROC-AUC and PR-AUC are means over the J splits; the others rest on all customers of all repeats.
    The interval of the ROC-AUC is the corrected one (`retention.statistics.paired`); those of the
    calibration are said there. Log loss, Brier score and ECE have none: they are compared, not
    held against a bound, and the ECE is to be read beside its floor.
    """
    repeats = len(probability)
    stacked = probability.ravel()
    decline, groups = np.tile(outer.decline, repeats), np.tile(outer.groups, repeats)
    first, confidence = probability[0], setting.confidence
    return {
        "roc_auc": corrected_interval(
            outer.by_split(roc_auc, probability), outer.folds, confidence, outer.rarer
        ),
        "pr_auc": float(np.nanmean(outer.by_split(_pr_auc, probability))),
        "log_loss": log_loss(decline, stacked, labels=[0, 1]),
        "brier": float(np.mean((stacked - decline) ** 2)),
        "brier_skill": calibration.brier_skill(decline, stacked, outer.known_rate().ravel()),
        "calibration": {
            "in_the_large": calibration.in_the_large(decline, stacked, groups, confidence),
            "slope": calibration.slope(decline, stacked, groups, confidence),
        },
        "ece": _mean(
            [
                calibration.expected_calibration_error(outer.decline, one, setting.bins)
                for one in probability
            ]
        ),
        # What the same probabilities would show by chance if they were true.
        "ece_of_perfect": calibration.ece_of_perfect(
            first, setting.bins, setting.samples, setting.seed
        ),
        "ici": _mean(
            [calibration.integrated_calibration_index(outer.decline, one) for one in probability]
        ),
        "ici_of_perfect": calibration.ici_of_perfect(first, setting.samples, setting.seed),
    }


def judge_classes(predicted: NDArray[np.bool_], outer: Outer, confidence: float) -> dict[str, Any]:
    """Return what the threshold is worth, beside counting everybody as declining.

    `predicted` is by thresholds that were learnt inside each training part. Figures are means over
    the J splits with the corrected interval; `confusion` counts the customers of the first repeat.
    `all_decline` has the same figures of the dummy, and by how much F1 is `ahead` of it.
    """
    everybody = np.ones_like(predicted)
    rests_on = {
        "precision": int(predicted[0].sum()),
        "recall": outer.rarer,
        "f1": outer.rarer,
        "accuracy": len(outer.decline),
    }
    found, dummy = class_figures(predicted, outer), class_figures(everybody, outer)
    ahead = corrected_difference(found["f1"] - dummy["f1"], outer.folds, confidence)
    declined, called = outer.decline == 1, predicted[0]
    return {
        **{
            name: corrected_interval(values, outer.folds, confidence, rests_on[name])
            for name, values in found.items()
        },
        "confusion": {
            "declined_found": int((declined & called).sum()),
            "declined_missed": int((declined & ~called).sum()),
            "stayed_called": int((~declined & called).sum()),
            "stayed_left": int((~declined & ~called).sum()),
        },
        "all_decline": {
            **{name: float(values.mean()) for name, values in dummy.items()},
            "ahead": {
                "difference": ahead.value,
                "low": ahead.low,
                "high": ahead.high,
                "p": ahead.p,
            },
        },
    }


def threshold_spread(
    probability: Floats, predicted: NDArray[np.bool_], outer: Outer
) -> dict[str, float]:
    """Return the least, middle and largest threshold of the J training parts.

    A threshold is read off its test part: the least probability that was called declining, so it
    lies within the gap to the next lower one. Missing where nobody was called in any split.
    """
    found = [
        probability[repeat][test][predicted[repeat][test]].min(initial=np.inf)
        for repeat, _, _, test in outer.splits()
    ]
    seen = np.array([value for value in found if np.isfinite(value)] or [np.nan])
    return {
        "least": float(seen.min()),
        "median": float(np.median(seen)),
        "largest": float(seen.max()),
    }


def headline(whole: Mapping[str, Any]) -> dict[str, Any]:
    """Return of metrics/evaluate.json the few figures that runs and branches are compared by."""
    roc_auc_interval, classes = whole["roc_auc"], ("precision", "recall", "f1")
    return {
        "roc_auc": roc_auc_interval["value"],
        "roc_auc_low": roc_auc_interval["low"],
        "roc_auc_high": roc_auc_interval["high"],
        "log_loss": whole["log_loss"],
        "brier": whole["brier"],
        "calibration_in_the_large": whole["calibration"]["in_the_large"]["value"],
        "calibration_slope": whole["calibration"]["slope"]["value"],
        **{name: whole[name]["value"] for name in classes},
        "ahead_of_rules": whole["against_rules"]["found"]["difference"],
        "customers": whole["customers"],
    }


def curves(
    probabilities: Mapping[str, Floats], outer: Outer, setting: Setting
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the ROC and the reliability curves of several models, over the first repeat.

    Columns are those of `roc_points`, and `model` with those of `calibration_points`.
    """
    roc = [roc_points(outer.decline, found[0], name) for name, found in probabilities.items()]
    reliability = {
        name: calibration.calibration_points(
            outer.decline, found[0], setting.bins, setting.confidence
        )
        for name, found in probabilities.items()
    }
    table = pd.concat(reliability, names=["model"]).reset_index("model")
    return pd.concat(roc, ignore_index=True), table


def _pr_auc(decline: Integers, probability: Floats) -> float:
    return float(average_precision_score(decline, probability)) if decline.any() else np.nan


def _mean(values: list[float]) -> float:
    return float(np.mean(values))
