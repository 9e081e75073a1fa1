"""Figures of each split, against scikit-learn."""

import numpy as np
import pytest
from evaluation.outer_cases import made_up
from scipy.special import expit, logit
from sklearn import metrics

from retention.evaluation.outer import unseen_probability
from retention.evaluation.splits import class_figures, probability_figures


@pytest.fixture(scope="module")
def case():
    outer, scores = made_up()
    return outer, unseen_probability(scores, outer)


def by_split(figure, outer, values):
    return [figure(outer.decline[test], values[r, test]) for r, _, _, test in outer.splits()]


def test_figures_of_probabilities(case):
    outer, probability = case
    found = probability_figures(probability, outer)
    for name, figure in (
        ("roc_auc", metrics.roc_auc_score),
        ("log_loss", metrics.log_loss),
        ("brier", metrics.brier_score_loss),
    ):
        assert found[name] == pytest.approx(by_split(figure, outer, probability)), name
    shifted = probability_figures(expit(logit(probability) + 0.5), outer)
    assert shifted["in_the_large"] == pytest.approx(found["in_the_large"] - 0.5, abs=1e-6)


def test_figures_of_classes(case):
    outer, probability = case
    called = probability > 0.5
    found = class_figures(called, outer)
    for name, figure in (
        ("precision", metrics.precision_score),
        ("recall", metrics.recall_score),
        ("f1", metrics.f1_score),
        ("accuracy", metrics.accuracy_score),
    ):
        assert found[name] == pytest.approx(by_split(figure, outer, called)), name
    nobody = class_figures(np.zeros_like(called), outer)
    assert not nobody["precision"].any()
