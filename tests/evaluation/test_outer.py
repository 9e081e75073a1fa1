"""The outer folds: what a family says of customers whom it never saw."""

import numpy as np
import pytest
from evaluation.outer_cases import FOLDS, REPEATS, made_up
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from retention.evaluation.outer import unseen_probability
from retention.models.blend import platt
from retention.statistics.ranking import roc_auc


def test_every_customer_is_tested_once_a_repeat():
    outer, _ = made_up()
    tested = np.zeros(outer.fold.shape, dtype=int)
    for repeat, _, train, test in outer.splits():
        tested[repeat, test] += 1
        assert not set(outer.groups[train]) & set(outer.groups[test])
        assert len(train) + len(test) == len(outer.decline)
    assert (tested == 1).all()
    assert outer.folds == FOLDS


def test_a_split_is_calibrated_on_its_own_training_part():
    outer, scores = made_up()
    found = unseen_probability(scores, outer)
    train, test = np.flatnonzero(outer.fold[1] != 3), np.flatnonzero(outer.fold[1] == 3)
    given = scores["split_2_3"].to_numpy()
    slope, shift = platt(given[train], outer.decline[train])
    assert found[1, test].tolist() == pytest.approx(expit(slope * given[test] + shift).tolist())


def test_outcomes_of_the_tested_teach_nothing():
    outer, scores = made_up()
    tested = outer.fold[0] == 2
    flipped = type(outer)(
        np.where(tested, 1 - outer.decline, outer.decline), outer.groups, outer.fold
    )
    before, after = (unseen_probability(scores, each) for each in (outer, flipped))
    assert before[0, tested].tolist() == after[0, tested].tolist()
    assert (before[0, ~tested] != after[0, ~tested]).all()


def test_a_figure_by_split_is_that_of_each_test_part():
    outer, scores = made_up()
    probability = unseen_probability(scores, outer)
    found = outer.by_split(roc_auc, probability)
    assert len(found) == REPEATS * FOLDS
    test = outer.fold[2] == 1
    assert found[2 * FOLDS + 1] == pytest.approx(
        roc_auc_score(outer.decline[test], probability[2, test])
    )


def test_the_rate_that_was_known_is_that_of_the_training_part():
    outer, _ = made_up()
    rate = outer.known_rate()
    for repeat, _, train, test in outer.splits():
        assert rate[repeat, test] == pytest.approx(outer.decline[train].mean())
