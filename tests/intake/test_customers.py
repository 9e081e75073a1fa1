"""From four raw tables to one row a customer: nobody is lost, doubled or mixed up on the way."""

from pathlib import Path

import pandas as pd
import pytest

from retention.contract import columns
from retention.harness.errors import UserError
from retention.intake.customers import (
    add_target,
    check_market,
    exclude,
    join_customers,
    pivot_periods,
    repair,
)
from retention.intake.reading import Table

CATEGORIES = ["Косметика и аксессуары", "Товары для детей"]
REVENUE = ["before_previous", "previous", "current"]
MINUTES = ["previous", "current"]
NAMES = {name: raw for raw, name in columns.PERIODS.items()}


def table(name: str, **values: list) -> Table:
    return Table(Path(f"{name}.csv"), pd.DataFrame(values), [])


def market(**changed: list) -> Table:
    values = {
        "customer_id": [3, 1, 2],
        "activity": ["Снизилась", "Прежний уровень", "Снизилась"],
        "service_tier": ["премиум", "стандарт", "стандарт"],
        "allows_messages": ["да", "нет", "да"],
        "favourite_category": ["Товары для детей", *["Косметика и аксессуары"] * 2],
    }
    return table("market_file", **(values | changed))


def money(rows: list[tuple[int, str, float]]) -> Table:
    customers, periods, revenue = map(list, zip(*rows, strict=True))
    raw = [NAMES.get(period, period) for period in periods]
    return table("market_money", customer_id=customers, period=raw, revenue=revenue)


def time(rows: list[tuple[int, str, int]]) -> Table:
    customers, periods, minutes = map(list, zip(*rows, strict=True))
    raw = [NAMES.get(period, period) for period in periods]
    return table("market_time", customer_id=customers, period=raw, minutes=minutes)


# In no order: neither customers nor periods are sorted in the shop's files.
MONEY = [
    (2, "current", 20.5),
    (1, "before_previous", 10.0),
    (2, "previous", 21.0),
    (1, "current", 12.0),
    (3, "previous", 31.0),
    (2, "before_previous", 22.0),
    (3, "current", 30.0),
    (1, "previous", 11.0),
    (3, "before_previous", 32.0),
]
TIME = [
    (3, "previous", 6),
    (1, "current", 1),
    (2, "previous", 4),
    (1, "previous", 2),
    (3, "current", 5),
    (2, "current", 3),
]


def test_repairs_are_made_and_counted_by_column():
    found = market(
        service_tier=["стандартт", "премиум", "стандартт"],
        favourite_category=["Товары для детей", "Косметика и аксесуары", "Товары для детей"],
    )
    mended, counts = repair(
        found,
        [
            ("service_tier", "стандартт", "стандарт"),
            ("favourite_category", "Косметика и аксесуары", "Косметика и аксессуары"),
            ("favourite_category", "Товары для детеи", "Товары для детей"),
            ("period", "предыдцщий_месяц", "предыдущий_месяц"),
        ],
    )
    assert counts == {"service_tier": 2, "favourite_category": 1}
    assert mended.rows["service_tier"].tolist() == ["стандарт", "премиум", "стандарт"]
    assert mended.rows["customer_id"].tolist() == [3, 1, 2]


def test_the_repair_loses_no_customer_of_cosmetics():
    found = market(
        favourite_category=["Косметика и аксесуары", "Косметика и аксессуары", "Товары для детей"]
    )
    mended, _ = repair(
        found, [("favourite_category", "Косметика и аксесуары", "Косметика и аксессуары")]
    )
    check_market(mended, CATEGORIES)
    assert (mended.rows["favourite_category"] == "Косметика и аксессуары").sum() == 2


@pytest.mark.parametrize(
    ("column", "value", "declared_in"),
    [
        ("activity", "Выросла", "retention/contract/columns.py"),
        ("service_tier", "стандартт", "retention/contract/columns.py"),
        ("allows_messages", "Да", "retention/contract/columns.py"),
        ("favourite_category", "Косметика и аксесуары", "prepare.categories"),
    ],
)
def test_an_unknown_value_is_refused_naming_its_line(column, value, declared_in):
    values = market().rows[column].tolist()
    with pytest.raises(UserError) as caught:
        check_market(market(**{column: [*values[:2], value]}), CATEGORIES)
    for part in ("market_file.csv, line 4", f"{column} is '{value}'", declared_in):
        assert part in str(caught.value)


def test_each_month_lands_in_its_own_column():
    wide = pivot_periods(money(MONEY), "revenue", REVENUE)
    assert wide.to_dict("list") == {
        "customer_id": [1, 2, 3],
        "revenue_before_previous": [10.0, 22.0, 32.0],
        "revenue_previous": [11.0, 21.0, 31.0],
        "revenue_current": [12.0, 20.5, 30.0],
    }


def test_whole_minutes_stay_whole():
    wide = pivot_periods(time(TIME), "minutes", MINUTES)
    assert wide["minutes_current"].tolist() == [1, 3, 5]
    assert str(wide["minutes_current"].dtype) == "int64"


@pytest.mark.parametrize("lost", range(len(TIME)))
def test_a_missing_month_is_refused_naming_the_customer(lost):
    rows = [row for position, row in enumerate(TIME) if position != lost]
    with pytest.raises(UserError, match=rf"market_time\.csv .*customer {TIME[lost][0]}: .*2 rows"):
        pivot_periods(time(rows), "minutes", MINUTES)


