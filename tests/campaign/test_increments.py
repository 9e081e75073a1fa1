"""What a plan brings over other policies; on outcomes that mean nothing, nothing."""

import math
from dataclasses import replace

import numpy as np
import pytest
from campaigns import OPTIONS, assumptions, problem, within

from retention.campaign.decisions import empc
from retention.campaign.increments import over, realised_over, varied_empc
from retention.campaign.net_benefit import decision_curve, net_benefit
from retention.campaign.planning.plan import Planner
from retention.campaign.planning.policies import (
    best_single_offer,
    cut_to_limits,
    listed,
    nobody,
    uninformed,
)
from retention.campaign.planning.problem import NOBODY, Limits, Problem, chosen, counts, rows
from retention.campaign.worth import worth
from retention.statistics.resampling import shuffled

N = 400
RESAMPLING = {"samples": 200, "confidence": 0.95, "seed": 1}


def store(seed):
    """Return probabilities, outcomes by them, profit and groups of near-duplicates."""
    random = np.random.default_rng(seed)
    probability = random.beta(0.4, 0.6, N)
    decline = (random.random(N) < probability).astype(np.int64)
    groups = np.arange(N, dtype=np.intp)
    groups[::10] = groups[1::10]
    return probability, decline, random.lognormal(1.3, 0.4, N), groups


def priced(probability, profit):
    """Return increment and money of each customer by each option."""
    fresh = np.zeros(len(profit), dtype=bool)
    return worth(probability, profit, fresh, OPTIONS, assumptions().means())


def planned(probability, profit, share=0.4):
    """Return a problem whose budget is a share of what pays, and its plan."""
    increment, spent = priced(probability, profit)
    free = Problem(OPTIONS, increment, spent, np.ones((N, len(OPTIONS)), dtype=bool), Limits())
    budget = share * Planner(free, 1).plan(None).spent
    found = within(free, budget=budget)
    return found, Planner(found, 1).plan(budget)


def compared(probability, decline, profit, groups):
    """Return the realised increment of the plan over those who don't know probabilities."""
    found, plan = planned(probability, profit)
    mean = np.full(N, probability.mean())
    blind = uninformed(found, *priced(mean, profit), seed=1)
    everybody = cut_to_limits(
        found, listed(found, np.ones(N, dtype=bool)), np.random.default_rng(0).permutation(N)
    )
    policies = {"nobody": nobody(found), "uninformed": blind, "everybody": everybody}
    realised, _ = priced(decline.astype(np.float64), profit)
    return realised_over(realised, plan.choice, policies, decline, groups, **RESAMPLING)


def test_probabilities_that_are_right_bring_more_than_none():
    probability, decline, profit, groups = store(1)
    found = compared(probability, decline, profit, groups)
    for name in ("nobody", "uninformed", "everybody"):
        assert 0 < found[name]["low"] < found[name]["value"] < found[name]["high"]


def test_on_shuffled_outcomes_the_increment_over_not_knowing_holds_zero():
    held = []
    for seed in range(8):
        _, decline, profit, groups = store(seed)
        mixed = shuffled(decline.astype(bool), groups, draws=1, seed=seed)[1].astype(np.int64)
        # What a model can learn from outcomes that mean nothing: the mean, and some noise.
        noise = np.random.default_rng(seed).normal(0, 0.03, N)
        probability = np.clip(decline.mean() + noise, 0.01, 0.99)
        found = compared(probability, mixed, profit, groups)["uninformed"]
        held.append(found["low"] <= 0 <= found["high"])
    assert sum(held) >= 7


