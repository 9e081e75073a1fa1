"""The contact list: who is on it, in which order, with which offer and by which channel."""

from pathlib import Path

import pandas as pd
import pytest
from shop import ROLES, RULE_COLUMNS, TITLES

from retention.campaign.money import break_even, expected_profit
from retention.campaign.offers import (
    CatalogueOffer,
    assign_offers,
    list_contacts,
    offer_texts,
    summarise,
)
from retention.contract.roles import with_roles
from retention.contract.schema import OfferTitles
from retention.rules import Rule
from retention.texts import Texts

COST = {"message": 0.01, "on_site": 0.0}
KEPT = {"low": 0.1, "expected": 0.3, "high": 0.5}
TABLE = pd.DataFrame(
    {
        "customer_id": [11, 12, 13, 14, 15],
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
TABLE = with_roles(TABLE, ROLES)


def offer(when: str, cost: float = 0.0, channels: tuple[str, ...] = ("message", "on_site")):
    return CatalogueOffer(Rule(when, RULE_COLUMNS, "offer"), cost, channels)


CATALOGUE = {
    "cart": offer("unpaid_items_3m >= 5", 0.4),
    "promo": offer("promo_share >= 0.4", 0.3),
    "rest": offer("unpaid_items_3m > 0"),
}


def test_the_first_offer_that_fits_is_taken():
    found = assign_offers(TABLE, CATALOGUE)
    assert found["offer"].tolist() == ["cart", "cart", "promo", "rest", ""]
    assert found["offer_cost"].tolist() == [0.4, 0.4, 0.3, 0.0, 0.0]
    assert found.index.tolist() == TABLE.index.tolist()


def test_the_order_of_the_catalogue_decides():
    found = assign_offers(TABLE, dict(reversed(CATALOGUE.items())))
    assert found["offer"].tolist() == ["rest", "rest", "rest", "rest", ""]


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        (("message", "on_site"), ["message", "on_site", "message", "on_site", "message"]),
        (("on_site", "message"), ["on_site"] * 5),
        (("on_site",), ["on_site"] * 5),
        (("message",), ["message", "", "message", "", "message"]),
    ],
)
def test_the_channel_is_the_first_that_the_consent_allows(channels, expected):
    found = assign_offers(TABLE, {"all": offer("always", channels=channels)})
    assert found["channel"].tolist() == expected
    assert (found["offer"] != "").tolist() == [bool(channel) for channel in expected]


def test_who_gave_no_consent_never_gets_a_message():
    for catalogue in (CATALOGUE, {"only": offer("always", channels=("message",)), **CATALOGUE}):
        found = assign_offers(TABLE, catalogue)
        assert "message" not in found["channel"][TABLE["allows_messages"] == "нет"].tolist()
        assert "message" in found["channel"].tolist()


def test_who_cant_get_the_first_offer_gets_the_next():
    catalogue = {"by_message": offer("always", channels=("message",)), "site": offer("always", 0.2)}
    found = assign_offers(TABLE, catalogue)
    assert found["offer"].tolist() == ["by_message", "site", "by_message", "site", "by_message"]
    assert found["offer_cost"].tolist() == [0.0, 0.2, 0.0, 0.2, 0.0]


def contacts(table: pd.DataFrame = TABLE, catalogue=None, wanted=None, months=3.0):
    return list_contacts(
        table,
        assign_offers(table, CATALOGUE if catalogue is None else catalogue),
        table["predicted_decline"] if wanted is None else wanted,
        months=months,
        contact_cost=COST,
        kept=KEPT,
    )


def test_the_most_profitable_contact_comes_first():
    found = contacts()
    assert found["rank"].tolist() == [1, 2, 3, 4]
    assert found["expected_profit"].is_monotonic_decreasing
    # Worked out by hand: p·[0.3·(3·profit − d) − f] − (1 − p)(d + f)
    expected = {
        12: 0.8 * 0.3 * (15 - 0.4) - 0.2 * 0.4,
        11: 0.9 * (0.3 * (12 - 0.4) - 0.01) - 0.1 * 0.41,
        14: 0.6 * 0.3 * 12,
        13: 0.7 * (0.3 * (9 - 0.3) - 0.01) - 0.3 * 0.31,
    }
    assert found["customer_id"].tolist() == list(expected)
    assert found["expected_profit"].tolist() == pytest.approx(list(expected.values()))


def test_equally_profitable_contacts_stand_in_the_order_of_their_ids():
    same = TABLE.assign(
        customer_id=[15, 14, 13, 12, 11],
        profit=4.0,
        probability=0.5,
        consent=True,
        predicted_decline=True,
    )
    found = contacts(same, {"all": offer("always")})
    assert found["customer_id"].tolist() == [11, 12, 13, 14, 15]