def test_a_month_that_stands_twice_is_refused_naming_its_line():
    with pytest.raises(UserError, match=r"market_money\.csv, line 11 .*customer_id 1.*текущий"):
        pivot_periods(money([*MONEY, (1, "current", 13.0)]), "revenue", REVENUE)


@pytest.mark.parametrize("period", ["предыдцщий_месяц", "before_previous"])
def test_a_month_that_the_table_does_not_have_is_refused_naming_its_line(period):
    rows = [*TIME[:2], (2, period, 4), *TIME[3:]]
    with pytest.raises(UserError, match=r"market_time\.csv, line 4: period is 'пре"):
        pivot_periods(time(rows), "minutes", MINUTES)


def join(of_market: Table, of_profit: list[int] | None = None) -> pd.DataFrame:
    customers = of_profit or [2, 1, 3]
    profit = table(
        "money", customer_id=customers, monthly_profit=[float(number) for number in customers]
    )
    return join_customers(
        of_market,
        [
            (money(MONEY), pivot_periods(money(MONEY), "revenue", REVENUE)),
            (time(TIME), pivot_periods(time(TIME), "minutes", MINUTES)),
            (profit, profit.rows),
        ],
    )


def test_the_join_has_one_row_a_customer_with_that_customers_values():
    joined = join(market())
    assert joined["customer_id"].tolist() == [1, 2, 3]
    assert joined["activity"].tolist() == ["Прежний уровень", "Снизилась", "Снизилась"]
    assert joined["service_tier"].tolist() == ["стандарт", "стандарт", "премиум"]
    assert joined["monthly_profit"].tolist() == [1.0, 2.0, 3.0]


def test_the_same_month_of_revenue_and_of_minutes_is_two_columns():
    joined = join(market())
    assert joined["revenue_current"].tolist() == [12.0, 20.5, 30.0]
    assert joined["minutes_current"].tolist() == [1, 3, 5]
    assert joined["revenue_previous"].tolist() == [11.0, 21.0, 31.0]
    assert joined["minutes_previous"].tolist() == [2, 4, 6]


@pytest.mark.parametrize(
    ("ids", "of_profit", "sentence"),
    [
        ([3, 1, 2], [1, 2], "money.csv lacks 1 customers of market_file.csv, the first is 3"),
        ([3, 1, 2], [4, 1, 2, 5, 3], "market_file.csv lacks 2 customers of money.csv, the first"),
        ([3, 1, 7], None, "market_money.csv lacks 1 customers of market_file.csv, the first is 7"),
    ],
)
def test_a_customer_missing_in_one_file_is_refused_naming_file_and_customer(
    ids, of_profit, sentence
):
    with pytest.raises(UserError) as caught:
        join(market(customer_id=ids), of_profit)
    assert sentence in str(caught.value)


def test_a_customer_who_stands_twice_is_refused_naming_the_line():
    with pytest.raises(UserError, match=r"market_file\.csv, line 4 repeats customer_id 3"):
        join(market(customer_id=[3, 1, 3]))
    with pytest.raises(UserError, match=r"money\.csv, line 5 repeats customer_id 2"):
        join(market(), [2, 1, 3, 2])


def test_class_1_is_the_decline():
    assert add_target(market().rows)["decline"].tolist() == [1, 0, 1]


def with_revenues(*revenues: tuple[float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(list(revenues), columns=list(columns.REVENUES)).assign(
        customer_id=range(1, len(revenues) + 1)
    )


def test_nobody_is_excluded_without_a_reason():
    customers = with_revenues((1.0, 2.0, 3.0), (50_000.0, 0.01, 1.0))
    kept, excluded = exclude(customers, 50_000)
    pd.testing.assert_frame_equal(kept, customers)
    assert len(excluded) == 0
    assert list(excluded) == ["customer_id", "reason", "column", "value"]


@pytest.mark.parametrize(
    ("revenues", "reason", "column", "value"),
    [
        ((0.0, 2.0, 3.0), "no_revenue", "revenue_before_previous", 0.0),
        ((1.0, 0.0, 0.0), "no_revenue", "revenue_previous", 0.0),
        ((1.0, 2.0, 0.0), "no_revenue", "revenue_current", 0.0),
        ((1.0, 2.0, 106_862.2), "impossible_revenue", "revenue_current", 106_862.2),
        ((1.0, 50_000.01, 3.0), "impossible_revenue", "revenue_previous", 50_000.01),
        ((1.0, 2.0, -0.5), "impossible_revenue", "revenue_current", -0.5),
        ((0.0, 2.0, 60_000.0), "impossible_revenue", "revenue_current", 60_000.0),
    ],
)
def test_an_excluded_customer_is_listed_once_with_the_reason(revenues, reason, column, value):
    kept, excluded = exclude(with_revenues((1.0, 2.0, 3.0), revenues, (4.0, 5.0, 6.0)), 50_000)
    assert kept["customer_id"].tolist() == [1, 3]
    assert kept.index.tolist() == [0, 1]
    assert excluded.to_dict("records") == [
        {"customer_id": 2, "reason": reason, "column": column, "value": value}
    ]
