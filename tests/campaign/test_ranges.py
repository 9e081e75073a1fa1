"""Ranges over assumptions: all of them count, the seed decides, and the tornado ranks them."""

import numpy as np
import pytest
from campaigns import CONTENT, OPTIONS, assumptions, customers, fixed

from retention.campaign.assumptions import Assumptions
from retention.campaign.ranges import contacts, draw, over_ranges, tornado, total
from retention.campaign.worth import worth

DATA = customers(200, 5)
CHOICE = np.random.default_rng(6).integers(-1, len(OPTIONS), 200)


def found():
    return contacts(**DATA, options=OPTIONS, choice=CHOICE)


def total_range(plan, assumed, **drawn):
    """Return what a plan brings over nobody."""
    nobody = contacts(**DATA, options=OPTIONS, choice=np.full(200, -1))
    return over_ranges(plan, {"nobody": nobody}, assumed, **drawn)["nobody"]


def test_sums_over_cells_give_what_each_customer_gives():
    increment, _ = worth(**DATA, options=OPTIONS, values=assumptions().means())
    contacted = CHOICE >= 0
    by_customer = increment[contacted, CHOICE[contacted]].sum()
    assert total(found(), assumptions().means()) == pytest.approx(by_customer)


def test_the_mean_over_draws_is_the_expected_increment_and_the_range_is_around_it():
    totals = total(found(), draw(assumptions(), 4000, 1))
    drawn = total_range(found(), assumptions(), draws=4000, seed=1)
    assert totals.mean() == pytest.approx(drawn["value"], rel=0.02)
    assert drawn["least"] < drawn["value"] < drawn["most"]
    assert drawn["loss"] == (totals < 0).mean()
    again = total_range(found(), assumptions(), draws=4000, seed=1)
    assert again == drawn
    assert total_range(found(), assumptions(), draws=4000, seed=2) != drawn


def test_each_uncertain_assumption_widens_the_range():
    def width(content):
        drawn = total_range(found(), Assumptions.model_validate(content), draws=2000, seed=1)
        return drawn["most"] - drawn["least"]

    whole = width(CONTENT)
    assert width({**CONTENT, "share_lost": fixed(0.5)}) < whole
    offers = {
        name: {
            key: fixed(Assumptions.model_validate(CONTENT).means()[f"offers.{name}.{key}"])
            for key in offer
        }
        for name, offer in CONTENT["offers"].items()
    }
    assert width({**CONTENT, "offers": offers}) < whole


def test_certain_assumptions_have_no_range():
    means = assumptions().means()

    def certain(content, prefix=""):
        if "distribution" in content:
            return fixed(means[prefix])
        return {key: certain(value, f"{prefix}.{key}".strip(".")) for key, value in content.items()}

    sure = Assumptions.model_validate(certain(CONTENT))
    drawn = total_range(found(), sure, draws=50, seed=1)
    assert drawn["least"] == pytest.approx(drawn["value"])
    assert drawn["most"] == pytest.approx(drawn["value"])
    assert len(tornado(found(), sure)) == 0


def test_the_tornado_ranks_what_matters_and_leaves_out_what_does_not():
    only_discount = np.where(DATA["probability"] > 0.5, 0, -1)  # by message
    plan = contacts(**DATA, options=OPTIONS, choice=only_discount)
    table = tornado(plan, assumptions())
    named = set(table["assumption"])
    assert not {name for name in named if "premium" in name or "on_site" in name}
    assert "horizon_months" not in named  # fixed
    assert {"share_lost", "offers.discount.share_kept"} <= set(table["assumption"][:2])
    width = (table["at_high"] - table["at_low"]).abs()
    assert width.is_monotonic_decreasing
    at_low = table.set_index("assumption").loc["share_lost", "at_low"]
    low = assumptions().share_lost.quantile(np.array([0.05]))[0]
    assert at_low == pytest.approx(total(plan, {**assumptions().means(), "share_lost": low}))


def test_nobody_contacted_brings_nothing_for_sure():
    nobody = contacts(**DATA, options=OPTIONS, choice=np.full(200, -1))
    drawn = total_range(nobody, assumptions(), draws=20, seed=1)
    assert drawn == {"value": 0, "least": 0, "most": 0, "loss": 0}
    assert len(tornado(nobody, assumptions())) == 0
