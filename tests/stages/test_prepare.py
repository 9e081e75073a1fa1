"""The stage `prepare` refuses, in one sentence, customers whom no model can be judged on."""

from pathlib import Path

import pandas as pd
import pytest
from imports import ROOT

from retention.contract.schema import Check
from retention.demo.store import load_statistics, simulate_store, write_store
from retention.demo.words import DECLINED, STAYED
from retention.harness.errors import UserError
from retention.harness.parameters import load
from stages.parameters.prepare import Params
from stages.prepare import main

EARLIER = ("data/customers.parquet", "data/prepare/excluded.csv", "metrics/prepare.json")
ACTIVITY = "Покупательская активность"


@pytest.fixture
def params(tmp_path, monkeypatch):
    """Return the shipped parameters, in a folder with a small store and earlier results."""
    monkeypatch.chdir(tmp_path)
    statistics = load_statistics(ROOT / "retention/demo/store.json")
    write_store(simulate_store(150, 1, statistics), Path("data/demo"))
    for name in EARLIER:
        Path(name).parent.mkdir(exist_ok=True, parents=True)
        Path(name).write_text("earlier", encoding="utf-8")
    return load(Params, path=ROOT / "params.yaml")


def change(name, edit):
    """Let `edit` alter one of the shop's files, its values as texts."""
    file = Path("data/demo") / f"{name}.csv"
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    edit(table)
    table.to_csv(file, index=False)


def refused(params):
    with pytest.raises(UserError) as caught:
        main(params)
    assert "\n" not in str(caught.value)
    assert [Path(name).read_text(encoding="utf-8") for name in EARLIER] == ["earlier"] * 3
    return str(caught.value)


def test_a_store_with_enough_of_both_classes_is_prepared(params):
    main(params)
    customers = pd.read_parquet("data/customers.parquet")
    excluded = pd.read_csv("data/prepare/excluded.csv")
    assert len(customers) + len(excluded) == 150
    assert set(customers["decline"]) == {0, 1}


@pytest.mark.parametrize("declined", [0, 3])
def test_too_few_of_a_class_are_refused(params, declined):
    def edit(table):
        table[ACTIVITY] = [DECLINED] * declined + [STAYED] * (len(table) - declined)

    change("market_file", edit)
    assert "separate customers declined, but folds inside 5 folds need at least" in refused(params)


def test_nobody_who_stayed_is_refused(params):
    change("market_file", lambda table: table.__setitem__(ACTIVITY, DECLINED))
    assert "0 separate customers stayed" in refused(params)


def test_nobody_left_after_exclusions_is_refused_with_the_reason(params):
    change("market_money", lambda table: table.__setitem__("Выручка", "0"))
    message = refused(params)
    assert "nobody is left of 150 customers, excluded 150 for no_revenue" in message


def test_a_large_group_of_near_duplicates_is_refused(params):
    """Forty customers share all that tells customers apart, but not what they did."""

    def edit(table):
        for column in ("Длительность", "Популярная_категория", "Маркет_актив_тек_мес"):
            table.loc[:39, column] = table.loc[0, column]

    change("market_file", edit)
    key = ["days_since_registration", "favourite_category", "marketing_this_month"]
    message = refused(params.model_copy(update={"same_customer": [key]}))
    assert "customers agree in all columns of a key of split.same_customer" in message


def test_what_was_read_otherwise_is_told_with_its_first_line(params, capsys):
    def edit(table):
        table.loc[4, ACTIVITY] = table.loc[4, ACTIVITY].upper()
        table["Город"] = "Пермь"

    change("market_file", edit)
    main(params)
    found = pd.read_csv("data/prepare/findings.csv", keep_default_na=False)
    market = found[found["file"].str.endswith("market_file.csv")]
    (case,) = market[market["column"] == "activity"].itertuples()
    assert (case.line, case.value) == ("6", case.value.upper())
    assert case.rows == "1"
    assert "left out" in market.loc[market["column"] == "Город", "done"].item()
    assert set(pd.read_parquet("data/customers.parquet")["activity"]) == {DECLINED, STAYED}
    typos = found.loc[found["value"] == "предыдцщий_месяц", "done"]
    assert "предыдущий_месяц" in typos.item()
    assert "Город" in capsys.readouterr().err


