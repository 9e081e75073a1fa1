"""Effects by intention to treat: known formulas, coverage, and what can't be told."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from retention.campaign.measurement.effect import (
    differences,
    effect,
    effects_by,
    seen_with_power,
    size_for,
)

N = 600


def campaign(seed, n=N, effect=-0.1, share=0.3, varies=0.0):
    """Return outcomes, arms and scores; `effect` on the probability, larger with the score."""
    random = np.random.default_rng(seed)
    score = random.beta(0.5, 0.6, n)
    contacted = random.random(n) >= share
    shift = effect * score + varies * (score - score.mean())
    outcome = (random.random(n) < np.clip(score + contacted * shift, 0, 1)).astype(float)
    true = float((np.clip(score + shift, 0, 1) - score).mean())
    return outcome, contacted, score, true


ALONE = np.arange(N)


def test_the_raw_effect_is_welchs_t():
    outcome, contacted, _, _ = campaign(1)
    found = effect(outcome, contacted, ALONE, 0.95)
    welch = stats.ttest_ind(outcome[contacted], outcome[~contacted], equal_var=False)
    interval = welch.confidence_interval(0.95)
    assert found.value == pytest.approx(outcome[contacted].mean() - outcome[~contacted].mean())
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.p == pytest.approx(welch.pvalue)
    assert found.contacted_mean - found.control_mean == pytest.approx(found.value)


def test_the_adjusted_effect_is_that_of_the_interacted_regression():
    outcome, contacted, score, _ = campaign(2)
    found = effect(outcome, contacted, ALONE, 0.95, score[:, None])
    centred = score - score.mean()
    design = np.column_stack([np.ones(N), contacted, centred, contacted * centred])
    coefficients, *_ = np.linalg.lstsq(design, outcome, rcond=None)
    assert found.value == pytest.approx(coefficients[1])
    # White's error, but for degrees of freedom of each arm.
    bread = np.linalg.inv(design.T @ design)
    residual = outcome - design @ coefficients
    meat = design.T @ (design * (residual**2)[:, None])
    white = np.sqrt((bread @ meat @ bread)[1, 1])
    assert found.error == pytest.approx(white, rel=0.01)


def test_a_good_score_narrows_the_interval_and_a_useless_one_hardly_widens_it():
    ratios, useless = [], []
    for seed in range(20):
        outcome, contacted, score, _ = campaign(seed)
        raw = effect(outcome, contacted, ALONE, 0.95).error
        ratios.append(effect(outcome, contacted, ALONE, 0.95, score[:, None]).error / raw)
        noise = np.random.default_rng(seed).random((N, 1))
        useless.append(effect(outcome, contacted, ALONE, 0.95, noise).error / raw)
    assert np.mean(ratios) < 0.75
    assert 0.99 < np.mean(useless) < 1.01


@pytest.mark.parametrize("adjusted", [False, True])
def test_nineteen_of_twenty_intervals_hold_the_true_effect(adjusted):
    held = []
    for seed in range(400):
        outcome, contacted, score, true = campaign(seed)
        found = effect(outcome, contacted, ALONE, 0.95, score[:, None] if adjusted else None)
        held.append(found.low <= true <= found.high)
    assert 0.92 < np.mean(held) < 0.975


def test_near_duplicates_count_once():
    outcome, contacted, score, _ = campaign(3, n=N // 2)
    twice = [np.tile(values, 2) for values in (outcome, contacted, score)]
    groups = np.tile(np.arange(N // 2), 2)
    for covariates in (None, score):
        once = effect(
            outcome,
            contacted,
            groups[: N // 2],
            0.95,
            None if covariates is None else covariates[:, None],
        )
        doubled = effect(
            twice[0], twice[1], groups, 0.95, None if covariates is None else twice[2][:, None]
        )
        assert doubled.value == pytest.approx(once.value)
        assert doubled.error == pytest.approx(once.error, rel=1e-6)


def test_a_small_arm_or_a_rare_outcome_has_no_interval():
    outcome, contacted, _, _ = campaign(4)
    small = np.arange(N) >= 9
    assert math.isnan(effect(outcome, small, ALONE, 0.95).low)
    assert not math.isnan(effect(outcome, np.arange(N) >= 10, ALONE, 0.95).low)
    rare = (np.arange(N) < 9).astype(float)
    assert math.isnan(effect(rare, contacted, ALONE, 0.95).low)
    nobody = effect(outcome, np.ones(N, dtype=bool), ALONE, 0.95)
    assert math.isnan(nobody.value)
    assert nobody.control == 0


def test_by_part_with_holms_adjustment():
    outcome, contacted, score, _ = campaign(5)
    parts = np.where(np.arange(N) % 3 == 0, "a", "b")
    table = effects_by(parts, outcome, contacted, ALONE, 0.95, score[:, None])
    assert table["part"].tolist() == ["a", "b"]
    of = parts == "a"
    alone = effect(outcome[of], contacted[of], ALONE[of], 0.95, score[of, None])
    assert pd.Series(alone.figures())["low"] == table["low"].iloc[0]
    assert (table["p_holm"] >= table["p"]).all()
    assert min(table["p_holm"]) == pytest.approx(min(1, 2 * min(table["p"])))


def test_an_effect_that_is_the_same_for_all_seldom_looks_different():
    p = []
    for seed in range(300):
        random = np.random.default_rng(seed)
        score = random.random(N)
        contacted = random.random(N) < 0.5
        outcome = score + 0.3 * contacted + random.normal(0, 1, N)
        modifiers = np.column_stack([score, random.random(N)])
        p.append(differences(modifiers, outcome, contacted, ALONE, 0.95)["p"])
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.085


def test_an_effect_that_differs_is_seen_with_the_promised_power():
    seen = []
    for seed in range(300):
        random = np.random.default_rng(seed)
        score = random.normal(0, 1, N)
        contacted = random.random(N) < 0.5
        noise = random.normal(0, 1, N)
        first = differences(score[:, None], score + noise, contacted, ALONE, 0.95)
        outcome = score + first["smallest"] * score * contacted + noise
        seen.append(differences(score[:, None], outcome, contacted, ALONE, 0.95)["p"] < 0.05)
    assert np.mean(seen) == pytest.approx(0.8, abs=0.07)


def test_the_spread_of_the_effect_is_estimated():
    spreads = []
    for seed in range(100):
        outcome, contacted, score, _ = campaign(seed, n=2000, effect=-0.4)
        found = differences(score[:, None], outcome, contacted, np.arange(2000), 0.95)
        spreads.append(found["spread"])
    assert np.mean(spreads) == pytest.approx(0.4 * 0.35, rel=0.15)


def test_how_many_customers_it_takes():
    assert size_for(0.2, 0.1, 500) == 2000
    assert math.isnan(size_for(0.2, 0.0, 500))
    assert seen_with_power(0.05, 0.95) == pytest.approx(0.14, abs=0.001)
