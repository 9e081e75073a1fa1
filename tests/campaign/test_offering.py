"""From customers and the catalogue to a plan: who may get what, what it brings, and over whom."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from campaigns import CHANNELS, catalogue, channel, entry, fixed
from shop import ROLES

from retention.campaign.figures import plan_figures
from retention.campaign.offering import of_plan, offering, policies
from retention.campaign.planning.plan import Planner
from retention.campaign.planning.problem import NOBODY, chosen
from retention.contract.roles import with_roles
from retention.harness.errors import UserError

CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["011", "12", "13", "14", "15"],
        "allows_messages": ["да", "нет", "да", "нет", "да"],
        "favourite_category": ["посуда", "техника", "посуда", "посуда", "техника"],
        "unpaid_items_3m": [7, 7, 1, 1, 0],
        "promo_share": [0.9, 0.9, 0.9, 0.1, 0.1],
        "monthly_profit": [4.0, 5.0, 3.0, 4.0, 4.0],
        "probability": [0.9, 0.8, 0.7, 0.6, 0.1],
        "predicted_decline": [True, True, True, True, False],
    },
    index=[3, 1, 4, 0, 2],
)
REASONS = pd.DataFrame(
    {
        "customer_id": ["011", "011", "13", "14", "99"],
        "column": ["promo_share", "unpaid_items_3m", "unpaid_items_3m", "promo_share", "minutes"],
    }
)
OFFERS = {
    "hint": entry(kept=0.1),
    "cart": entry("unpaid_items_3m >= 5", kept=0.4, cost=0.4),
    "promo": entry("promo_share >= 0.4", kept=0.3),
}


def found_for(offers, customers=CUSTOMERS, *, roles=ROLES, ranks=True, **changed):
    known = catalogue(offers, **changed)
    table = with_roles(customers, roles)
    return offering(known, known.assumptions(), table, REASONS, ranks=ranks)


def planned(offers, customers=CUSTOMERS, seed=1, **changed):
    """Return customer → (offer, channel) of a plan."""
    found = found_for(offers, customers, **changed)
    choice = Planner(found.problem, seed).plan(found.problem.limits.budget).choice
    return {
        customer: tuple(found.problem.options[k])
        for customer, k in zip(customers["customer_id"], choice, strict=True)
        if k != NOBODY
    }


def test_each_gets_the_offer_that_brings_most_among_those_that_fit():
    assert planned(OFFERS) == {
        "011": ("cart", "message"),
        "12": ("cart", "on_site"),
        "13": ("promo", "message"),
        "14": ("hint", "on_site"),
        "15": ("hint", "message"),
    }
    # Dear enough, a discount is worth less than what comes next.
    dear = {**OFFERS, "cart": entry("unpaid_items_3m >= 5", kept=0.4, cost=2.0)}
    assert {customer: offer for customer, (offer, _) in planned(dear).items()} == {
        "011": "promo",
        "12": "promo",
        "13": "promo",
        "14": "hint",
        "15": "hint",
    }


def test_of_offers_that_are_worth_the_same_the_first_of_the_catalogue_is_taken():
    for names in (("b", "a"), ("a", "b")):
        offers = {name: entry(kept=0.2) for name in names}
        assert {offer for offer, _ in planned(offers).values()} == {names[0]}


def test_the_increment_is_worked_out_from_the_customers_profit_and_the_horizon():
    found = found_for({"cart": OFFERS["cart"]})
    # p·γ·s·V·H − d·(p·γ + (1 − p)·τ): 0.9·0.4·0.5·4·2 − 0.4·(0.36 + 0.1·0.5)
    assert found.problem.increment[0] == pytest.approx([1.44 - 0.164, (1.44 - 0.164) / 2])
    longer = found_for({"cart": OFFERS["cart"]}, horizon_months=6.0)
    assert longer.problem.increment[0, 0] == pytest.approx(3 * 1.44 - 0.164)
    quarter = ROLES.model_copy(update={"profit": ROLES.profit.model_copy(update={"months": 3})})
    by_quarter = found_for({"cart": OFFERS["cart"]}, roles=quarter)
    assert by_quarter.problem.increment[0, 0] == pytest.approx(1.44 / 3 - 0.164)


def test_only_contacts_that_pay_are_planned():
    dear = planned({"gift": entry(kept=0.5, cost=2.0)})
    worth = found_for({"gift": entry(kept=0.5, cost=2.0)}).problem.increment[:, 0]
    assert 0 < len(dear) < 5
    assert (worth <= 0).any()
    for customer, increment in zip(CUSTOMERS["customer_id"], worth, strict=True):
        assert (customer in dear) == (increment > 0)


@pytest.mark.parametrize("channels", [["message", "on_site"], ["on_site", "message"], ["message"]])
def test_who_gave_no_consent_never_gets_a_message(channels):
    # However much better a message is, and whatever limits push towards it.
    offers = {"gift": entry(kept=0.5, channels=channels)}
    better = {"message": channel(needs_consent=True), "on_site": channel(reach=fixed(0.01))}
    for limits in ({}, {"budget": 3.0}):
        plan = planned(offers, channels=better, **limits)
        refused = CUSTOMERS.loc[CUSTOMERS["allows_messages"] == "нет", "customer_id"]
        assert {way for customer, (_, way) in plan.items() if customer in set(refused)} <= {
            "on_site"
        }
        assert plan["011"] == ("gift", "message")
    assert ("12" in plan) == ("on_site" in channels)


def test_a_minimum_gets_nobody_a_message_without_consent():
    offers = {"letter": entry(kept=0.5, channels=["message"], minimum=4)}
    with pytest.raises(UserError, match="the minimum of letter can't be kept"):
        planned(offers)
    offers["letter"]["minimum"] = 3
    assert set(planned(offers)) == {"011", "13", "15"}


def test_without_a_column_of_consent_everybody_gets_what_the_site_itself_can_show():
    nobody_asked = ROLES.model_copy(update={"consent": None})
    assert {way for _, way in planned(OFFERS, roles=nobody_asked).values()} == {"on_site"}
    assert planned({"a": entry(kept=0.5, channels=["message"])}, roles=nobody_asked) == {}


def test_a_channel_that_needs_no_consent_reaches_everybody():
    both = {"letter": channel(), "on_site": channel(reach=fixed(0.1))}
    offers = {"gift": entry(kept=0.5, channels=["on_site", "letter"])}
    assert {way for _, way in planned(offers, channels=both).values()} == {"letter"}


@pytest.mark.parametrize(
    ("consider", "expected"),
    [
        ("probability > 0.65", ["011", "12", "13"]),
        ("predicted_decline and monthly_profit >= 4", ["011", "12", "14"]),
        ("promo_share > 1", []),
    ],
)
def test_who_is_not_considered_gets_nothing(consider, expected):
    assert list(planned(OFFERS, consider=consider)) == expected


def test_an_offer_goes_where_one_of_the_columns_it_answers_is_among_the_reasons():
    offers = {"gift": entry(kept=0.5, answers=["promo_share"]), "hint": entry(kept=0.1)}
    got = {customer: offer for customer, (offer, _) in planned(offers).items()}
    assert got == {"011": "gift", "12": "hint", "13": "hint", "14": "gift", "15": "hint"}
    offers["gift"]["answers"] = ["minutes", "unpaid_items_3m"]
    got = {customer: offer for customer, (offer, _) in planned(offers).items()}
    assert got == {"011": "gift", "12": "hint", "13": "gift", "14": "hint", "15": "hint"}
    # Who meets the condition for another reason doesn't get it, nor who has the reason alone.
    offers["gift"]["when"] = "promo_share >= 0.4"
    offers["gift"]["answers"] = ["promo_share"]
    assert [c for c, (offer, _) in planned(offers).items() if offer == "gift"] == ["011"]


def test_contacts_of_the_tired_are_worth_less():
    free = found_for(OFFERS).problem
    tired = found_for(OFFERS, tired="promo_share >= 0.4")
    assert tired.tired.tolist() == [True, True, True, False, False]
    assert tired.problem.increment[:3] == pytest.approx(free.increment[:3] / 2)
    assert tired.problem.increment[3:] == pytest.approx(free.increment[3:])


def test_the_limits_of_the_catalogue_are_kept():
    free = planned(OFFERS)
    found = found_for(OFFERS, budget=0.2)
    assert Planner(found.problem, 1).plan(0.2).spent <= 0.2
    assert 0 < len(planned(OFFERS, budget=0.2)) <= len(free)
    assert planned(OFFERS, budget=0.2) != free
    few = {**CHANNELS, "message": channel(needs_consent=True, capacity=2)}
    assert [way for _, way in planned(OFFERS, channels=few).values()].count("message") == 2
    shut = {**CHANNELS, "on_site": channel(capacity=0)}
    assert list(planned(OFFERS, channels=shut)) == ["011", "13", "15"]


def test_each_offer_has_its_minimum_and_maximum():
    few = {**OFFERS, "cart": {**OFFERS["cart"], "maximum": 1}}
    assert [o for o, _ in planned(few).values()].count("cart") == 1
    many = {**OFFERS, "hint": entry(kept=0.1, minimum=4)}
    assert [o for o, _ in planned(many).values()].count("hint") == 4
    none = {**OFFERS, "cart": {**OFFERS["cart"], "maximum": 0}}
    assert "cart" not in {o for o, _ in planned(none).values()}


@pytest.mark.parametrize("budget", [None, 0.05, 0.15, 0.3])
def test_no_other_list_and_no_other_offers_bring_more(budget):
    offers = {"cart": OFFERS["cart"], "hint": entry(kept=0.1, cost=0.05)}
    found = found_for(offers, budget=budget)
    problem = found.problem
    best = 0.0
    for each in itertools.product(range(NOBODY, 4), repeat=5):
        choice = np.array(each, dtype=np.int8)
        contacted = choice != NOBODY
        spent = chosen(problem.spent, choice).sum()
        if problem.allowed[contacted, choice[contacted]].all() and spent <= (budget or np.inf):
            best = max(best, chosen(problem.increment, choice).sum())
    plan = Planner(problem, 1).plan(budget)
    assert plan.increment == pytest.approx(best)
    assert plan.spent <= (budget or np.inf)


def test_the_plan_is_the_same_on_every_run_and_in_any_order_of_the_customers():
    first = planned(OFFERS, budget=0.2)
    assert planned(OFFERS, budget=0.2) == first
    assert planned(OFFERS, CUSTOMERS.iloc[::-1], budget=0.2) == first


def test_a_dearer_offer_or_contact_gets_no_more_customers():
    def number(cost, contact):
        offers = {**OFFERS, "cart": entry("unpaid_items_3m >= 1", kept=0.4, cost=cost)}
        channels = {**CHANNELS, "message": channel(contact, needs_consent=True)}
        plan = planned(offers, channels=channels).values()
        return [offer for offer, _ in plan].count("cart"), [way for _, way in plan].count("message")

    by_cost = [number(cost, 0.0)[0] for cost in (0.0, 0.3, 0.6, 1.0, 3.0)]
    by_contact = [number(0.3, cost)[1] for cost in (0.0, 0.3, 0.6, 1.0, 3.0)]
    for numbers in (by_cost, by_contact):
        assert numbers == sorted(numbers, reverse=True)
        assert numbers[0] > numbers[-1]


def test_a_model_that_does_not_rank_contacts_nobody_whatever_the_limits():
    assert planned(OFFERS, ranks=False) == {}
    # Nor does a minimum that can't be kept then stop the run.
    assert planned({**OFFERS, "hint": entry(kept=0.1, minimum=2)}, ranks=False) == {}


def test_without_profit_decliners_who_are_kept_are_counted():
    found = found_for(OFFERS, roles=ROLES.model_copy(update={"profit": None}))
    assert not found.in_money
    hint, promo = found.problem.increment[2, [0, 4]]
    assert (hint, promo) == pytest.approx((0.7 * 0.1, 0.7 * 0.3))
    assert (found.problem.spent == 0).all()
    plan = planned(OFFERS, roles=ROLES.model_copy(update={"profit": None}))
    # As many as are predicted to decline, by what keeps most: costs don't count.
    assert {customer: offer for customer, (offer, _) in plan.items()} == {
        "011": "cart",
        "12": "cart",
        "13": "promo",
        "14": "hint",
    }
    assert set(planned(OFFERS)) - set(plan) == {"15"}


def test_who_has_no_known_profit_is_not_contacted_and_costs_no_sum():
    missing = CUSTOMERS.assign(monthly_profit=[4.0, np.nan, 3.0, 4.0, 4.0])
    assert set(planned(OFFERS, missing)) == {"011", "13", "14", "15"}
    found = found_for(OFFERS, missing)
    choice = Planner(found.problem, 1).plan(None).choice
    others, single = policies(found, {}, 1)
    assert single in OFFERS
    assert all(np.isfinite(chosen(found.problem.increment, one).sum()) for one in others.values())
    assert np.isfinite(found.contacts(choice).sums).all()


def of(found, choice, customers=CUSTOMERS):
    table = with_roles(customers, ROLES).assign(segment="", duplicates=np.arange(len(customers)))
    return of_plan(found, choice, table)


def test_a_plan_has_its_customers_with_what_each_is_expected_to_bring():
    found = found_for(OFFERS, tired="promo_share >= 0.4")
    choice = np.array([NOBODY, 3, 4, NOBODY, 0], dtype=np.int8)
    table = of(found, choice)
    assert table["customer_id"].tolist() == ["12", "13", "15"]
    ways = list(zip(table["offer"], table["channel"], strict=True))
    assert ways == [("cart", "on_site"), ("promo", "message"), ("hint", "message")]
    assert (
        table["expected_increment"].tolist()
        == found.problem.increment[[1, 2, 4], [3, 4, 0]].tolist()
    )
    assert table["expected_cost"].tolist() == found.problem.spent[[1, 2, 4], [3, 4, 0]].tolist()
    assert table["tired"].tolist() == [True, True, False]
    probability = np.zeros(5)
    probability[[1, 2, 4]] = table["break_even"]
    assert found.at(probability)[0][[1, 2, 4], [3, 4, 0]] == pytest.approx(0, abs=1e-9)
    assert len(of(found, np.full(5, NOBODY, dtype=np.int8))) == 0


def test_without_profit_a_plan_promises_no_sum():
    found = found_for(OFFERS, roles=ROLES.model_copy(update={"profit": None}))
    table = of(found, Planner(found.problem, 1).plan(None).choice)
    assert len(table) == 4
    assert table[["expected_increment", "expected_cost", "break_even"]].isna().all(axis=None)


def test_other_policies_keep_the_limits_and_the_consent():
    channels = {**CHANNELS, "on_site": channel(capacity=1, reach=fixed(0.5))}
    found = found_for(OFFERS, channels=channels)
    on_list = np.array([True, True, False, True, False])
    others, single = policies(found, {"theirs": on_list}, 1)
    assert set(others) == {"nobody", "everybody", "theirs", "best_single_offer", "uninformed"}
    contacted = {name: choice != NOBODY for name, choice in others.items()}
    assert not contacted["nobody"].any()
    # One of two without consent fits on the site: the more probable decliner.
    assert contacted["everybody"].tolist() == [True, True, True, False, True]
    assert contacted["theirs"].tolist() == [True, True, False, False, False]
    for name, choice in others.items():
        rows = np.flatnonzero(contacted[name])
        assert found.problem.allowed[rows, choice[rows]].all(), name
    alone = {found.problem.options[k].offer for k in others["best_single_offer"] if k != NOBODY}
    assert alone == {single}


def test_who_does_not_know_who_declines_plans_with_everybodys_mean():
    same = CUSTOMERS.assign(probability=0.62)
    found, blind = found_for(OFFERS), found_for(OFFERS, same)
    others, _ = policies(found, {}, 1)
    plan = Planner(blind.problem, 1).plan(None).choice
    np.testing.assert_array_equal(others["uninformed"], plan)


FIGURES = {"draws": 200, "seed": 1}


def test_figures_of_a_plan_say_what_it_brings_over_others_and_what_its_control_group_costs():
    found = found_for(OFFERS)
    plan = Planner(found.problem, 1).plan(None)
    sent = plan.choice.copy()
    sent[0] = NOBODY
    figures = plan_figures(found, plan, sent, {"theirs": np.arange(5) == 0}, **FIGURES)
    assert figures["customers"] == 5
    assert figures["over"]["nobody"]["value"] == pytest.approx(plan.increment)
    assert figures["over"]["nobody"]["contacted"] == 0
    assert figures["over"]["theirs"]["contacted"] == 1
    assert "sent" not in figures["over"]
    own = chosen(found.problem.increment, plan.choice)
    assert figures["control_costs"]["value"] == pytest.approx(own[0])
    assert figures["over"]["theirs"]["value"] == pytest.approx(own[1:].sum())
    assert figures["by_offer"] == {"hint": 2, "cart": 2, "promo": 1}
    assert figures["by_channel"] == {"message": 3, "on_site": 2}
    assert figures["in_money"] is True
    # Nothing is uncertain here, so nothing has a range.
    for line in (*figures["over"].values(), figures["control_costs"]):
        assert line["least"] == pytest.approx(line["value"])
        assert line["most"] == pytest.approx(line["value"])


def test_ranges_run_over_all_assumptions_of_a_plan():
    uncertain = {"distribution": "uniform", "low": 0.1, "high": 0.9, "origin": "a guess"}
    widths = []
    for changed in ({}, {"share_lost": uncertain}, {"share_lost": uncertain, "fatigue": uncertain}):
        found = found_for(OFFERS, tired="always", **changed)
        plan = Planner(found.problem, 1).plan(None)
        line = plan_figures(found, plan, plan.choice, {}, **FIGURES)["over"]["nobody"]
        widths.append(line["most"] - line["least"])
    assert widths[0] == pytest.approx(0)
    assert 0 < widths[1] < widths[2]


def test_an_empty_plan_has_figures_too():
    found = found_for(OFFERS, ranks=False)
    plan = Planner(found.problem, 1).plan(None)
    figures = plan_figures(found, plan, plan.choice, {}, **FIGURES)
    zero = {"value": 0.0, "least": 0.0, "most": 0.0, "loss": 0.0}
    assert figures["over"]["nobody"] == {"contacted": 0, **zero}
    assert figures["over"]["everybody"] == {"contacted": 0, **zero}
    assert figures["by_offer"] == {}


def test_what_was_realised_counts_outcomes_in_place_of_probabilities():
    found = found_for(OFFERS)
    decline = np.array([1.0, 0.0, 1.0, 0.0, 0.0])
    realised, _ = found.at(decline)
    again = replace(found, probability=decline)
    np.testing.assert_allclose(realised, again.at(decline)[0])
    assert (realised[decline == 0] <= 0).all()
    assert (realised[decline == 1] > 0).all()
