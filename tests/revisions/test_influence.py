"""What a customer adds to a figure is what the figure changes by when the customer weighs more."""

import numpy as np
import pytest
from sklearn import metrics

from retention.evaluation.calibration import log_odds
from retention.evaluation.kept import Kept
from retention.evaluation.outer import Outer
from retention.revisions.influence import contributions

STEP = 1e-4


@pytest.fixture(scope="module")
def kept():
    random = np.random.default_rng(3)
    decline = random.integers(0, 2, 60)
    probability = np.clip(0.5 + 0.25 * (2 * decline - 1) + random.normal(0, 0.25, 60), 0.02, 0.98)
    outer = Outer(decline, np.arange(60), np.zeros((1, 60), dtype=np.int64))
    return Kept(outer, probability[None], probability[None] > 0.5, np.arange(60).astype(str))


def offset(decline, probability, weights):
    low, high = -2.0, 2.0
    for _ in range(80):
        middle = (low + high) / 2
        fitted = 1 / (1 + np.exp(-log_odds(probability) - middle))
        low, high = (middle, high) if (weights * (decline - fitted)).sum() > 0 else (low, middle)
    return middle


FIGURES = {
    "roc_auc": lambda y, p, w: metrics.roc_auc_score(y, p, sample_weight=w),
    "log_loss": lambda y, p, w: metrics.log_loss(y, p, sample_weight=w),
    "brier": lambda y, p, w: metrics.brier_score_loss(y, p, sample_weight=w),
    "in_the_large": offset,
    "precision": lambda y, p, w: metrics.precision_score(y, p > 0.5, sample_weight=w),
    "recall": lambda y, p, w: metrics.recall_score(y, p > 0.5, sample_weight=w),
}


@pytest.mark.parametrize("name", list(FIGURES))
def test_contributions_are_derivatives_by_the_customers_weights(kept, name):
    decline, probability = kept.outer.decline, kept.probability[0]
    figure, found = FIGURES[name], contributions(kept)[name].to_numpy()
    assert found.sum() == pytest.approx(0, abs=1e-8)
    for customer in (0, 7, 23, 41):
        weights = np.ones(60)
        weights[customer] += STEP
        more = figure(decline, probability, weights)
        weights[customer] -= 2 * STEP
        less = figure(decline, probability, weights)
        assert found[customer] == pytest.approx((more - less) / (2 * STEP), abs=1e-5)
