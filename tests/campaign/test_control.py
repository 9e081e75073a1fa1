"""The control group is drawn evenly, and says what can be found out with it."""

import math

import numpy as np
import pytest

from retention.campaign.measurement.control import (
    AtStake,
    control_share,
    draw_control,
    explained_by,
    independent,
    prospects,
    share_for,
    smallest_amount,
    smallest_difference,
)
from retention.harness.errors import UserError

N = 1000
SEGMENT = np.random.default_rng(0).choice(["a", "b", "c"], N, p=[0.7, 0.2, 0.1])
RISK = np.random.default_rng(1).integers(0, 3, N)
GROUPS = np.where(np.random.default_rng(2).random(N) < 0.2, np.arange(N) // 3, np.arange(N) + N)


def drawn(seed, share=0.2):
    return draw_control([SEGMENT, RISK], GROUPS, share, seed)


@pytest.mark.parametrize("seed", range(5))
def test_near_duplicates_are_in_one_arm_and_strata_are_split_evenly(seed):
    control = drawn(seed)
    for group in np.unique(GROUPS):
        assert len(set(control[group == GROUPS])) == 1
    assert abs(control.mean() - 0.2) < 0.02
    for segment in "abc":
        for risk in range(3):
            part = control[(segment == SEGMENT) & (risk == RISK)]
            # Whole groups can't be split, so that a stratum is off by a few of them.
            assert abs(part.sum() - 0.2 * len(part)) < 5


def test_who_is_in_it_is_up_to_the_seed_alone_and_everybody_may_be():
    np.testing.assert_array_equal(drawn(1), drawn(1))
    assert (drawn(1) != drawn(2)).any()
    times = np.mean([drawn(seed) for seed in range(400)], axis=0)
    assert times.min() > 0.1
    assert times.max() < 0.3


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5])
def test_the_share_is_that_of_the_groups(share):
    control = draw_control([SEGMENT], np.arange(N), share, 3)
    assert control.sum() == pytest.approx(share * N, abs=1)


def test_a_share_of_nothing_says_that_nothing_will_be_learnt():
    probability = np.full(N, 0.6)
    found = prospects(probability, drawn(1, 0.0), GROUPS, 0.95)
    assert found["control"] == 0
    assert not found["learns"]
    assert math.isnan(found["smallest"])
    assert math.isnan(found["smallest_adjusted"])
    assert prospects(probability, drawn(1, 0.1), GROUPS, 0.95)["learns"]


@pytest.mark.parametrize(("customers", "points"), [(353, 0.148), (1300, 0.077)])
def test_the_smallest_difference_of_known_examples(customers, points):
    # statsmodels' NormalIndPower at a base rate of 60 %, α 0.05, power 80 %, arms of equal size.
    found = smallest_difference(0.6, customers / 2, customers / 2, 0.95)
    assert found == pytest.approx(points, abs=0.0005)


def test_the_smallest_difference_is_seen_in_four_of_five_campaigns():
    random = np.random.default_rng(0)
    contacted, control, rate = 800, 400, 0.4
    fall = smallest_difference(rate, contacted, control, 0.95)
    treated = random.binomial(contacted, rate - fall, 20_000) / contacted
    left = random.binomial(control, rate, 20_000) / control
    error = np.sqrt(treated * (1 - treated) / contacted + left * (1 - left) / control)
    assert (abs(treated - left) > 1.96 * error).mean() == pytest.approx(0.8, abs=0.015)
    amount = smallest_amount(2.0, contacted, control, 0.95)
    means = random.normal(amount, 2 * np.sqrt(1 / contacted + 1 / control), 20_000)
    assert (means > 1.96 * 2 * np.sqrt(1 / contacted + 1 / control)).mean() == pytest.approx(
        0.8, abs=0.015
    )


