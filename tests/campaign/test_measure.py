"""What is said of a campaign: effects, verdict, balance, and the file beside the list."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from retention.campaign.measurement.balance import balance
from retention.campaign.measurement.effect import Effect
from retention.campaign.measurement.measure import Campaign, by_part, judged, overall
from retention.campaign.measurement.returned import (
    Names,
    compliance,
    fingerprint,
    matched,
    refuse_other,
)
from retention.campaign.measurement.verdict import verdict
from retention.harness.errors import UserError

N = 900
NAMES = Names("offers/contact_list.csv", "campaign/result.csv", "customer_id")


def campaign(seed, kept=0.3, harm=0.0, cost=0.2, share=0.3, n=N):
    """Return a campaign of an offer that keeps so many of those who would have declined."""
    random = np.random.default_rng(seed)
    p = random.beta(0.5, 0.6, n)
    before = 3 * random.lognormal(1.3, 0.4, n)
    contacted = random.random(n) >= share
    decline = (random.random(n) < np.where(contacted, p * (1 - kept) + (1 - p) * harm, p)).astype(
        float
    )
    net = before * (1 - 0.5 * decline) + random.normal(0, 0.5, n) - cost * contacted
    halves = np.array(["first", "second"])[random.integers(0, 2, n)]
    return Campaign(contacted, p, before, decline, net, halves, halves[::-1], np.arange(n))


def test_both_outcomes_raw_and_adjusted():
    found = overall(campaign(1), 0.95)
    assert list(found) == ["decline", "net"]
    for line in found.values():
        assert line["adjusted"]["low"] < line["adjusted"]["value"] < line["adjusted"]["high"]
        assert line["width_ratio"] <= 0.8
    assert found["decline"]["adjusted"]["value"] < 0 < found["net"]["adjusted"]["value"]


def test_without_profits_only_decline_is_measured_and_no_verdict_is_given():
    without = replace(campaign(2), net=np.full(N, np.nan))
    assert list(overall(without, 0.95)) == ["decline"]
    assert judged(without, 0.3, 0.95)["money"] is None
    assert set(by_part(without, 0.95)["outcome"]) == {"decline"}


def test_each_part_is_that_part_alone():
    found = campaign(3)
    table = by_part(found, 0.95)
    assert table[["by", "outcome", "part"]].values.tolist() == [
        [by, outcome, part]
        for by in ("offer", "segment")
        for outcome in ("decline", "net")
        for part in ("first", "second")
    ]
    of = found.offer == "first"
    alone = Campaign(*(getattr(found, name)[of] for name in Campaign.__dataclass_fields__))
    assert table["value"].iloc[0] == pytest.approx(
        overall(alone, 0.95)["decline"]["adjusted"]["value"]
    )


@pytest.mark.parametrize(
    ("kept", "harm", "words"),
    [(0.6, 0.0, "pays"), (0.0, 0.3, "does_not_pay"), (0.06, 0.0, "cannot_tell")],
)
def test_the_verdict_on_money(kept, harm, words):
    found = judged(campaign(4, kept, harm), 0.4, 0.95)["money"]
    assert found["verdict"] == words
    assert (found["needed"] is not None) == (words == "cannot_tell")


def test_how_many_more_customers_a_verdict_needs():
    effect = Effect(0.1, -0.2, 0.4, 0.5, 0.15, 600, 300, 1.0, 0.9)
    found = verdict(effect, 0.21, 0.95)
    # (1.96 + 0.84)·0.15 = 0.42 would be seen: 0.21 takes four times as many.
    assert found["smallest"] == pytest.approx(0.42, abs=0.001)
    assert found["needed"] == pytest.approx(2700, abs=20)
    assert verdict(effect, 5.0, 0.95)["needed"] == 1
    assert verdict(effect, 0.0, 0.95)["needed"] is None
    unknown = replace(effect, low=math.nan, high=math.nan, error=math.nan)
    assert verdict(unknown, 0.2, 0.95)["verdict"] == "cannot_tell"
    assert verdict(unknown, 0.2, 0.95)["needed"] is None


def test_a_personal_effect_is_worth_learning_only_where_it_differs():
    same = [judged(campaign(seed, kept=0.0), 0.3, 0.95)["personal"] for seed in range(40)]
    assert sum(found["worth_learning"] for found in same) <= 6
    differs = judged(campaign(5, kept=0.8, n=3000), 0.3, 0.95)["personal"]
    assert differs["worth_learning"]
    assert differs["from_customers"] > 0


def test_balance_of_arms_that_were_drawn_and_of_arms_that_were_not():
    random = np.random.default_rng(0)
    before = pd.DataFrame(
        {"profit": random.normal(0, 1, N), "channel": random.choice(["web", "shop", "phone"], N)}
    )
    together = []
    for seed in range(200):
        contacted = np.random.default_rng(seed).random(N) < 0.7
        together.append(balance(before, contacted, np.arange(N), 0.95)[1])
    assert 0.01 < np.mean(np.array(together) < 0.05) < 0.1
    chosen = before["profit"].to_numpy() + random.normal(0, 1, N) > 0
    table, p = balance(before, chosen, np.arange(N), 0.95)
    assert p < 1e-6
    first = table.set_index("column").loc["profit"]
    assert first["p_holm"] < 1e-6
    assert first["standardised"] > 0.5
    assert table["column"].tolist() == ["profit", "channel_phone", "channel_shop", "channel_web"]


LIST = pd.DataFrame(
    {
        "customer_id": [5, 3, 8, 1],
        "group": ["contact", "contact", "control", "control"],
        "offer": ["gift", "hint", "gift", "hint"],
    }
)
RESULT = pd.DataFrame(
    {"customer_id": [8, 5, 3, 77], "contacted": [True, True, False, False], "decline": [0, 1, 0, 1]}
)


def test_the_file_beside_the_list():
    both = matched(LIST, RESULT, NAMES)
    assert both["customer_id"].tolist() == [5, 3, 8]
    assert both["decline"].tolist() == [1, 0, 0]
    found = compliance(LIST, both, len(RESULT), NAMES, 0.95)
    assert found["listed"] == 4
    assert found["measured"] == 3
    assert found["outside"] == 1
    assert (found["missing_contact"], found["missing_control"]) == (0, 1)
    assert found["missing_p"] == 1
    assert found["reached"]["value"] == 0.5  # of two in the contact group
    assert found["contaminated"]["value"] == 1  # the only one of the control group


def test_a_customer_who_came_back_twice_is_told_with_the_rows():
    twice = pd.concat([RESULT, RESULT.iloc[[1]]])
    with pytest.raises(UserError, match="the customer 5 in the rows 3 and 6: keep one"):
        matched(LIST, twice, NAMES)


def test_the_result_of_another_list_is_refused():
    with pytest.raises(UserError, match="has only 1 of the 4 customers of offers/contact_list"):
        matched(LIST, RESULT.iloc[[0, 3]], NAMES)


def test_a_list_that_was_changed_is_not_the_planned_one():
    planned = fingerprint(LIST)
    assert fingerprint(LIST.iloc[::-1]) == planned
    refuse_other(LIST, planned, "offers/contact_list.csv", "offers/plan.md")
    changed = LIST.assign(group=["contact", "control", "control", "contact"])
    assert fingerprint(changed) != planned
    with pytest.raises(UserError, match="isn't the list that"):
        refuse_other(changed, planned, "offers/contact_list.csv", "offers/plan.md")
