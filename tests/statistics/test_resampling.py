"""Whole groups of near-duplicates are drawn and shuffled, never parts of one."""

import numpy as np
import pytest

from retention.statistics.resampling import Resampling, resample, shuffled


def test_whole_groups_are_resampled_with_replacement():
    groups = np.array([7, 3, 7, 3, 3, 9])
    counts = set()
    for seed in range(40):
        drawn = np.bincount(resample(groups, np.random.default_rng(seed)), minlength=6)
        assert drawn[0] == drawn[2]
        assert drawn[1] == drawn[3] == drawn[4]
        assert drawn[0] + drawn[1] + drawn[5] == 3
        counts.add(tuple(drawn))
    assert len(counts) == 10  # all multisets of three groups


def test_as_many_groups_of_each_stratum_are_drawn_as_there_are():
    groups = np.array([0, 0, 1, 2, 3, 4, 4])
    decline = np.array([0, 1, 1, 0, 0, 0, 0])  # groups 0 and 1 have a decline, 2, 3, 4 have none
    counts = set()
    for seed in range(40):
        drawn = groups[resample(groups, np.random.default_rng(seed), decline)]
        times = np.bincount(drawn, minlength=5) // np.bincount(groups)
        assert times[:2].sum() == 2
        assert times[2:].sum() == 3
        counts.add(tuple(times))
    assert len(counts) > 10


@pytest.mark.usefixtures("one_process")
def test_the_mean_over_resamples_leaves_out_what_is_missing():
    def figures(sample):
        return np.array([len(sample), np.nan if 0 in sample else 1.0, np.nan])

    mean = Resampling(np.arange(4), resamples=20, seed=1).mean(figures, "test")
    assert mean[:2].tolist() == [4.0, 1.0]
    assert np.isnan(mean[2])


def test_more_resamples_leave_the_first_ones_as_they_were():
    groups = np.arange(30) // 2
    few, many = (list(Resampling(groups, count, seed=1).samples()) for count in (3, 6))
    assert [sample.tolist() for sample in many[:3]] == [sample.tolist() for sample in few]
    assert len({tuple(sample) for sample in many}) == 6


@pytest.mark.parametrize("strata", [None, np.array([0, 1, 0, 1, 0])])
def test_the_resamples_are_those_of_the_single_draw(strata):
    groups = np.array([1, 0, 1, 2, 3])
    one = resample(groups, np.random.default_rng([4, 0]), strata)
    assert next(Resampling(groups, 2, 4, strata).samples()).tolist() == one.tolist()


def test_shuffles_move_groups_as_a_whole():
    groups = np.array([4, 4, 1, 1, 7, 8, 9, 5, 5, 5])
    decline = np.array([1, 0, 0, 0, 1, 0, 0, 1, 1, 0], dtype=bool)
    draws = shuffled(decline, groups, draws=50, seed=1)
    assert draws.shape == (51, 10)
    assert (draws[0] == decline).all()
    assert (draws[:, 7:] == decline[7:]).all()  # there is no other group of three
    pairs = {tuple(map(tuple, row[:4].reshape(2, 2).tolist())) for row in draws}
    assert pairs == {
        ((True, False), (False, False)),
        ((False, False), (True, False)),
    }
    assert {tuple(row[4:7].tolist()) for row in draws} == {
        (True, False, False),
        (False, True, False),
        (False, False, True),
    }