def test_a_difference_of_the_profit_is_seen_in_four_of_five_campaigns():
    random = np.random.default_rng(0)
    probability, profit = random.beta(0.4, 0.6, N), random.exponential(10, N)
    control = drawn(1, 0.5)
    found = prospects(probability, control, np.arange(N), 0.95, AtStake(profit, 0.4))
    difference = found["smallest_profit"]
    expected = profit * (1 - 0.4 * probability)
    seen = []
    for _ in range(2000):
        net = profit * (1 - 0.4 * (random.random(N) < probability)) + difference * ~control
        left = net - expected
        error = np.sqrt(sum(left[arm].var() / arm.sum() for arm in (control, ~control)))
        seen.append(abs(left[~control].mean() - left[control].mean()) > 1.96 * error)
    assert np.mean(seen) == pytest.approx(0.8, abs=0.03)
    assert prospects(probability, control, np.arange(N), 0.95)["smallest_profit"] is None


def test_a_score_that_explains_something_lets_smaller_effects_be_seen():
    probability = np.random.default_rng(3).beta(0.4, 0.6, N)
    found = prospects(probability, drawn(1), GROUPS, 0.95)
    assert 0.4 < found["explained"] < 0.6
    assert found["smallest_adjusted"] < 0.8 * found["smallest"]
    outcomes = np.random.default_rng(4).random((400, N)) < probability
    left = np.mean((outcomes - probability) ** 2) / np.mean((outcomes - probability.mean()) ** 2)
    assert found["explained"] == pytest.approx(1 - left, abs=0.01)
    assert explained_by(np.full(10, 0.3)) == pytest.approx(0)
    assert explained_by(np.ones(10)) == 0


def test_so_few_that_nothing_would_be_seen_have_no_smallest_effect():
    # Arms of two: φ = 2·arcsin√0.3 = 1.16 is less than 2.80·√(1/2 + 1/2).
    assert math.isnan(smallest_difference(0.3, 2, 2, 0.95))
    # And the whole fall is the largest that there is.
    falls = [smallest_difference(0.3, n, n, 0.95) for n in (12, 13, 30, 300)]
    assert 0.3 >= falls[0] > falls[1] > falls[2] > falls[3] > 0


def test_the_control_group_is_as_small_as_shows_the_wanted_effect():
    probability = np.random.default_rng(3).beta(2, 2, N)
    groups = np.arange(N)
    shares = [control_share(probability, groups, 0.3, wanted, 0.95) for wanted in (0.2, 0.15, 0.1)]
    assert 0 < shares[0] < shares[1] < shares[2] <= 0.5
    control = draw_control([groups], groups, shares[1], 1)
    found = prospects(probability, control, groups, 0.95)
    assert found["smallest_adjusted"] == pytest.approx(0.15, abs=0.002)
    # Without a wanted effect it is the share that the shop gives, also where nobody is on the list.
    assert control_share(probability, groups, 0.3, None, 0.95) == 0.3
    assert control_share(probability[:0], groups[:0], 0.3, 0.1, 0.95) == 0.3


@pytest.mark.parametrize(("customers", "seen"), [(N, r"no fall below 0\.0\d\d"), (4, "no fall:")])
def test_an_effect_that_not_even_a_half_as_control_shows_is_refused_in_a_sentence(customers, seen):
    probability = np.full(customers, 0.4)
    with pytest.raises(UserError, match=seen) as caught:
        control_share(probability, np.arange(customers), 0.2, 0.01, 0.95)
    message = str(caught.value)
    assert message.startswith("params.yaml: 'offer.smallest_effect' is 0.01, but of ")
    assert "offer.control" in message
    assert "\n" not in message


def test_near_duplicates_count_less():
    assert independent(np.arange(10)) == 10
    assert independent(np.arange(10) // 2) == 5
    apart = prospects(np.full(N, 0.5), drawn(1), np.arange(N), 0.95)
    together = prospects(np.full(N, 0.5), drawn(1), GROUPS, 0.95)
    assert together["smallest"] > apart["smallest"]


def test_a_share_by_power_shows_the_wanted_difference():
    share = share_for(1000, 0.6, 0.12, 0.95)
    assert 0 < share < 0.5
    seen = smallest_difference(0.6, 1000 * (1 - share), 1000 * share, 0.95)
    assert seen == pytest.approx(0.12, abs=1e-6)
    assert share_for(1000, 0.6, 0.12, 0.95, explained=0.5) < share
    assert math.isnan(share_for(1000, 0.6, 0.01, 0.95))
