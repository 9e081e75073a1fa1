"""Calibration figures, against sums written out in the test and rates known by construction."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from retention.evaluation.calibration import (
    brier_skill,
    calibration_points,
    ece_of_perfect,
    expected_calibration_error,
    ici_of_perfect,
    in_the_large,
    integrated_calibration_index,
    slope,
)
from retention.statistics.intervals import rate_interval
from retention.statistics.ranking import tied_mean


def calibrated(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes drawn from the very probabilities beside them."""
    random = np.random.default_rng(seed)
    probability = random.beta(0.8, 1.2, n)
    return (random.random(n) < probability).astype(np.int64), probability


def test_calibration_bins_worked_out_by_hand():
    decline = np.array([1, 0, 1, 0, 0, 1])
    probability = np.array([0.9, 0.1, 0.4, 0.2, 0.3, 0.8])
    found = calibration_points(decline, probability, 3, 0.95)
    np.testing.assert_allclose(found["predicted"], [0.15, 0.35, 0.85])
    assert found["observed"].tolist() == [0, 0.5, 1]
    assert found["customers"].tolist() == [2, 2, 2]
    assert found["low"].tolist() == [rate_interval(hits, 2, 0.95)["low"] for hits in (0, 1, 2)]
    assert found["high"].tolist() == [rate_interval(hits, 2, 0.95)["high"] for hits in (0, 1, 2)]


@pytest.mark.parametrize(("n", "bins"), [(60, 8), (61, 8), (5, 8)])
def test_every_customer_is_in_one_calibration_bin(n, bins):
    decline, probability = calibrated(n, 7)
    probability = probability.round(1)
    found = calibration_points(decline, probability, bins, 0.95)
    assert found["customers"].sum() == n
    assert (found["customers"] * found["observed"]).sum() == pytest.approx(decline.sum())
    assert len(found) == min(n, bins)
    assert found["customers"].max() - found["customers"].min() <= 1


def test_the_curve_does_not_depend_on_the_order_of_the_rows():
    decline, probability = calibrated(200, 2)
    probability = probability.round(1)  # eleven values: each cut goes through ties
    curve = calibration_points(decline, probability, 8, 0.95)
    for order in (
        np.argsort(-decline),
        np.argsort(decline),
        np.random.default_rng(1).permutation(200),
    ):
        again = calibration_points(decline[order], probability[order], 8, 0.95)
        pd.testing.assert_frame_equal(again, curve, check_exact=True)
    # One value for all: every bin has the rate of all.
    same = calibration_points(decline, np.full(200, 0.3), 8, 0.95)
    assert same["observed"].tolist() == pytest.approx([decline.mean()] * 8)


def test_declines_tied_over_a_cut_are_shared_out():
    # {0.1, 0.5} and {0.5, 0.9}: those at 0.5 have the rate 1/2, so half a decline for each bin.
    found = calibration_points(np.array([0, 1, 0, 1]), np.array([0.1, 0.5, 0.5, 0.9]), 2, 0.95)
    assert found["observed"].tolist() == [0.25, 0.75]
    assert found["customers"].tolist() == [2, 2]
    expected = rate_interval(0.5, 2, 0.95)
    assert (found["low"][0], found["high"][0]) == (expected["low"], expected["high"])


def test_ece_worked_out_by_hand():
    decline = np.array([0, 1, 0, 1, 1])
    probability = np.array([0.3, 0.8, 0.1, 0.6, 0.9])
    # {0.1, 0.3, 0.6}: |1/3 − 1/3| = 0; {0.8, 0.9}: |0.85 − 1| = 0.15 with the weight 2/5.
    assert expected_calibration_error(decline, probability, 2) == pytest.approx(0.06)
    # One bin: |0.54 − 0.6|.
    assert expected_calibration_error(decline, probability, 1) == pytest.approx(0.06)
    # As many bins as customers, or more: mean |p − y|.
    for bins in (5, 50):
        found = expected_calibration_error(decline, probability, bins)
        assert found == pytest.approx((0.3 + 0.2 + 0.1 + 0.4 + 0.1) / 5)


