"""From rows a customer and period to one row per customer: nobody lost, doubled or mixed up."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_shop import TABLES

from retention.intake.reading import Table
from retention.intake.widening import join_customers, widen


def table(name, unsound=(), **values):
    rows = pd.DataFrame(values).astype({"customer_id": "str"})
    return Table(Path(f"{name}.csv"), rows, [], name=name, unsound=frozenset(unsound))


def sums(rows, unsound=()):
    ids, months, paid = map(list, zip(*rows, strict=True))
    return table("sums", unsound, customer_id=ids, month=months, paid=paid)


# In no order: neither customers nor periods are sorted in the shop's files.
ROWS = [
    ("7", "этот", 70),
    ("10", "прошлый", 101),
    ("7", "прошлый", 71),
    ("b", "этот", 20),
    ("10", "этот", 100),
    ("b", "прошлый", 21),
]


def widened(found):
    problems = []
    wide = widen(found, TABLES["sums"], problems)
    return wide, [one.sentence() for one in problems]


def test_each_period_becomes_a_column_in_the_order_of_the_contract():
    wide, problems = widened(sums(ROWS))
    assert problems == []
    assert list(wide) == ["customer_id", "paid_before", "paid_now"]
    by_id = wide.set_index("customer_id")
    assert by_id.loc["7"].tolist() == [71, 70]
    assert by_id.loc["10"].tolist() == [101, 100]
    assert by_id.loc["b"].tolist() == [21, 20]
    assert str(wide["paid_now"].dtype) == "int64"


def test_a_period_that_comes_twice_is_told_with_its_line():
    _, (sentence,) = widened(sums([*ROWS, ("7", "этот", 1)]))
    assert "sums.csv, line 8 repeats customer_id 7, month этот: keep one row for each" in sentence


def test_a_missing_period_is_told_with_the_customer_and_how_many_more():
    _, (sentence,) = widened(sums(ROWS[1:]))
    assert "sums.csv lacks a period of customer 7 (этот): each customer needs 2 rows" in sentence
    _, (sentence,) = widened(sums(ROWS[2:]))
    assert "customer 7 (этот), and some of 1 more customers" in sentence


def test_what_follows_from_an_unknown_period_or_id_is_not_told_again():
    """An unknown period is a problem of its own, so its customer need not lack one."""
    _, problems = widened(sums([("7", "", 1), *ROWS[1:]], unsound=["month"]))
    assert problems == []


def gains(ids, unsound=()):
    return table("gain", unsound, customer_id=ids, income=[float(n) for n in range(len(ids))])


def joined(first, *others):
    tables = {one.name: one for one in (first, *others)}
    problems = []
    parts = {name: one.rows for name, one in tables.items()}
    customers = join_customers(tables, parts, problems)
    return customers, [one.sentence() for one in problems]


def test_customers_are_joined_by_id_and_sorted_as_texts():
    clients = table("clients", customer_id=["b", "7", "10"], visits=[2, 7, 10])
    customers, problems = joined(clients, gains(["10", "b", "7"]))
    assert problems == []
    assert customers["customer_id"].tolist() == ["10", "7", "b"]
    assert customers["visits"].tolist() == [10, 7, 2]
    assert customers["income"].tolist() == [0.0, 2.0, 1.0]


def test_customers_whom_one_file_lacks_are_counted_both_ways():
    clients = table("clients", customer_id=["b", "7", "10"], visits=[2, 7, 10])
    _, problems = joined(clients, gains(["10", "x", "y"]))
    assert "gain.csv lacks 2 customers of clients.csv, the first is 7" in problems[0]
    assert "clients.csv lacks 2 customers of gain.csv, the first is x" in problems[1]
    assert "zeros" not in problems[0]


def test_ids_without_their_zeros_are_told_as_such():
    clients = table("clients", customer_id=["007", "010"], visits=[7, 10])
    _, problems = joined(clients, gains(["7", "10"]))
    assert all("they differ in leading zeros" in one for one in problems)


def test_customers_of_a_file_whose_ids_are_wrong_are_not_told_again():
    clients = table("clients", customer_id=["b", "7"], visits=[2, 7])
    assert joined(clients, gains(["", "7"], unsound=["customer_id"]))[1] == []


@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_pandas_makes_of_it(seed):
    random = np.random.default_rng(seed)
    ids = [str(one) for one in random.choice(10_000, 200, replace=False)]
    rows = pd.DataFrame(
        {
            "customer_id": np.repeat(ids, 2),
            "month": ["прошлый", "этот"] * 200,
            "paid": random.normal(0, 9, 400),
        }
    ).sample(frac=1, random_state=seed)
    wide, _ = widened(sums(list(rows.itertuples(index=False))))
    wanted = rows.pivot(index="customer_id", columns="month", values="paid").sort_index()
    found = wide.set_index("customer_id").sort_index()
    assert found["paid_before"].tolist() == wanted["прошлый"].tolist()
    assert found["paid_now"].tolist() == wanted["этот"].tolist()
