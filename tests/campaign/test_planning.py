"""Plans: what they may not do, how good they are, and what they leave as it is."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from campaigns import OPTIONS, assumptions, customers, problem, within
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from retention.campaign.planning.curve import curve
from retention.campaign.planning.plan import EXACT, Planner, counted
from retention.campaign.planning.problem import NOBODY, Limits, Problem, chosen, counts, rows
from retention.campaign.worth import Option, worth
from retention.harness.errors import UserError

LIMITS = {
    "capacity": {"message": 100, "on_site": 60},
    "minimum": {"warranty": 12, "reminder": 5},
    "maximum": {"discount": 40},
}
N = 400


def solved(found: Problem, *, whole: bool):
    """Return the best increment by one integer program, or by its linear relaxation."""
    customer, option = np.nonzero(found.allowed)
    pairs = len(customer)
    once = sparse.csr_array(
        (np.ones(pairs), (customer, np.arange(pairs))), (found.customers, pairs)
    )
    limits = rows(found)
    weights = np.vstack([found.spent[customer, option], limits.matrix[:, option]])
    budget = np.inf if found.limits.budget is None else found.limits.budget
    answer = milp(
        -found.increment[customer, option],
        integrality=np.full(pairs, int(whole)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(
            sparse.vstack([once, sparse.csr_array(weights)]),
            -np.inf,
            np.concatenate([np.ones(found.customers), [budget], limits.most]),
        ),
        options={"mip_rel_gap": 0},
    )
    return -answer.fun


def planned(found: Problem, seed=1):
    return Planner(found, seed).plan(found.limits.budget)


def assert_kept(found: Problem, choice):
    """Fail where a plan breaks a limit."""
    contacted = choice != NOBODY
    assert found.allowed[contacted, choice[contacted]].all()
    number = counted(found, choice)
    limits = found.limits
    for name, most in limits.capacity.items():
        assert number["channel"].get(name, 0) <= most
    for name, most in limits.maximum.items():
        assert number["offer"].get(name, 0) <= most
    for name, least in limits.minimum.items():
        assert number["offer"].get(name, 0) >= least
    if limits.budget is not None:
        assert chosen(found.spent, choice).sum() <= limits.budget * (1 + 1e-6)


def stops(found: Problem):
    return Planner(found, 1).plan(None).spent


def test_within_half_a_percent_of_the_linear_bound_at_twenty_budgets():
    found = problem(N, 1, **LIMITS)
    planner = Planner(found, 1)
    for share in np.linspace(0.1, 1.05, 20):
        limited = within(found, budget=share * stops(found))
        plan = planner.plan(limited.limits.budget)
        assert_kept(limited, plan.choice)
        bound = solved(limited, whole=False)
        assert plan.increment >= 0.995 * bound
        assert plan.bound == pytest.approx(bound, rel=1e-4)
        assert plan.increment <= bound * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_few_customers_get_the_best_plan_there_is(seed):
    found = problem(
        60, seed, capacity={"message": 15, "on_site": 9}, minimum={"warranty": 4}, budget=3.0
    )
    assert found.customers <= EXACT
    plan = planned(found)
    assert_kept(found, plan.choice)
    assert plan.increment == pytest.approx(solved(found, whole=True), rel=1e-6)


def test_the_best_of_all_plans_of_five_customers():
    found = problem(5, 3, capacity={"message": 2}, minimum={"warranty": 1}, budget=0.4)
    best = -np.inf
    for each in itertools.product(range(NOBODY, len(OPTIONS)), repeat=5):
        choice = np.array(each, dtype=np.int8)
        contacted = choice != NOBODY
        if not found.allowed[contacted, choice[contacted]].all():
            continue
        broken = (rows(found).matrix @ counts(choice, len(OPTIONS)) > rows(found).most).any()
        if not broken and chosen(found.spent, choice).sum() <= 0.4:
            best = max(best, chosen(found.increment, choice).sum())
    assert planned(found).increment == pytest.approx(best)


def test_no_other_list_under_the_same_limits_brings_more():
    found = within(problem(N, 2, **LIMITS), budget=20.0)
    plan = planned(found)
    random = np.random.default_rng(0)
    best_alone = np.where(found.allowed, found.increment, -np.inf).argmax(axis=1)
    for _ in range(50):
        # As many as the limits allow, in some order.
        choice = np.full(N, NOBODY, dtype=np.int8)
        for i in random.permutation(N):
            choice[i] = best_alone[i] if found.allowed[i].any() else NOBODY
            number = rows(found).matrix @ counts(choice, len(OPTIONS))
            over = number[:3] > rows(found).most[:3]
            if over.any() or chosen(found.spent, choice).sum() > 20:
                choice[i] = NOBODY
        assert chosen(found.increment, choice).sum() <= plan.bound


def test_without_limits_everybody_gets_the_best_option_that_pays():
    found = problem(N, 4)
    best = np.where(found.allowed, found.increment, -np.inf)
    expected = np.where(best.max(axis=1) > 0, best.argmax(axis=1), NOBODY)
    plan = planned(found)
    np.testing.assert_array_equal(plan.choice, expected)
    assert plan.gap == pytest.approx(0, abs=1e-9)
    assert plan.price == 0


def test_nobody_is_contacted_where_every_offer_harms():
    harmful = {f"offers.{name}.share_kept": 0.0 for name in assumptions().offers}
    increment, spent = worth(
        **customers(100, 5), options=OPTIONS, values={**assumptions().means(), **harmful}
    )
    found = Problem(OPTIONS, increment, spent, np.ones_like(increment, dtype=bool), Limits())
    plan = planned(found)
    assert plan.customers == 0
    assert plan.increment == 0
    points = curve(found, steps=4, seed=1).points
    assert points["customers"].tolist() == [0]


def test_a_minimum_is_kept_even_where_it_costs():
    found = problem(N, 6, minimum={"warranty": 60})
    free = planned(within(found, minimum={}))
    forced = planned(found)
    assert counted(found, free.choice)["offer"].get("warranty", 0) < 60
    assert counted(found, forced.choice)["offer"]["warranty"] == 60
    assert forced.increment < free.increment
    assert forced.prices["minimum", "warranty"] > 0


@pytest.mark.parametrize(
    "limits",
    [
        {"minimum": {"warranty": 500}},
        {"minimum": {"warranty": 100}, "budget": 0.5},
        {"minimum": {"warranty": 50, "discount": 50}, "capacity": {"message": 40, "on_site": 30}},
        {"minimum": {"warranty": 50}, "maximum": {"warranty": 20}},
    ],
)
def test_limits_that_contradict_each_other_are_told(limits):
    with pytest.raises(UserError, match="can't be kept together with the minimum of each offer"):
        planned(problem(N, 7, **limits))


def test_the_same_plan_whatever_the_order_of_the_customers_and_on_every_run():
    found = within(problem(N, 8, **LIMITS), budget=20.0)
    plan = planned(found)
    np.testing.assert_array_equal(planned(found).choice, plan.choice)
    turned = Problem(
        OPTIONS, found.increment[::-1], found.spent[::-1], found.allowed[::-1], found.limits
    )
    assert planned(turned).increment == pytest.approx(plan.increment, rel=1e-4)


def test_who_is_equal_in_everything_is_not_told_apart_by_the_place_in_the_file():
    one = problem(1, 9)
    many = [np.repeat(table, N, axis=0) for table in (one.increment, one.spent)]
    found = Problem(
        OPTIONS, *many, np.ones((N, 8), dtype=bool), Limits(capacity={"message": 100, "on_site": 0})
    )
    contacted = np.flatnonzero(planned(found).choice != NOBODY)
    assert len(contacted) == 100
    assert 150 < contacted.mean() < 250
    assert planned(found, seed=2).choice.tolist() != planned(found, seed=1).choice.tolist()


def costlier(by: float, **limits):
    values = assumptions().means()
    increment, spent = worth(
        **customers(N, 10),
        options=OPTIONS,
        values={**values, "offers.premium.cost": values["offers.premium.cost"] + by},
    )
    found = problem(N, 10, **limits)
    return replace(found, increment=increment, spent=spent)


def test_raising_the_cost_of_an_offer_never_raises_how_many_get_it():
    number = []
    for by in (0.0, 0.05, 0.1, 0.2, 0.5):
        found = costlier(by)
        number.append(counted(found, planned(found).choice)["offer"].get("premium", 0))
    assert number == sorted(number, reverse=True)
    assert number[0] > number[-1]


def test_nor_under_capacities_how_many_are_expected_to_take_it():
    # What a plan maximises falls by the cost for each who takes the offer, not who gets it.
    taken = []
    values = assumptions().means()
    takers = (
        costlier(1 - values["offers.premium.cost"]).spent
        - costlier(-values["offers.premium.cost"]).spent
    )
    for by in (0.0, 0.05, 0.1, 0.2, 0.5):
        found = costlier(by, capacity={"message": 100, "on_site": 70})
        taken.append(chosen(takers, planned(found).choice).sum())
    assert all(later <= earlier + 0.05 for earlier, later in itertools.pairwise(taken))
    assert taken[0] > taken[-1]


def test_the_curve_rises_ever_more_slowly_to_where_it_stops():
    found = within(problem(N, 11, **LIMITS), budget=10.0)
    known = curve(found, steps=5, seed=1)
    points = known.points
    assert points["budget"].is_monotonic_increasing
    assert 10.0 in points["budget"].tolist()  # the shop's own
    assert points["budget"].iloc[-1] == pytest.approx(known.stops)
    assert (points["spent"] <= points["budget"] * (1 + 1e-6) + 1e-9).all()
    assert points["increment"].is_monotonic_increasing
    assert (points["price"].diff().dropna() <= 1e-2).all()
    assert points["price"].iloc[-1] == pytest.approx(0, abs=0.02)
    # More money than what pays brings nothing more.
    more = Planner(found, 1).plan(known.stops * 2)
    assert more.increment == pytest.approx(points["increment"].iloc[-1], rel=1e-4)
    by_budget = known.offers.groupby("budget")["customers"].sum()
    np.testing.assert_array_equal(by_budget, points["customers"])


def test_the_price_of_money_is_what_a_little_more_brings():
    found = problem(3000, 12, capacity={"message": 700})
    planner = Planner(found, 1)
    budget = 0.4 * stops(found)
    plan, more = planner.plan(budget), planner.plan(budget * 1.05)
    assert (more.increment - plan.increment) / (0.05 * budget) == pytest.approx(plan.price, rel=0.1)


def test_many_customers_learn_their_first_prices_from_some(monkeypatch):
    found = problem(3000, 13, capacity={"message": 700, "on_site": 500}, maximum={"discount": 300})
    limited = within(found, budget=0.3 * stops(found))
    plan = planned(limited)
    monkeypatch.setattr("retention.campaign.planning.relaxation._MANY", 800)
    coarse = planned(limited)
    assert_kept(limited, coarse.choice)
    assert coarse.increment == pytest.approx(plan.increment, rel=5e-4)
    assert coarse.gap < 1e-3


def test_options_of_no_channel_that_is_limited_are_left_alone():
    found = problem(200, 14, capacity={"letter": 3})
    assert planned(found).increment == pytest.approx(planned(problem(200, 14)).increment)
    assert rows(found).names == []
    assert rows(problem(200, 14, minimum={"letter": 3})).names == [("minimum", "letter")]
    assert Option("a", "b") == ("a", "b")


def test_under_a_budget_a_dearer_offer_may_still_be_the_cheaper_way():
    # With 10 to spend on two customers: first a luxury (6) and a gift (4), then two gifts (5 each).
    number = []
    for cost in (4.0, 5.0):
        increment = np.tile([12.0, 13.0 - cost], (2, 1))
        spent = np.tile([6.0, cost], (2, 1))
        options = [Option("luxury", "message"), Option("gift", "message")]
        found = Problem(options, increment, spent, np.ones((2, 2), dtype=bool), Limits(budget=10.0))
        number.append(counted(found, planned(found).choice)["offer"]["gift"])
    assert number == [1, 2]