def test_realised_increments_and_their_intervals_count_groups_once():
    probability, decline, profit, _ = store(2)
    once = compared(probability, decline, profit, np.arange(N))["nobody"]
    halves = compared(probability, decline, profit, np.arange(N) // 4)["nobody"]
    assert halves["value"] == pytest.approx(once["value"])
    spread = [one["high"] - one["low"] for one in (once, halves)]
    assert spread[1] > 0.8 * spread[0]


def test_the_same_choice_differs_by_nothing_and_has_no_interval():
    probability, decline, profit, groups = store(3)
    found, plan = planned(probability, profit)
    realised, _ = priced(decline.astype(np.float64), profit)
    same = realised_over(
        realised, plan.choice, {"same": plan.choice}, decline, groups, **RESAMPLING
    )
    assert same["same"]["value"] == 0
    assert math.isnan(same["same"]["low"])
    assert over(found.increment, plan.choice, {"same": plan.choice})["same"]["value"] == 0


def test_too_few_outcomes_have_no_interval():
    probability, _, profit, groups = store(4)
    found, plan = planned(probability, profit)
    few = (np.arange(N) < 5).astype(np.int64)
    realised, _ = priced(few.astype(np.float64), profit)
    alone = realised_over(
        realised, plan.choice, {"nobody": nobody(found)}, few, groups, **RESAMPLING
    )
    assert math.isnan(alone["nobody"]["low"])


def test_no_policy_within_the_limits_is_expected_to_bring_more_than_the_plan():
    found = problem(N, 5, capacity={"message": 80, "on_site": 60}, budget=15.0)
    plan = Planner(found, 1).plan(15.0)
    random = np.random.default_rng(1)
    everybody = cut_to_limits(found, listed(found, np.ones(N, dtype=bool)), random.permutation(N))
    name, single = best_single_offer(found, 1)
    assert {OPTIONS[j].offer for j in np.unique(single[single != NOBODY])} == {name}
    policies = {"nobody": nobody(found), "everybody": everybody, "single": single}
    for policy in (everybody, single):
        assert (rows(found).matrix @ counts(policy, len(OPTIONS)) <= rows(found).most).all()
        assert chosen(found.spent, policy).sum() <= 15
    ahead = over(found.increment, plan.choice, policies)
    assert all(line["value"] > 0 for line in ahead.values())
    assert ahead["nobody"] == {"value": pytest.approx(plan.increment), "contacted": 0}
    assert ahead["everybody"]["contacted"] == (everybody != NOBODY).sum()


def test_a_list_is_contacted_in_its_order_while_money_lasts():
    found = replace(problem(N, 6), limits=Limits(budget=1.0, minimum={"warranty": 50}))
    on_list = np.arange(N) < 100
    whole = listed(found, on_list)
    assert (whole[~on_list] == NOBODY).all()
    order = np.arange(N)[::-1]
    kept = np.flatnonzero(cut_to_limits(found, whole, order) != NOBODY)
    assert 0 < len(kept) < 100
    first = [i for i in order if whole[i] != NOBODY][:3]
    assert set(first) <= set(kept.tolist())


def test_empc_under_several_distributions_of_the_share_kept():
    probability, decline, _, groups = store(7)
    shapes = [(6.0, 14.0), (3.0, 17.0)]
    lines = varied_empc(decline, probability, shapes, (12.0, 1.5, 0.1), groups, **RESAMPLING)
    assert [(line["alpha"], line["beta"]) for line in lines] == shapes
    for line, shape in zip(lines, shapes, strict=True):
        alone = empc(decline, probability, 12.0, 1.5, 0.1, *shape)["value"]
        none = empc(decline, np.zeros(N), 12.0, 1.5, 0.1, *shape)["value"]
        assert line["value"] == pytest.approx(alone)
        assert line["none"] == pytest.approx(none)
        assert line["low"] < line["value"] < line["high"]
        assert line["ahead"]["low"] > 0
    assert lines[0]["value"] > lines[1]["value"]


def test_net_benefit_worked_out_by_hand():
    decline = np.array([1, 1, 0, 0, 0])
    score = np.array([0.9, 0.2, 0.6, 0.3, 0.1])
    # Two contacted, one of them declines: 1/5 − 1/5·0.5/0.5.
    assert net_benefit(decline, score, 0.5) == pytest.approx(0)
    # At 0.2: four contacted, two decline: 2/5 − 2/5·0.25.
    assert net_benefit(decline, score, 0.2) == pytest.approx(0.3)


def test_a_decision_curve_says_where_a_model_is_worse_than_contacting_all():
    probability, decline, _, groups = store(8)
    # A model that is sure of itself beyond reason sends nobody to some who decline.
    overdone = np.clip(3 * (probability - 0.5) + 0.5, 0.001, 0.999)
    thresholds = np.array([0.02, 0.1, 0.3, 0.6])
    table = decision_curve(decline, overdone, thresholds, groups, **RESAMPLING)
    assert table["worse"].tolist()[0]
    assert table["all"].is_monotonic_decreasing
    good = decision_curve(decline, probability, thresholds, groups, **RESAMPLING)
    assert not good["worse"].any()
    assert (good["ahead"].iloc[2:] > 0).all()
    noise = np.random.default_rng(0).permutation(probability)
    assert not (decision_curve(decline, noise, thresholds, groups, **RESAMPLING)["low"] > 0).any()
