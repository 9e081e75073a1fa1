"""What each offer of a campaign taught, from the list and the file that came back."""

import numpy as np
import pandas as pd
import pytest
from campaigns import CONTENT, assumptions, beta, fixed

from retention.campaign.assumptions import Assumptions
from retention.campaign.measurement.lessons import lessons
from retention.campaign.measurement.measure import as_campaign
from retention.campaign.measurement.sent import Plan

VALUES = assumptions().means()
REACH = VALUES["channels.message.reach"]
LOST = VALUES["share_lost"]


def plan(known=None):
    given = {"fingerprint": "x", "fixed": ["customer_id"], "confidence": 0.95}
    facts = {"horizon_months": 3.0, "expected_increment": 0.3}
    return Plan(**given, **facts, assumptions=known or assumptions())


def came_back(listed, kept, take_up=0.7, reached=1.0, contaminated=0.0, seed=0, noise=0.05):
    """Return list and file, where an offer that is noticed keeps so many of the decliners."""
    random = np.random.default_rng(seed)
    n = len(listed)
    planned = (listed["group"] == "contact").to_numpy()
    contacted = random.random(n) < np.where(planned, reached, contaminated)
    tired = np.where(listed["tired"], 1 - VALUES["fatigue"], 1.0)
    noticed = contacted & (random.random(n) < REACH * tired)
    would = random.random(n) < listed["probability"].to_numpy()
    stays = noticed & would & (random.random(n) < kept)
    taken = stays | (noticed & ~would & (random.random(n) < take_up))
    decline = would & ~stays
    cost = listed["offer"].map(lambda name: VALUES[f"offers.{name}.cost"]).to_numpy()
    after = listed["profit"] * (1 - LOST * decline) * random.lognormal(0, noise, n)
    return listed.assign(
        contacted=contacted, decline=decline.astype(float), profit_after=after - taken * cost / 3
    )


def list_of(n, p=(1.0, 1.0), seed=0):
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "probability": random.beta(*p, n),
            "profit": random.lognormal(1.3, 0.4, n),
            "segment": "",
            "offer": random.choice(["discount", "premium"], n),
            "channel": "message",
            "group": np.where(random.random(n) < 0.4, "control", "contact"),
            "tired": random.random(n) < 0.3,
            "duplicates": np.arange(n),
        }
    )


def learnt(both, known=None):
    costs = {"message": 0.01}
    return lessons(as_campaign(both, 3.0, costs), both, plan(known), "a test")


@pytest.mark.parametrize("kept", [0.05, 0.5])
def test_the_share_kept_is_found_however_many_were_really_contacted(kept):
    listed = list_of(30_000)
    for reached, contaminated in ((1.0, 0.0), (0.6, 0.02)):
        found = learnt(came_back(listed, kept, reached=reached, contaminated=contaminated))
        after = found["discount"].shares["share_kept"].after
        assert after == pytest.approx(kept, abs=0.04)


def test_taken_offers_are_seen_in_the_profit_as_well_as_their_cost_is_known():
    listed = list_of(30_000, p=(0.5, 3.0))
    offer = {**CONTENT["offers"]["discount"], "cost": fixed(VALUES["offers.discount.cost"])}
    offer["take_up"] = beta(0.5, 4)
    offers = {**CONTENT["offers"], "discount": offer}
    known = Assumptions.model_validate({**CONTENT, "share_lost": fixed(LOST), "offers": offers})
    for take_up in (0.2, 0.9):
        both = came_back(listed, 0.3, take_up=take_up)
        sure = learnt(both, known)["discount"].shares["take_up"]
        assert sure.low < take_up < sure.high
        assert sure.high - sure.low < 0.3
        before = assumptions().offers["discount"].take_up.mean
        unsure = learnt(both)["discount"].shares["take_up"]
        assert abs(unsure.after - before) < abs(sure.after - before)
        assert (unsure.after > before) is (take_up > before)


def test_offers_come_in_the_order_of_the_catalogue_with_their_customers():
    both = came_back(list_of(2000), 0.3)
    found = learnt(both)
    assert list(found) == ["discount", "premium"]
    counts = both.groupby(["offer", "group"]).size()
    assert found["premium"].contacted == counts["premium", "contact"]
    assert found["premium"].control == counts["premium", "control"]
    assert found["premium"].shares["harm"].assumption.origin == "a test"


def test_without_profits_the_take_up_stays_as_assumed():
    both = came_back(list_of(2000), 0.3).assign(profit_after=np.nan)
    share = learnt(both)["discount"].shares["take_up"]
    assert share.after == pytest.approx(share.before, abs=0.01)