def test_the_range_is_that_of_the_share_kept():
    found = contacts()
    value = (found["monthly_profit"] * 3).to_numpy()
    cost = found["offer_cost"].to_numpy()
    contact = found["channel"].map(COST).to_numpy()
    for column, kept in (("expected_profit_low", 0.1), ("expected_profit_high", 0.5)):
        worth = expected_profit(found["probability"].to_numpy(), value, cost, contact, kept)
        assert found[column].tolist() == pytest.approx(worth.tolist())
    assert (found["expected_profit_low"] < found["expected_profit"]).all()
    assert (found["expected_profit"] < found["expected_profit_high"]).all()
    assert found["break_even"].tolist() == pytest.approx(
        break_even(value, cost, contact, 0.3).tolist()
    )


def test_only_contacts_that_pay_are_on_the_list():
    # Dear: it pays from a probability of 0.34 (12), 0.40 (11, 14, 15), 0.49 (13) on.
    found = contacts(catalogue={"all": offer("always", 2.0)}, wanted=TABLE["probability"] >= 0)
    assert found["customer_id"].tolist() == [12, 11, 14, 13]
    assert (found["expected_profit"] > 0).all()
    assert (found["probability"] > found["break_even"]).all()


@pytest.mark.parametrize("months", [1.0, 6.0])
def test_the_value_of_a_customer_grows_with_the_horizon(months):
    found = contacts(months=months)
    first = found[found["customer_id"] == 14].iloc[0]
    assert first["expected_profit"] == pytest.approx(0.6 * 0.3 * 4 * months)


def test_only_who_is_wanted_and_has_an_offer_is_on_the_list():
    everybody = pd.Series(True, index=TABLE.index)
    assert 15 not in contacts(wanted=everybody)["customer_id"].tolist()
    assert contacts(wanted=TABLE["customer_id"] == 13)["customer_id"].tolist() == [13]


def test_each_contact_keeps_the_customers_own_columns():
    found = contacts().set_index("customer_id")
    for name in ("monthly_profit", "probability", "favourite_category", "allows_messages"):
        assert found[name].to_dict() == {
            number: TABLE.set_index("customer_id")[name][number] for number in found.index
        }


def test_an_empty_list_is_a_list():
    found = contacts(wanted=TABLE["probability"] > 1)
    assert len(found) == 0
    assert {"rank", "expected_profit", "break_even"} <= set(found.columns)
    summary = summarise(found)
    assert summary["customers"] == 0
    assert summary["expected_profit"] == {"value": 0, "low": 0, "high": 0}
    assert list(offer_texts(found, TEXTS)) == ["offer_title", "why", "channel_title"]


TEXTS = Texts(
    {"channels": {"message": "by message", "on_site": "on the site"}},
    Path("en.yaml"),
    TITLES["en"].model_copy(
        update={
            "values": {"посуда": "kitchenware"},
            "offers": {
                name: OfferTitles(name=name, title=title, why=why)
                for name, title, why in (
                    ("cart", "Cart ({unpaid_items_3m})", "Unpaid"),
                    ("promo", "Discount on {favourite_category}", "Promotion"),
                    ("rest", "Reminder", "Something on {favourite_category}"),
                )
            },
        }
    ),
)


def test_texts_are_made_out_to_each_customer():
    listed = contacts()
    found = offer_texts(listed, TEXTS).set_index(listed["customer_id"])
    assert found.loc[11].tolist() == ["Cart (7)", "Unpaid", "by message"]
    assert found.loc[12].tolist() == ["Cart (7)", "Unpaid", "on the site"]
    assert found.loc[13].tolist() == ["Discount on kitchenware", "Promotion", "by message"]
    assert found.loc[14].tolist() == ["Reminder", "Something on kitchenware", "on the site"]


def test_the_summary_adds_up_the_list():
    listed = contacts()
    found = summarise(listed)
    assert found["customers"] == 4
    assert found["by_offer"] == {"cart": 2, "promo": 1, "rest": 1}
    assert found["by_channel"] == {"message": 2, "on_site": 2}
    assert found["mean_probability"] == pytest.approx(0.75)
    assert found["expected_profit"] == pytest.approx(
        {
            "value": listed["expected_profit"].sum(),
            "low": listed["expected_profit_low"].sum(),
            "high": listed["expected_profit_high"].sum(),
        }
    )
    # Σ (1 − p)·d over the list
    assert found["discount_waste"] == pytest.approx(0.1 * 0.4 + 0.2 * 0.4 + 0.3 * 0.3)