@pytest.mark.parametrize("bins", [1, 4, 8, 13])
def test_ece_is_that_of_the_reliability_curve(bins):
    decline, probability = calibrated(101, 1)
    curve = calibration_points(decline, probability, bins, 0.95)
    gaps = (curve["predicted"] - curve["observed"]).abs() * curve["customers"] / 101
    found = expected_calibration_error(decline, probability, bins)
    assert found == pytest.approx(gaps.sum())


def test_ties_are_not_told_apart_by_the_order_of_the_rows():
    decline, probability = calibrated(200, 2)
    probability = probability.round(1)
    by_class = np.argsort(-decline, kind="stable")
    found = expected_calibration_error(decline, probability, 8)
    assert expected_calibration_error(decline[by_class], probability[by_class], 8) == (
        pytest.approx(found)
    )
    # One rate for all is no error, though in this order the first bins hold declines only.
    dummy = np.full(200, decline.mean())
    assert expected_calibration_error(decline[by_class], dummy, 8) == pytest.approx(0)


def test_the_mean_over_ties_keeps_the_sum():
    key = np.array([0.5, 0.1, 0.5, 0.1, 0.5, 0.9])
    values = np.array([1, 0, 0, 1, 1, 1])
    found = tied_mean(values, key)
    assert found.tolist() == pytest.approx([2 / 3, 0.5, 2 / 3, 0.5, 2 / 3, 1])
    assert found.sum() == pytest.approx(values.sum())


def test_upside_down_probabilities_have_worse_figures():
    decline, probability = calibrated(400, 3)
    upside_down = 1 - probability
    assert expected_calibration_error(decline, upside_down, 8) > 3 * (
        expected_calibration_error(decline, probability, 8)
    )
    assert brier_skill(decline, upside_down, 0.4) < 0 < brier_skill(decline, probability, 0.4)
    assert slope(decline, upside_down, np.arange(400), 0.95)["high"] < 0
    # The other class with its own probability is the same statement.
    assert expected_calibration_error(1 - decline, upside_down, 8) == pytest.approx(
        expected_calibration_error(decline, probability, 8)
    )


def test_perfect_ece_is_the_mean_over_all_outcomes():
    probability = np.array([0.05, 0.2, 0.35, 0.5, 0.7, 0.85, 0.9])
    errors, weights = [], []
    for outcome in itertools.product([0, 1], repeat=7):
        decline = np.array(outcome)
        weights.append(np.where(decline, probability, 1 - probability).prod())
        low, high = slice(0, 4), slice(4, 7)
        errors.append(sum(abs((probability - decline)[part].sum()) / 7 for part in (low, high)))
    assert sum(weights) == pytest.approx(1)
    expected = np.average(errors, weights=weights)
    spread = math.sqrt(np.average((np.array(errors) - expected) ** 2, weights=weights))
    found = ece_of_perfect(probability, 2, samples=3000, seed=1)
    assert found == pytest.approx(expected, abs=4 * spread / math.sqrt(3000))


def test_perfect_ece_falls_with_the_root_of_the_sample():
    # |Σ(p − y)|/n of a bin is about half-normal: mean √(2/π)·sd.
    n, bins = 4000, 8
    probability = np.linspace(0.02, 0.98, n)
    parts = np.array_split(probability * (1 - probability), bins)
    expected = sum(math.sqrt(2 / math.pi * part.sum()) for part in parts) / n
    assert ece_of_perfect(probability, bins, samples=200, seed=1) == pytest.approx(
        expected, rel=0.1
    )
    small = ece_of_perfect(probability[::16], bins, samples=200, seed=1)
    assert small == pytest.approx(4 * expected, rel=0.1)


