"""The corrected resampled t-test, against its formula worked out by hand."""

import math

import numpy as np
import pytest

from retention.statistics.paired import corrected_difference

DIFFERENCES = np.array([0.01, 0.03, -0.01, 0.02, 0.0])  # mean 0.01, variance 2.5e-4
T_4 = 2.7764451052  # 97.5 % quantile of Student's t with 4 degrees of freedom, from a table


def two_sided_p(t: float) -> float:
    """Return the p-value with 4 degrees of freedom, whose distribution has a closed form."""
    share = t * t / (4 + t * t)
    return 1 - 2 * (0.75 * math.sqrt(share) * (1 - share / 3))


def test_the_numbers_worked_out_by_hand():
    found = corrected_difference(DIFFERENCES, folds=5, confidence=0.95)
    error = math.sqrt((1 / 5 + 1 / 4) * 2.5e-4)
    assert found.value == pytest.approx(0.01)
    assert found.low == pytest.approx(0.01 - T_4 * error)
    assert found.high == pytest.approx(0.01 + T_4 * error)
    assert found.p == pytest.approx(two_sided_p(0.01 / error))
    assert found.within_noise


def test_overlap_of_training_sets_counts_by_the_folds_not_by_the_splits():
    found = corrected_difference(np.tile(DIFFERENCES, 2), folds=5, confidence=0.95)
    variance = 10 * 2e-4 / 9
    t_9 = 2.2621571628
    assert found.high - found.value == pytest.approx(
        t_9 * math.sqrt((1 / 10 + 1 / 4) * variance), rel=1e-9
    )
    fewer_folds = corrected_difference(np.tile(DIFFERENCES, 2), folds=3, confidence=0.95)
    assert fewer_folds.high - fewer_folds.value == pytest.approx(
        t_9 * math.sqrt((1 / 10 + 1 / 2) * variance), rel=1e-9
    )


def test_the_interval_excludes_zero_exactly_when_p_is_below_one_minus_confidence():
    for shift in np.linspace(-0.06, 0.06, 25):
        found = corrected_difference(DIFFERENCES + shift, folds=5, confidence=0.95)
        assert found.within_noise == (found.p >= 0.05)


def test_a_higher_confidence_gives_a_wider_interval():
    narrow = corrected_difference(DIFFERENCES, folds=5, confidence=0.8)
    wide = corrected_difference(DIFFERENCES, folds=5, confidence=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_the_other_way_round_is_the_same_difference_negated():
    there = corrected_difference(DIFFERENCES, folds=5, confidence=0.95)
    back = corrected_difference(-DIFFERENCES, folds=5, confidence=0.95)
    assert (back.value, back.low, back.high) == pytest.approx(
        (-there.value, -there.high, -there.low)
    )
    assert back.p == pytest.approx(there.p)


def test_a_model_does_not_differ_from_itself():
    found = corrected_difference(np.zeros(10), folds=5, confidence=0.95)
    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)
    assert found.within_noise


def test_the_same_difference_on_every_split_is_no_noise():
    found = corrected_difference(np.full(10, 0.25), folds=5, confidence=0.95)
    assert (found.low, found.high, found.p) == (0.25, 0.25, 0)
    assert not found.within_noise
