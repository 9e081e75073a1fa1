"""Rankings and intervals, against independent formulas and numbers worked out by hand."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from retention.statistics.intervals import (
    TOO_FEW,
    group_bootstrap_interval,
    mean_interval,
    rate_interval,
)
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
    reach = Z * error / (auc * (1 - auc))
    assert found["low"] == pytest.approx(1 / (1 + math.exp(-(math.log(auc / (1 - auc)) - reach))))
    assert found["high"] == pytest.approx(1 / (1 + math.exp(-(math.log(auc / (1 - auc)) + reach))))


@pytest.mark.parametrize("sign", [1, -1, 0])
def test_a_perfect_ranking_or_none_at_all_is_not_certain(sign):
    decline = np.repeat([0, 1], [30, 12])
    found = delong_interval(decline, sign * np.arange(42.0), 0.95)
    assert found["value"] == (sign + 1) / 2
    wilson = rate_interval((sign + 1) * 6, 12, 0.95)
    assert found == pytest.approx(wilson)
    assert found["high"] - found["low"] > 0.2


def test_too_few_of_a_class_have_a_value_and_no_interval():
    decline = np.repeat([0, 1], [30, TOO_FEW - 1])
    score = np.random.default_rng(0).normal(decline)
    for found in (
        delong_interval(decline, score, 0.95),
        bootstrap(roc_auc, decline, score, np.arange(len(decline))),
        # Enough customers, but near-duplicates of one another.
        delong_interval(np.tile(decline, 3), np.tile(score, 3), 0.95, np.tile(np.arange(39), 3)),
    ):
        assert found["value"] == pytest.approx(roc_auc(decline, score))
        assert math.isnan(found["low"])
        assert math.isnan(found["high"])


def test_delong_counts_near_duplicates_once():
    decline, score = scored(200, 3, 4)
    once = delong_interval(decline, score, 0.95)
    both, groups = (np.tile(decline, 2), np.tile(score, 2)), np.tile(np.arange(200), 2)
    grouped, apart = delong_interval(*both, 0.95, groups), delong_interval(*both, 0.95)
    assert grouped == pytest.approx(once, abs=1e-3)
    assert grouped["high"] - grouped["low"] > 1.3 * (apart["high"] - apart["low"])


def test_delong_covers_the_truth_also_near_one():
    covered = []
    for seed in range(400):
        random = np.random.default_rng(seed)
        decline = np.repeat([0, 1], [60, 20])
        found = delong_interval(decline, random.normal(3.0 * decline), 0.95)
        assert found["low"] < found["high"]
        covered.append(found["low"] <= 0.98305 <= found["high"])  # Φ(3/√2)
    assert 0.90 <= np.mean(covered) <= 0.99


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
    groups = np.repeat(np.arange(24), 3)[np.random.default_rng(0).permutation(72)]
    decline = (groups % 2).astype(np.int64)
    drawn = []

    def look(_, score):
        drawn.append(np.unique(score, return_counts=True))
        return 0.0

    bootstrap(look, decline, groups * 100.0 + 1, groups, samples=20)
    assert all((counts % 3 == 0).all() for _, counts in drawn)
    assert any(len(numbers) < 24 for numbers, _ in drawn)


def test_the_bootstrap_keeps_the_number_of_groups_with_a_decline():
    groups = np.arange(40)
    decline = (groups < 10).astype(np.int64)
    drawn = []
    found = bootstrap(lambda d, _: drawn.append(int(d.sum())) or 0.5, decline, groups * 1.0, groups)
    assert set(drawn) == {10}
    # A figure that never varies tells nothing about how much it would.
    assert found["value"] == 0.5
    assert math.isnan(found["low"])


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


def test_a_mean_has_students_interval_and_near_duplicates_count_once():
    values = np.random.default_rng(2).normal(3, 2, 40)
    found = mean_interval(values, np.arange(40), 0.95)
    reach = 2.0226909 * values.std(ddof=1) / math.sqrt(40)
    assert found["value"] == pytest.approx(values.mean())
    assert (found["low"], found["high"]) == pytest.approx(
        (values.mean() - reach, values.mean() + reach)
    )
    twice = mean_interval(np.tile(values, 2), np.tile(np.arange(40), 2), 0.95)
    assert twice == pytest.approx(found)
    for few in (values[:3], values[:0]):
        assert math.isnan(mean_interval(few, np.arange(len(few)), 0.95)["low"])


def test_the_roc_curve_goes_from_corner_to_corner_and_has_the_area():
    decline, score = scored(60, 6, 2)
    points = roc_points(decline, score, "chosen", most=1000)
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


def test_a_thinned_roc_curve_is_short_and_has_about_the_same_area():
    decline, score = scored(2000, 6, 6)
    points = roc_points(decline, score, "chosen", most=50)
    x, y = points["false_positive_rate"].to_numpy(), points["true_positive_rate"].to_numpy()
    assert len(points) <= 50
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(y, x) == pytest.approx(roc_auc_score(decline, score), abs=0.005)


def test_a_missing_class_has_no_roc_auc():
    assert math.isnan(roc_auc(np.zeros(5, dtype=np.int64), np.arange(5.0)))
