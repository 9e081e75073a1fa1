"""All figures of scored customers, each against scikit-learn or the function that it comes from."""

import math

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
)

from retention.evaluation.calibration import ece_of_perfect, expected_calibration_error
from retention.evaluation.figures import judge

SETTINGS = {"threshold": 0.55, "base_rate": 0.3, "bins": 6, "samples": 100, "confidence": 0.9}
GROUPS = np.arange(240) // 2


def scored(seed=4):
    random = np.random.default_rng(seed)
    probability = random.beta(0.9, 1.3, 240)
    decline = (random.random(240) < expit(1.5 * logit(probability))).astype(np.int64)
    return decline, probability


def test_figures_are_scikit_learns():
    decline, probability = scored()
    found = judge(decline, probability, GROUPS, **SETTINGS, seed=1)
    predicted = probability >= 0.55
    brier = brier_score_loss(decline, probability)
    expected = {
        "customers": 240,
        "pr_auc": average_precision_score(decline, probability),
        "log_loss": log_loss(decline, probability),
        "brier": brier,
        "brier_skill": 1 - brier / brier_score_loss(decline, np.full(240, 0.3)),
        "accuracy": accuracy_score(decline, predicted),
        "precision": precision_score(decline, predicted),
        "recall": recall_score(decline, predicted),
        "f1": f1_score(decline, predicted),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_calibration_is_told_by_its_error_its_floor_and_a_line():
    decline, probability = scored()
    found = judge(decline, probability, GROUPS, **SETTINGS, seed=1)
    assert found["ece"]["value"] == expected_calibration_error(decline, probability, 6)
    assert found["ece"]["low"] < found["ece"]["value"] < found["ece"]["high"]
    assert found["ece_of_perfect"] == ece_of_perfect(probability, 6, 100, 1)
    line = LogisticRegression(C=np.inf, tol=1e-10).fit(logit(probability)[:, None], decline)
    assert found["calibration"]["slope"] == pytest.approx(line.coef_[0, 0], rel=1e-4)
    assert found["calibration"]["intercept"] == pytest.approx(line.intercept_[0], abs=1e-4)


def test_the_interval_is_drawn_from_groups_by_the_seed():
    decline, probability = scored()
    first = judge(decline, probability, GROUPS, **SETTINGS, seed=1)
    assert judge(decline, probability, GROUPS, **SETTINGS, seed=1) == first
    other = judge(decline, probability, GROUPS, **SETTINGS, seed=2)
    assert other["ece"]["low"] != first["ece"]["low"]
    assert judge(decline, probability, np.arange(240), **SETTINGS, seed=1)["ece"] != first["ece"]
    # All else is no matter of luck.
    for name in set(first) - {"ece", "ece_of_perfect"}:
        assert other[name] == first[name]


def test_the_order_of_the_rows_is_of_no_influence():
    decline, probability = scored()
    probability = probability.round(1)
    first = judge(decline, probability, GROUPS, **SETTINGS, seed=1)
    by_class = np.argsort(decline, kind="stable")
    again = judge(decline[by_class], probability[by_class], GROUPS[by_class], **SETTINGS, seed=1)
    assert again["ece"]["value"] == pytest.approx(first["ece"]["value"])
    for name in ("pr_auc", "log_loss", "brier", "precision", "recall", "brier_skill"):
        assert again[name] == pytest.approx(first[name])


def test_a_model_that_never_predicts_decline_has_figures():
    decline, _ = scored()
    found = judge(decline, np.full(240, 0.3), GROUPS, **SETTINGS, seed=1)
    assert (found["precision"], found["recall"], found["f1"]) == (0, 0, 0)
    assert found["brier_skill"] == pytest.approx(0)
    assert found["ece"]["value"] == pytest.approx(abs(decline.mean() - 0.3))
    assert math.isnan(found["calibration"]["slope"])
