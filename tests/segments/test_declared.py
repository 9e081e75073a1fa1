"""Segments: cut by what is known beforehand, described by their own customers alone."""

import math

import pandas as pd
import pytest
from shop import RULE_COLUMNS

from retention.rules import Rule, memberships
from retention.scores import scored_customers
from retention.segments.declared import (
    describe,
    mean_contributions,
    riskiest,
    typical_reasons,
)
from retention.statistics.intervals import rate_interval

# Two are predicted to decline and stay, one is predicted to stay and declines.
TABLE = pd.DataFrame(
    {
        "customer_id": [1, 2, 3, 4, 5],
        "decline": [1, 0, 0, 1, 1],
        "profit": [1.0, 2.0, 3.0, 4.0, 10.0],
        "promo_share": [0.9, 0.8, 0.7, 0.2, 0.1],
        "probability": [0.9, 0.8, 0.7, 0.2, 0.6],
        "predicted_decline": [True, True, True, False, True],
    }
)


def cut(**rules: str) -> pd.DataFrame:
    return memberships(
        TABLE, {name: Rule(text, RULE_COLUMNS, name) for name, text in rules.items()}
    )


def test_scores_join_their_own_customers():
    scores = TABLE[["customer_id", "probability", "predicted_decline"]].iloc[::-1]
    joined = scored_customers(TABLE.drop(columns=["probability", "predicted_decline"]), scores)
    assert joined["customer_id"].tolist() == [1, 2, 3, 4, 5]
    assert joined["probability"].tolist() == TABLE["probability"].tolist()
    assert joined["predicted_decline"].tolist() == TABLE["predicted_decline"].tolist()


def test_a_customer_with_two_scores_is_an_error():
    scores = TABLE[["customer_id", "probability", "predicted_decline"]]
    with pytest.raises(pd.errors.MergeError):
        scored_customers(TABLE[["customer_id"]], pd.concat([scores, scores[:1]]))


def test_a_segment_is_cut_by_the_prediction_not_by_the_label():
    members = cut(risky="predicted_decline", safe="not predicted_decline")
    assert members["risky"].tolist() == [True, True, True, False, True]
    assert members["safe"].tolist() == [False, False, False, True, False]


def test_the_figures_are_those_of_the_segments_customers():
    found = describe(TABLE, cut(promo="promo_share > 0.5", all="always"), 0.95)
    promo = found["promo"]
    assert promo["customers"] == 3
    assert promo["probability"] == pytest.approx(0.8)
    assert promo["decline_rate"] == rate_interval(1, 3, 0.95)
    assert promo["profit"] == 6
    assert promo["profit_share"] == pytest.approx(0.3)
    assert promo["predicted_share"] == 1
    assert promo["profit_at_risk"] == pytest.approx(0.9 * 1 + 0.8 * 2 + 0.7 * 3)
    everybody = found["all"]
    assert everybody["customers"] == 5
    assert everybody["decline_rate"]["value"] == 0.6
    assert everybody["profit_share"] == 1
    assert everybody["predicted_share"] == 0.8


def test_the_interval_is_of_the_given_confidence():
    members = cut(promo="promo_share > 0.5")
    narrow, wide = (
        describe(TABLE, members, level)["promo"]["decline_rate"] for level in (0.5, 0.99)
    )
    assert wide["low"] < narrow["low"] < narrow["high"] < wide["high"]


def test_an_empty_segment_has_zeros_and_missing_values():
    [found] = describe(TABLE, cut(nobody="promo_share > 1"), 0.95).values()
    assert (found["customers"], found["profit"], found["profit_share"]) == (0, 0, 0)
    assert found["profit_at_risk"] == 0
    assert math.isnan(found["probability"])
    assert math.isnan(found["predicted_share"])
    assert all(math.isnan(value) for value in found["decline_rate"].values())


@pytest.mark.parametrize("kind", [bool, int])  # as cut, and as read from data/segment/members.csv
def test_a_customer_in_several_segments_is_named_after_the_riskiest(kind):
    members = cut(
        all="always", promo="promo_share > 0.5", low="promo_share < 0.3", nobody="promo_share > 1"
    )
    described = describe(TABLE, members, 0.95)  # declines: 3 of 5, 1 of 3, 2 of 2, none
    found = riskiest(members.astype(kind), described)
    assert found.tolist() == ["all", "all", "all", "low", "low"]


def test_a_customer_outside_of_all_segments_has_no_name():
    members = cut(promo="promo_share > 0.5")
    found = riskiest(members, describe(TABLE, members, 0.95))
    assert found.tolist() == ["promo", "promo", "promo", "", ""]


def test_of_equally_risky_segments_the_first_declared_names_the_customer():
    members = cut(second="promo_share < 0.3", first="promo_share <= 0.2")
    found = riskiest(members, describe(TABLE, members, 0.95))
    assert found.tolist() == ["", "", "", "second", "second"]


def test_a_small_segment_does_not_win_by_luck():
    members = pd.DataFrame({"lucky": [True] * 3 + [False] * 67, "large": True})
    described = {
        "lucky": {"customers": 3, "decline_rate": rate_interval(3, 3, 0.95)},
        "large": {"customers": 70, "decline_rate": rate_interval(60, 70, 0.95)},
    }
    assert set(riskiest(members, described)) == {"large"}


SHAP_VALUES = pd.DataFrame(
    {
        "customer_id": [5, 4, 3, 2, 1],  # another order than the customers'
        "promo_share": [-1.0, -2.0, 1.0, 2.0, 3.0],
        "pages_per_visit": [0.5, 0.5, 0.5, 0.5, 0.5],
        "service_tier": [0.0, 0.0, 0.0, 0.0, -3.0],
        "base_value": [9.0] * 5,
    }
)


def test_contributions_are_means_over_the_segments_own_customers():
    members = cut(promo="promo_share > 0.5", low="promo_share < 0.3", nobody="promo_share > 1")
    found = mean_contributions(TABLE, members, SHAP_VALUES)
    assert found.columns.tolist() == ["promo_share", "pages_per_visit", "service_tier"]
    assert found.loc["promo"].tolist() == [2, 0.5, -1]
    assert found.loc["low"].tolist() == [-1.5, 0.5, 0]
    assert found.loc["nobody"].isna().all()


def test_typical_reasons_raise_the_prediction_the_strongest_first():
    members = cut(promo="promo_share > 0.5", low="promo_share < 0.3", nobody="promo_share > 1")
    found = typical_reasons(mean_contributions(TABLE, members, SHAP_VALUES), 3)
    assert list(found["promo"].items()) == [("promo_share", 2), ("pages_per_visit", 0.5)]
    assert found["low"] == {"pages_per_visit": 0.5}
    assert found["nobody"] == {}
    shorter = typical_reasons(mean_contributions(TABLE, members, SHAP_VALUES), 1)
    assert shorter["promo"] == {"promo_share": 2}