def test_calibrated_probabilities_are_at_the_floor_and_sharpened_ones_above():
    errors, floors = [], []
    for seed in range(20):
        decline, probability = calibrated(300, seed)
        errors.append(expected_calibration_error(decline, probability, 8))
        floors.append(ece_of_perfect(probability, 8, samples=50, seed=seed))
    noise = np.std(errors) / math.sqrt(len(errors))
    assert np.mean(errors) == pytest.approx(np.mean(floors), abs=4 * noise)
    sharpened = expit(3 * logit(probability))
    assert expected_calibration_error(decline, sharpened, 8) > 2 * (
        ece_of_perfect(sharpened, 8, samples=50, seed=1)
    )


def test_brier_skill_by_hand():
    decline = np.array([1, 0, 0, 1])
    probability = np.array([0.9, 0.2, 0.4, 0.6])
    brier = (0.01 + 0.04 + 0.16 + 0.16) / 4
    assert brier_skill(decline, probability, 0.5) == pytest.approx(1 - brier / 0.25)
    # The base rate comes from elsewhere: 0.4, not the sample's 0.5.
    assert brier_skill(decline, probability, 0.4) == pytest.approx(1 - brier / 0.26)
    assert brier_skill(decline, np.full(4, 0.4), 0.4) == pytest.approx(0)
    assert brier_skill(decline, decline.astype(float), 0.4) == 1
    assert math.isnan(brier_skill(np.ones(4), np.full(4, 0.9), 1.0))
    # A rate of each customer's own training part.
    rates = np.array([0.4, 0.4, 0.6, 0.6])
    assert brier_skill(decline, probability, rates) == pytest.approx(1 - brier / 0.26)


def test_the_slope_of_two_probabilities_is_exact():
    # 20 customers at 0.2 with 5 declines, 10 at 0.6 with 7: the fitted line meets both rates.
    probability = np.repeat([0.2, 0.6], [20, 10])
    decline = np.repeat([1, 0, 1, 0], [5, 15, 7, 3])
    expected = (logit(0.7) - logit(0.25)) / (logit(0.6) - logit(0.2))
    assert slope(decline, probability, np.arange(30), 0.95)["value"] == pytest.approx(expected)


def test_in_the_large_makes_the_mean_probability_the_rate():
    decline, probability = calibrated(300, 1)
    found = in_the_large(decline, probability * 0.8, np.arange(300), 0.95)
    moved = expit(logit(probability * 0.8) + found["value"])
    assert moved.mean() == pytest.approx(decline.mean(), abs=1e-6)
    # Without near-duplicates about as wide as Wald's plain interval.
    plain = 1.959964 / math.sqrt((moved * (1 - moved)).sum())
    assert found["high"] - found["value"] == pytest.approx(plain, rel=0.15)


def test_probabilities_that_are_too_high_on_the_whole_are_flagged_though_their_slope_is_right():
    flagged = {0.0: [], 0.4: []}
    for shift, found in flagged.items():
        for seed in range(60):
            decline, probability = calibrated(1000, seed)
            shifted = expit(logit(np.clip(probability, 1e-6, 1 - 1e-6)) + shift)
            whole = in_the_large(decline, shifted, np.arange(1000), 0.95)
            line = slope(decline, shifted, np.arange(1000), 0.95)
            found.append((whole["high"] < 0 or whole["low"] > 0, line["low"] <= 1 <= line["high"]))
    assert np.mean([far for far, _ in flagged[0.4]]) > 0.85
    assert np.mean([far for far, _ in flagged[0.0]]) < 0.12
    for found in flagged.values():
        assert np.mean([covered for _, covered in found]) > 0.85


def test_intervals_cover_with_near_duplicates_and_repeats():
    covered = {"large": [], "slope": []}
    for seed in range(200):
        decline, probability = calibrated(150, seed)
        # Every customer twice, each scored in three repeats.
        given = (np.tile(decline, 6), np.tile(probability, 6), np.tile(np.arange(150), 6))
        large, line = in_the_large(*given, 0.95), slope(*given, 0.95)
        covered["large"].append(large["low"] <= 0 <= large["high"])
        covered["slope"].append(line["low"] <= 1 <= line["high"])
    for name, hits in covered.items():
        assert 0.90 <= np.mean(hits) <= 0.99, name


