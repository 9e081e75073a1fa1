"""Figures and intervals, against independent formulas and numbers worked out by hand."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from retention.evaluation.figures import figures
from retention.statistics.intervals import group_bootstrap_interval, rate_interval
from retention.statistics.ranking import delong_interval, roc_auc, roc_aucs, roc_points

Z = 1.959963984540054  # 97.5 % quantile of the normal distribution


def scored(n: int, seed: int, digits: int) -> tuple[np.ndarray, np.ndarray]:
    """Return classes and scores; the fewer digits, the more ties."""
    random = np.random.default_rng(seed)
    decline = random.permutation(np.arange(n) % 3 == 0).astype(np.int64)
    score = np.clip(random.normal(0.4 + 0.2 * decline, 0.2), 0, 1).round(digits)
    return decline, score


def delong_by_pairs(decline: np.ndarray, score: np.ndarray) -> tuple[float, float]:
    """Return ROC-AUC and standard error from all pairs, as DeLong et al. (1988) wrote it."""
    positive, negative = score[decline == 1], score[decline == 0]
    wins = np.array(
        [[1.0 if p > q else 0.5 if p == q else 0.0 for q in negative] for p in positive]
    )
    m, n = wins.shape
    auc = wins.mean()
    s10 = ((wins.mean(axis=1) - auc) ** 2).sum() / (m - 1)
    s01 = ((wins.mean(axis=0) - auc) ** 2).sum() / (n - 1)
    return auc, math.sqrt(s10 / m + s01 / n)


@pytest.mark.parametrize("digits", [1, 2, 6])
@pytest.mark.parametrize("seed", [0, 1])
def test_delong_is_that_of_all_pairs_ties_included(seed, digits):
    decline, score = scored(60, seed, digits)
    auc, error = delong_by_pairs(decline, score)
    found = delong_interval(decline, score, 0.95)
    assert found["value"] == pytest.approx(auc)
    assert found["value"] == pytest.approx(roc_auc_score(decline, score))
    assert found["low"] == pytest.approx(auc - Z * error)
    assert found["high"] == pytest.approx(min(1, auc + Z * error))


def test_delong_stays_between_0_and_1():
    decline = np.array([0, 0, 0, 1, 1, 1])
    near_perfect = delong_interval(decline, np.array([1, 2, 4, 3, 5, 6.0]), 0.95)
    assert near_perfect["high"] == 1
    assert delong_interval(decline, -np.array([1, 2, 4, 3, 5, 6.0]), 0.95)["low"] == 0
    perfect = delong_interval(decline, np.arange(6.0), 0.95)
    assert perfect == {"value": 1, "low": 1, "high": 1}


@pytest.mark.parametrize("measure", [roc_auc, lambda d, s: delong_interval(d, s, 0.95)["value"]])
def test_a_score_that_grows_with_decline_is_above_one_half(measure):
    decline = np.array([0, 0, 1, 0, 1, 1])
    score = np.array([0.1, 0.2, 0.3, 0.4, 0.8, 0.9])
    assert measure(decline, score) == pytest.approx(8 / 9)
    assert measure(decline, -score) == pytest.approx(1 / 9)


def bootstrap(figure, decline, score, groups, **changed):
    settings = {"samples": 100, "confidence": 0.9, "seed": 1} | changed
    return group_bootstrap_interval(figure, decline, score, groups, **settings)


def test_the_bootstrap_draws_groups_whole():
    groups = np.repeat(np.arange(12), 3)[np.random.default_rng(0).permutation(36)]
    decline = (groups % 2).astype(np.int64)
    drawn = []

    def look(_, score):
        drawn.append(np.unique(score, return_counts=True))
        return 0.0

    bootstrap(look, decline, groups * 100.0 + 1, groups, samples=20)
    assert all((counts % 3 == 0).all() for _, counts in drawn)
    assert any(len(numbers) < 12 for numbers, _ in drawn)


def test_the_bootstrap_keeps_the_number_of_groups_with_a_decline():
    groups = np.arange(40)
    decline = (groups < 10).astype(np.int64)
    found = bootstrap(lambda d, _: float(d.sum()), decline, groups * 1.0, groups)
    assert found == {"value": 10, "low": 10, "high": 10}


def test_the_bootstrap_is_wider_when_near_duplicates_repeat_the_same():
    decline, score = scored(30, 3, 4)
    decline, score = np.tile(decline, 4), np.tile(score, 4)
    together = bootstrap(roc_auc, decline, score, np.tile(np.arange(30), 4))
    alone = bootstrap(roc_auc, decline, score, np.arange(120))
    assert together["value"] == alone["value"]
    assert together["high"] - together["low"] > 1.5 * (alone["high"] - alone["low"])


def test_the_bootstrap_interval_is_about_delongs_when_nobody_is_near_duplicate():
    decline, score = scored(150, 4, 4)
    found = bootstrap(roc_auc, decline, score, np.arange(150), samples=300, confidence=0.95)
    expected = delong_interval(decline, score, 0.95)
    assert found["value"] == pytest.approx(expected["value"])
    assert found["low"] == pytest.approx(expected["low"], abs=0.02)
    assert found["high"] == pytest.approx(expected["high"], abs=0.02)


def test_the_bootstrap_gives_the_same_for_the_same_seed_only():
    decline, score = scored(60, 5, 4)
    groups = np.arange(60) // 2
    first = bootstrap(roc_auc, decline, score, groups)
    assert bootstrap(roc_auc, decline, score, groups) == first
    assert bootstrap(roc_auc, decline, score, groups, seed=2) != first


@pytest.mark.parametrize(("hits", "of"), [(0, 7), (7, 7), (3, 10), (81, 100), (1, 1)])
def test_a_rate_has_wilsons_interval(hits, of):
    found = rate_interval(hits, of, 0.95)
    share = hits / of
    centre = (share + Z**2 / (2 * of)) / (1 + Z**2 / of)
    reach = Z / (1 + Z**2 / of) * math.sqrt(share * (1 - share) / of + Z**2 / (4 * of**2))
    assert found["value"] == share
    assert found["low"] == pytest.approx(centre - reach, abs=1e-9)
    assert found["high"] == pytest.approx(centre + reach, abs=1e-9)
    scipys = binomtest(hits, of).proportion_ci(0.95, method="wilson")
    assert (found["low"], found["high"]) == pytest.approx((scipys.low, scipys.high), abs=1e-12)


def test_a_rate_of_shared_out_hits_lies_between_its_neighbours():
    two, between, three = (rate_interval(hits, 10, 0.95) for hits in (2, 2.5, 3))
    for name in ("value", "low", "high"):
        assert two[name] < between[name] < three[name]


def test_a_rate_of_nobody_is_missing():
    assert all(math.isnan(value) for value in rate_interval(0, 0, 0.95).values())


def test_figures_worked_out_by_hand():
    decline = np.array([1, 1, 0, 0])
    found = figures(decline, np.array([0.9, 0.4, 0.6, 0.2]), threshold=0.5)
    assert found["accuracy"] == 0.5
    assert found["precision"] == 0.5
    assert found["recall"] == 0.5
    assert found["f1"] == 0.5
    assert found["brier"] == pytest.approx((0.01 + 0.36 + 0.36 + 0.04) / 4)
    assert found["log_loss"] == pytest.approx(
        -(math.log(0.9) + math.log(0.4) + math.log(0.4) + math.log(0.8)) / 4
    )
    assert found["pr_auc"] == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_declines_count_from_the_threshold_on():
    decline, probability = np.array([1, 0]), np.array([0.4, 0.2])
    assert figures(decline, probability, 0.4)["recall"] == 1
    assert figures(decline, probability, 0.41)["recall"] == 0


def test_a_dummy_that_predicts_no_decline_has_figures():
    found = figures(np.array([1, 0, 0, 0]), np.full(4, 0.25), 0.5)
    assert (found["precision"], found["recall"], found["f1"]) == (0, 0, 0)
    assert found["brier"] == pytest.approx(0.25 * 0.75)


def test_the_roc_curve_goes_from_corner_to_corner_and_has_the_area():
    decline, score = scored(60, 6, 2)
    points = roc_points(decline, score, "chosen")
    x, y = points["false_positive_rate"].to_numpy(), points["true_positive_rate"].to_numpy()
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(y, x) == pytest.approx(roc_auc_score(decline, score))
    assert set(points["curve"]) == {"chosen"}


@pytest.mark.parametrize("digits", [0, 1, 9])
def test_roc_aucs_of_many_scores_are_scikit_learns_ties_included(digits):
    random = np.random.default_rng(4)
    decline = random.integers(0, 2, 60)
    scores = random.normal(size=(5, 60)).round(digits)
    expected = [roc_auc_score(decline, row) for row in scores]
    np.testing.assert_allclose(roc_aucs(decline, scores), expected, rtol=0, atol=1e-12)
