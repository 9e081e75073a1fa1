"""The contact list: its order, its words, its sums, and the form in which it is fixed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from campaigns import assumptions
from shop import TITLES

from retention.campaign.contact_list import (
    FIXED,
    as_written,
    assumption_rows,
    harmless,
    offer_texts,
    ranked,
    summary,
)
from retention.campaign.measurement.returned import fingerprint
from retention.campaign.sheets import sheets
from retention.contract.schema import OfferTitles
from retention.harness.files import write_csv
from retention.harness.yaml12 import read_yaml
from retention.texts import Texts

ROOT = Path(__file__).parents[2]
PLANNED = pd.DataFrame(
    {
        "customer_id": ["0011", "12", "13", "14", "15"],
        "probability": [0.9, 0.8, 0.7123456, 0.6, 0.7123456],
        "profit": [4.0, 5.0, 3.0, 4.0, np.nan],
        "segment": ["risky", "", "risky", "risky", np.nan],
        "duplicates": [0, 1, 2, 2, 3],
        "offer": ["cart", "cart", "promo", "rest", "promo"],
        "channel": ["message", "on_site", "message", "on_site", "message"],
        "expected_increment": [0.5, 2.0, 1.0, 3.0, 1.0],
        "expected_cost": [0.1, 0.2, 0.0, 0.3, 0.0],
        "tired": [True, False, False, False, False],
        "group": ["contact", "contact", "contact", "control", "contact"],
    },
    index=[3, 1, 4, 0, 2],
)
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["15", "14", "13", "12", "0011", "99"],
        "favourite_category": ["техника", "посуда", "посуда", "техника", "", "посуда"],
        "unpaid_items_3m": [0.0, 1.0, 1.5, 7.0, np.nan, 2.0],
    }
)


def texts(language="ru") -> Texts:
    offers = {
        "cart": ("Cart", "Cart ({unpaid_items_3m})", "Unpaid"),
        "promo": ("Discount", "Discount on {favourite_category}", "{unpaid_items_3m} left"),
        "rest": ("Reminder", "Reminder", "Something on {favourite_category}"),
    }
    titles = TITLES[language].model_copy(
        update={
            "values": {"посуда": "kitchenware"},
            "segments": {"risky": "At risk"},
            "offers": {
                key: OfferTitles(name=name, title=title, why=why)
                for key, (name, title, why) in offers.items()
            },
        }
    )
    file = ROOT / f"texts/{language}.yaml"
    return Texts(read_yaml(file), file, titles)


def listed(planned=PLANNED, language="ru"):
    """Return the list with all its titles, as the stage makes it."""
    contacts = ranked(planned)
    words = offer_texts(contacts, CUSTOMERS, texts(language))
    reasons = {f"reason_{k}": "=why" if k == 1 else "" for k in (1, 2, 3)}
    return pd.concat([contacts, words], axis=1).assign(
        segment_title=[texts(language).segment(one) for one in contacts["segment"].fillna("")],
        offer_name=[texts(language).offer(one, "name") for one in contacts["offer"]],
        **reasons,
    )


def test_the_most_worthwhile_contact_comes_first_and_the_control_group_last():
    found = ranked(PLANNED)
    assert found["customer_id"].tolist() == ["12", "13", "15", "0011", "14"]
    assert found["rank"].tolist() == [1, 2, 3, 4, 5]
    assert found.set_index("customer_id")["offer"].to_dict() == dict(
        zip(PLANNED["customer_id"], PLANNED["offer"], strict=True)
    )
    assert set(ranked(PLANNED)) == {*PLANNED, "rank"}


def test_without_known_profit_the_most_probable_decliner_comes_first():
    unknown = PLANNED.assign(expected_increment=np.nan, profit=np.nan)
    assert ranked(unknown)["customer_id"].tolist() == ["0011", "12", "13", "15", "14"]


def test_texts_are_made_out_to_each_customer_in_the_readers_notation():
    found = offer_texts(PLANNED, CUSTOMERS, texts())
    assert found.index.tolist() == PLANNED.index.tolist()
    rows = dict(zip(PLANNED["customer_id"], found.to_numpy().tolist(), strict=True))
    assert rows["12"] == ["Cart (7)", "Unpaid", "на сайте"]
    assert rows["0011"] == ["Cart (–)", "Unpaid", "сообщение"]  # nobody knows how many
    assert rows["13"] == ["Discount on kitchenware", "1,5 left", "сообщение"]
    assert rows["15"] == ["Discount on техника", "0 left", "сообщение"]
    assert rows["14"] == ["Reminder", "Something on kitchenware", "на сайте"]
    english = offer_texts(PLANNED, CUSTOMERS, texts("en"))
    assert english["why"].tolist()[2] == "1.5 left"


def test_the_summary_adds_up_who_is_contacted():
    found = summary(listed()).set_index(["segment_title", "offer_name"])
    none = texts().segment("")
    assert found.index.tolist() == [
        (none, "Cart"),
        ("At risk", "Discount"),
        (none, "Discount"),
        ("At risk", "Cart"),
        ("At risk", "Reminder"),
    ]
    assert found.loc[("At risk", "Discount"), ["customers", "contact", "control"]].tolist() == [
        *(1, 1, 0)
    ]
    reminder = found.loc["At risk", "Reminder"]
    assert reminder[["customers", "contact", "control"]].tolist() == [1, 0, 1]
    assert np.isnan(reminder["expected_increment"])  # the control group gets nothing
    assert found["expected_increment"].sum() == pytest.approx(0.5 + 2 + 1 + 1)
    assert found["expected_cost"].sum() == pytest.approx(0.3)
    assert found.loc[(none, "Cart"), "probability"] == pytest.approx(0.8)


def test_every_assumption_has_its_row_with_its_origin():
    known = assumptions()
    rows = assumption_rows(known, texts("en"))
    assert len(rows) == len(known.by_name())
    assert (rows["low"] <= rows["mean"]).all()
    assert (rows["mean"] <= rows["high"]).all()
    assert set(rows["origin"]) == {"a guess", "the price list"}
    lost = rows.iloc[0]
    assert lost[["mean", "low", "high"]].tolist() == pytest.approx([0.5, 0.32, 0.68])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+7 900", "'+7 900"),
        ("-5 % за корзину", "'-5 % за корзину"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("Скидка = 5", "Скидка = 5"),
        ("", ""),
    ],
)
def test_no_text_is_taken_for_a_formula(text, shown):
    table = pd.DataFrame({"title": [text, None], "id": [text, "1"], "number": [-5.0, 1.0]})
    found = harmless(table, ["title"])
    assert found["title"].tolist()[0] == shown
    assert pd.isna(found["title"].tolist()[1])
    pd.testing.assert_frame_equal(found[["id", "number"]], table[["id", "number"]])


def test_what_is_fixed_is_what_the_file_will_say(tmp_path):
    contacts = ranked(PLANNED)
    write_csv(tmp_path / "list.csv", contacts, digits=4)
    read = pd.read_csv(tmp_path / "list.csv", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(as_written(contacts), read, check_dtype=False)
    mark = fingerprint(as_written(contacts[[*FIXED]]))
    assert fingerprint(read[[*FIXED]]) == mark
    # Whatever the order of rows; but another group, offer or customer is another list.
    assert fingerprint(read[[*FIXED]].iloc[::-1]) == mark
    for name, value in (("group", "control"), ("offer", "rest"), ("customer_id", "11")):
        assert fingerprint(read.assign(**{name: [value, *read[name][1:]]})[[*FIXED]]) != mark


def test_an_empty_list_is_a_list():
    found = listed(PLANNED[:0])
    assert len(found) == 0
    assert {"rank", "offer_title", "why", "channel_title"} <= set(found)
    assert len(summary(found)) == 0
    assert len(as_written(found[[*FIXED]])) == 0


LINES = [("What", "Is counted"), ("How", "So")]


def test_the_workbook_has_the_list_and_its_control_group_apart():
    shown = sheets(listed(), assumptions(), LINES, texts(), money=True)
    contact, control, sums, assumed, plan = shown
    assert contact.table["customer_id"].tolist() == ["12", "13", "15", "0011"]
    assert control.table["customer_id"].tolist() == ["14"]
    assert len({sheet.title for sheet in shown}) == 5
    assert len(sums.table) == 5
    assert len(assumed.table) == len(assumptions().by_name())
    assert plan.table.to_numpy().tolist() == [list(line) for line in LINES]
    for sheet in shown:
        # Every column is called by words.
        assert set(sheet.headers) == set(sheet.table)
        assert [name for name, header in sheet.headers.items() if name == header] == []
    assert contact.formats["customer_id"] == "@"
    assert contact.formats["probability"] == sums.formats["mean_probability"] == "0%"


def test_a_shop_without_profit_has_no_column_of_money():
    unknown = PLANNED.assign(profit=np.nan, expected_increment=np.nan, expected_cost=np.nan)
    shown = sheets(listed(unknown), assumptions(), LINES, texts(), money=False)
    for sheet in shown[:3]:
        assert not {"profit", "expected_increment", "expected_cost"} & set(sheet.table)
        assert {"offer_title", "offer_name"} & set(sheet.table)