PAGES = "Страниц_за_визит"


def blank(table):
    table.loc[[3, 5], PAGES] = ""


def test_a_blank_is_refused_where_the_contract_does_not_take_it(params):
    change("market_file", blank)
    message = refused(params)
    assert f"market_file.csv, line 5: '{PAGES}' is ''" in message
    assert "name 'pages_per_visit' under 'groups.imputed' of contract.yaml" in message


def test_a_blank_that_the_contract_takes_stays_missing_until_a_model_learns(params):
    change("market_file", blank)
    ids = pd.read_csv("data/demo/market_file.csv", dtype=str)["id"][[3, 5]]
    main(params.model_copy(update={"groups": {"imputed": ["pages_per_visit"]}}))
    customers = pd.read_parquet("data/customers.parquet").set_index("customer_id")
    excluded = set(pd.read_csv("data/prepare/excluded.csv", dtype=str)["customer_id"])
    missing = customers.index[customers["pages_per_visit"].isna()]
    assert set(missing) == set(ids) - excluded
    assert len(missing)


def test_numbers_of_exclusions_are_those_of_the_parameters(params):
    main(params)
    customers = pd.read_parquet("data/customers.parquet")
    highest = customers[["revenue_current", "revenue_previous"]].max(axis=1)
    limit = float(highest.quantile(0.9))
    main(params.model_copy(update={"prepare": {"revenue_limit": limit}}))
    assert len(pd.read_parquet("data/customers.parquet")) <= len(customers) * 0.9
    excluded = pd.read_csv("data/prepare/excluded.csv").set_index("reason")["value"]
    assert (excluded["impossible_revenue"] > limit).any()


def test_a_check_that_is_an_error_stops_before_anything_is_overwritten(params):
    rule = {"rule": "pages_per_visit < 0", "severity": "error"}
    message = refused(params.model_copy(update={"checks": {"odd": Check(**rule)}}))
    assert "«pages_per_visit < 0» doesn't hold for 150 customers" in message
    assert "checks.odd" in message


def test_a_check_that_is_a_warning_is_told_and_kept(params, capsys):
    rule = {"rule": "pages_per_visit < 0", "severity": "warning"}
    main(params.model_copy(update={"checks": {"odd": Check(**rule)}}))
    found = pd.read_csv("data/prepare/findings.csv", keep_default_na=False)
    (odd,) = found[found["why"].str.contains("checks.odd", regex=False)].itertuples()
    assert (odd.severity, int(odd.rows)) == ("warning", 150)
    assert "checks.odd" in capsys.readouterr().err


def test_ids_are_kept_as_the_shop_writes_them(params):
    longest = "1234567890123456"  # a float would round it

    def zeros(table):
        ids = {one: one.zfill(8) for one in table["id"]}
        ids[first] = longest
        table["id"] = table["id"].map(ids)

    first = pd.read_csv("data/demo/market_file.csv", dtype=str)["id"][0]
    for name in ("market_file", "market_money", "market_time"):
        change(name, zeros)
    file = Path("data/demo/money.csv")
    money = pd.read_csv(file, sep=";", dtype=str)
    zeros(money)
    money.to_csv(file, sep=";", index=False)
    main(params)
    ids = [
        *pd.read_parquet("data/customers.parquet")["customer_id"],
        *pd.read_csv("data/prepare/excluded.csv", dtype=str)["customer_id"],
    ]
    assert longest in ids
    assert all(len(one) == 8 for one in ids if one != longest)
    assert len(set(ids)) == 150


def test_profit_in_another_unit_is_told(params, capsys):
    file = Path("data/demo/money.csv")
    table = pd.read_csv(file, sep=";", decimal=",")
    table["Прибыль"] = (1000 * table["Прибыль"]).round().astype(int)
    table.to_csv(file, sep=";", index=False)
    main(params)
    assert "another unit?" in capsys.readouterr().err
    assert "another unit?" in Path("data/prepare/findings.csv").read_text(encoding="utf-8")
