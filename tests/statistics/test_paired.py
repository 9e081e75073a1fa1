"""The corrected resampled t-test, against its formula worked out by hand."""

import math

import numpy as np
import pytest

from retention.statistics.intervals import rate_interval
from retention.statistics.paired import corrected_difference, corrected_interval, smallest_seen
from retention.statistics.ranking import roc_auc

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


def test_the_same_difference_on_every_split_has_no_interval():
    found = corrected_difference(np.full(10, 0.25), folds=5, confidence=0.95)
    assert found.value == 0.25
    assert math.isnan(found.low)
    assert math.isnan(found.p)
    assert found.within_noise


def test_splits_without_a_figure_are_left_out():
    with_gap = np.append(DIFFERENCES, np.nan)
    whole, gap = (
        corrected_difference(d, folds=5, confidence=0.95) for d in (DIFFERENCES, with_gap)
    )
    assert whole == gap
    assert math.isnan(corrected_difference(np.full(3, np.nan), 5, 0.95).value)


def test_an_interval_of_shares_stays_within_what_they_can_be_and_has_a_width():
    shares = np.array([0.99, 1.0, 1.0, 0.95, 1.0])
    found = corrected_interval(shares, folds=5, confidence=0.99, of=100)
    assert found["low"] < found["value"] < found["high"] == 1
    perfect = corrected_interval(np.ones(5), folds=5, confidence=0.95, of=14)
    assert perfect == pytest.approx(rate_interval(14, 14, 0.95))
    assert perfect["low"] < 0.8
    few = corrected_interval(shares, folds=5, confidence=0.95, of=7)
    assert few["value"] == pytest.approx(shares.mean())
    assert math.isnan(few["low"])


# Whole nested experiments, small enough for a test: a linear classifier on numbers whose true
# ROC-AUC is known for any weights.

FOLDS, REPEATS, SIGNAL = 5, 5, np.array([1.3, 0.7, 0.4, 0.0, 0.0, 0.0])


def store(seed, n=400):
    random = np.random.default_rng(seed)
    decline = (random.random(n) < 0.4).astype(np.int64)
    return random.normal(size=(n, len(SIGNAL))) + decline[:, None] * SIGNAL, decline


def nested(x, decline, seed, see=slice(None), share=1.0):
    """Return the ROC-AUC of each split of repeated folds, and what it is in truth."""
    random = np.random.default_rng(seed)
    found, truth = [], []
    for _ in range(REPEATS):
        fold = np.empty(len(x), dtype=int)
        for label in (0, 1):
            rows = random.permutation(np.flatnonzero(decline == label))
            fold[rows] = np.arange(len(rows)) % FOLDS
        for number in range(FOLDS):
            train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            train = train[random.random(len(train)) < share]
            design = np.column_stack([np.ones(len(train)), x[train][:, see]])
            weights = np.linalg.lstsq(design, decline[train] - 0.5, rcond=None)[0][1:]
            score = x[test][:, see] @ weights
            found.append(roc_auc(decline[test], score))
            distance = weights @ SIGNAL[see] / math.sqrt(2 * weights @ weights)
            truth.append((1 + math.erf(distance / math.sqrt(2))) / 2)
    return np.array(found), float(np.mean(truth))


def test_the_interval_covers_what_the_procedure_is_worth():
    results = [nested(*store(seed), seed) for seed in range(120)]
    truth = np.mean([worth for _, worth in results])
    intervals = [corrected_interval(found, FOLDS, 0.95, 160) for found, _ in results]
    covered = [interval["low"] <= truth <= interval["high"] for interval in intervals]
    assert 0.90 <= np.mean(covered) <= 0.995


def test_another_draw_of_the_folds_gives_about_the_same_width():
    x, decline = store(1)
    intervals = [
        corrected_interval(nested(x, decline, seed)[0], FOLDS, 0.95, 160) for seed in range(20)
    ]
    widths = [interval["high"] - interval["low"] for interval in intervals]
    assert max(widths) < 2 * min(widths)


def test_models_that_are_far_apart_are_told_apart_and_equal_ones_are_not():
    seen, missed = 0, 0
    for seed in range(20):
        x, decline = store(seed, 1000)
        good, worth = nested(x, decline, seed)
        bad, less = nested(x, decline, seed, see=slice(1, None))
        assert worth - less > 0.07
        seen += corrected_difference(good - bad, FOLDS, 0.95).low > 0
        same, _ = nested(x, decline, seed, see=slice(0, 5))  # without a column that says nothing
        missed += corrected_difference(good - same, FOLDS, 0.95).within_noise
    assert seen == 20
    assert missed >= 18


def test_the_smallest_difference_that_could_have_been_seen_is_seen_four_times_in_five():
    random = np.random.default_rng(3)
    # Splits that vary together as the correction takes them to: correlation 1/folds.
    common = random.normal(size=(2000, 1)) * math.sqrt(1 / FOLDS)
    noise = common + random.normal(size=(2000, 25)) * math.sqrt(1 - 1 / FOLDS)
    smallest = float(np.mean([smallest_seen(row, FOLDS, 0.95) for row in noise]))
    found = [corrected_difference(row + smallest, FOLDS, 0.95) for row in noise]
    assert np.mean([difference.low > 0 for difference in found]) == pytest.approx(0.8, abs=0.05)
    assert smallest_seen(noise[0], FOLDS, 0.95, comparisons=6) > smallest_seen(
        noise[0], FOLDS, 0.95
    )
    assert math.isnan(smallest_seen(np.full(5, 0.1), FOLDS, 0.95))


def test_the_width_does_not_explode_as_the_share_falls():
    widths = {}
    for share in (0.1, 1.0):
        intervals = [
            corrected_interval(nested(*store(seed), seed, share=share)[0], FOLDS, 0.95, 160)
            for seed in range(10)
        ]
        widths[share] = np.mean([interval["high"] - interval["low"] for interval in intervals])
    assert widths[0.1] < 2.5 * widths[1.0]