def test_calibrated_probabilities_have_slope_1_and_offset_0_in_expectation():
    for figure, expected in ((slope, 1), (in_the_large, 0)):
        values = np.array(
            [figure(*calibrated(1500, seed), np.arange(1500), 0.95)["value"] for seed in range(60)]
        )
        noise = values.std(ddof=1) / math.sqrt(len(values))
        assert values.mean() == pytest.approx(expected, abs=4 * noise)
        assert noise < 0.01


def test_probabilities_of_0_and_1_have_finite_log_odds():
    decline = np.array([0, 0, 1, 1, 0, 1])
    given = (decline, np.array([0, 0.2, 0.1, 0.9, 0.8, 1]), np.arange(6), 0.95)
    assert math.isfinite(slope(*given)["value"])
    assert math.isfinite(in_the_large(*given)["value"])


@pytest.mark.parametrize(
    ("decline", "probability"),
    [
        ([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4]),
        ([1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4]),
        ([0, 0, 1, 1], [0.1, 0.2, 0.2, 0.4]),
        ([0, 1, 0, 1], [0.3, 0.3, 0.3, 0.3]),
        ([1, 1, 1, 1], [0.1, 0.2, 0.3, 0.4]),
    ],
)
def test_without_a_finite_estimate_the_slope_is_missing(decline, probability):
    found = slope(np.array(decline), np.array(probability), np.arange(4), 0.95)
    assert all(math.isnan(value) for value in found.values())


def test_too_few_of_a_class_have_no_interval():
    decline, probability = calibrated(20, 1)
    for figure in (slope, in_the_large):
        found = figure(decline, probability, np.arange(20) // 4, 0.95)
        assert math.isfinite(found["value"])
        assert math.isnan(found["low"])


# The integrated calibration index


def test_the_index_is_the_mean_distance_from_the_smooth_curve():
    # Of many customers, the curve is the truth: log-odds that are half as large.
    random = np.random.default_rng(3)
    truth = expit(random.normal(0, 1, 40_000))
    decline = (random.random(len(truth)) < truth).astype(np.int64)
    sharpened = expit(2 * logit(truth))
    found = integrated_calibration_index(decline, sharpened)
    assert found == pytest.approx(np.abs(sharpened - truth).mean(), abs=0.004)
    assert integrated_calibration_index(decline, truth) < 0.006


def test_the_index_sees_a_bend_that_slope_and_offset_do_not():
    random = np.random.default_rng(4)
    score = random.normal(0, 1.5, 20_000)
    truth = expit(score + 0.35 * (score**2 - 2.25))
    decline = (random.random(len(truth)) < truth).astype(np.int64)
    bent = expit(logit(decline.mean()) + score)
    floor = ici_of_perfect(bent, 20, 1)
    assert integrated_calibration_index(decline, bent) > 10 * floor


def test_the_floor_of_the_index_is_what_calibrated_probabilities_show():
    errors, floors = [], []
    for seed in range(30):
        decline, probability = calibrated(300, seed)
        errors.append(integrated_calibration_index(decline, probability))
        floors.append(ici_of_perfect(probability, 30, seed))
    noise = np.std(errors) / math.sqrt(len(errors))
    assert np.mean(errors) == pytest.approx(np.mean(floors), abs=4 * noise)


def test_one_probability_for_all_has_an_index_too():
    decline = np.repeat([0, 1], [70, 30])
    found = integrated_calibration_index(decline, np.full(100, 0.5))
    assert found == pytest.approx(0.2, abs=1e-3)
    # Certain mistakes and separated classes stay finite.
    assert 0 < integrated_calibration_index(decline, np.linspace(0, 1, 100)) < 0.5
