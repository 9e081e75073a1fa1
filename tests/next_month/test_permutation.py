"""Exchanged months by hand, and p-values that are held together."""

import numpy as np
import pytest

from retention.next_month.permutation import exchanged, westfall_young


def test_customers_of_one_month_change_it_with_others_of_as_many_rows():
    later = np.array([False] * 6 + [True] * 4)
    who = np.array([0, 0, 1, 2, 3, 4, 5, 5, 6, 7])
    drawn = exchanged(later, who, draws=200, seed=1)
    assert drawn.shape == (201, 10)
    assert (drawn[0] == later).all()
    assert (drawn.sum(axis=1) == 4).all()
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert (drawn[:, 6] == drawn[:, 7]).all()
    assert 0.3 < drawn[1:, 0].mean() < 0.7


def test_customers_of_both_months_change_their_own():
    later = np.array([False, False, False, True, True, True])
    who = np.array([0, 1, 2, 0, 1, 3])
    drawn = exchanged(later, who, draws=400, seed=1)
    assert (drawn[:, 0] != drawn[:, 3]).all()
    assert (drawn[:, 1] != drawn[:, 4]).all()
    assert (drawn[:, 2] != drawn[:, 5]).all()
    assert abs(np.corrcoef(drawn[1:, 0], drawn[1:, 1])[0, 1]) < 0.15
    assert 0.4 < drawn[1:, 0].mean() < 0.6


def test_the_same_seed_exchanges_the_same():
    later, who = np.arange(20) >= 12, np.arange(20) % 15
    first, again = (exchanged(later, who, draws=9, seed=3) for _ in range(2))
    assert (first == again).all()
    assert (exchanged(later, who, draws=9, seed=4) != first).any()


def test_permutation_p_counts_the_found_row_itself():
    p, adjusted = westfall_young(np.array([[3.0], [1.0], [2.0], [3.0]]))
    assert p.tolist() == adjusted.tolist() == [0.5]


def test_westfall_young_by_hand():
    # Of four rows: the first test's found value is reached by 1, the second's by 2.
    found = np.array([[9.0, 5.0], [1.0, 6.0], [2.0, 1.0], [3.0, 2.0]])
    p, adjusted = westfall_young(found)
    assert p.tolist() == [0.25, 0.5]
    # In rows 0 and 1 some test has a p of at most 0.25; the second is then alone.
    assert adjusted.tolist() == [0.5, 0.5]


def test_tests_that_say_the_same_cost_nothing():
    random = np.random.default_rng(0)
    one = random.normal(size=(1000, 1))
    one[0] = 2.6
    p, adjusted = westfall_young(np.repeat(one, 20, axis=1))
    assert adjusted == pytest.approx(p)
    apart = random.normal(size=(1000, 20))
    apart[0, 0] = 2.6
    p, adjusted = westfall_young(apart)
    assert adjusted[0] > 5 * p[0]


def test_any_false_rejection_is_as_rare_as_the_level():
    random = np.random.default_rng(1)
    alarms = [
        westfall_young(random.normal(size=(200, 5)) + random.normal(size=(200, 1)))[1].min() <= 0.1
        for _ in range(300)
    ]
    assert 0.05 < np.mean(alarms) < 0.16
