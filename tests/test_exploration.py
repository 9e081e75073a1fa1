"""How the classes differ, before any model: tables worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from retention.exploration import (
    declines_by_category,
    favourite_categories,
    numbers_by_class,
    pairs_above,
    phik_tables,
    portrait,
)
from retention.statistics.intervals import rate_interval

TABLE = pd.DataFrame(
    {
        "decline": [1, 1, 1, 0, 0, 0, 0],
        "pages": [1, 2, 3, 5, 6, 7, 10],
        "minutes": [4.0, 4.0, 7.0, 4.0, 5.0, 6.0, 5.0],
        "category": ["a", "a", "b", "a", "b", "b", "b"],
        "profit": [1.0, 2.0, 5.0, 3.0, 5.0, 6.0, 8.0],
    }
)


def test_numbers_are_described_by_class_in_the_given_order():
    found = numbers_by_class(TABLE, ["pages", "minutes"])
    assert found[["column", "decline", "customers"]].to_numpy().tolist() == [
        ["pages", 0, 4],
        ["pages", 1, 3],
        ["minutes", 0, 4],
        ["minutes", 1, 3],
    ]
    assert found["mean"].tolist() == [7, 2, 5, 5]
    assert found["median"].tolist() == [6.5, 2, 5, 4]
    assert found["q25"].tolist() == [5.75, 1.5, 4.75, 4]
    assert found["q75"].tolist() == [7.75, 2.5, 5.25, 5.5]
    np.testing.assert_allclose(found["sd"], np.sqrt([14 / 3, 1, 2 / 3, 3]))
    assert found["min"].tolist() == [5, 1, 4, 4]
    assert found["max"].tolist() == [10, 3, 6, 7]


def test_declines_are_counted_by_category():
    found = declines_by_category(TABLE, ["category"], 0.95)
    assert found["value"].tolist() == ["a", "b"]
    assert found["customers"].tolist() == [3, 4]
    for row, (hits, of) in zip(found.itertuples(), [(2, 3), (1, 4)], strict=True):
        expected = rate_interval(hits, of, 0.95)
        assert (row.decline_rate, row.low, row.high) == tuple(expected.values())


def test_the_portrait_has_cohens_d_of_numbers_and_values_the_largest_first():
    found = portrait(TABLE, ["minutes", "pages"], ["category"]).set_index("column")
    pages = found.loc["pages"]
    assert (pages["declined"], pages["stayed"]) == (2, 7)
    assert pages["difference"] == pytest.approx(-5 / np.sqrt((2 * 1 + 3 * 14 / 3) / 5))
    assert found.loc["minutes", "difference"] == 0
    a = found.loc["category=a"]
    assert (a["declined"], a["stayed"]) == (pytest.approx(2 / 3), 0.25)
    assert a["difference"] == pytest.approx((2 / 3 - 1 / 4) / np.sqrt((2 / 3 + 3 / 4) / 5))
    assert found["difference"].abs().is_monotonic_decreasing


def test_a_column_that_never_varies_has_no_difference():
    found = portrait(TABLE.assign(minutes=3.0), ["minutes"], ["category"])
    assert np.isnan(found.set_index("column").loc["minutes", "difference"])


def test_favourite_categories_have_declines_and_profit_the_most_declining_first():
    found = favourite_categories(TABLE, 0.95)
    assert found["category"].tolist() == ["a", "b"]
    np.testing.assert_allclose(found["decline_rate"], [2 / 3, 1 / 4])
    assert found["profit"].tolist() == [2, 6]
    # Student's t, 97.5 %: 4.3027 with 2 and 3.1824 with 3 degrees of freedom.
    reach = np.array([4.30265273 / np.sqrt(3), 3.18244631 * np.sqrt(2) / 2])
    np.testing.assert_allclose(found["profit_high"] - found["profit"], reach)
    np.testing.assert_allclose(found["profit"] - found["profit_low"], reach)
    assert favourite_categories(TABLE.assign(decline=1 - TABLE["decline"]), 0.95)[
        "category"
    ].tolist() == ["b", "a"]


@pytest.fixture(scope="module")
def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    random = np.random.default_rng(0)
    number = random.normal(size=400)
    table = pd.DataFrame(
        {
            "sign": np.where(number > 0, "plus", "minus"),
            "number": number,
            "noise": random.normal(size=400),
        }
    )
    return phik_tables(table, ["number", "noise"], bins=6)


def test_phik_tells_what_goes_together_from_what_does_not(tables):
    correlation, significance = tables
    assert correlation.loc["sign", "number"] > 0.9
    assert correlation.loc["noise", "number"] < 0.3
    assert significance.loc["sign", "number"] > 5
    assert abs(significance.loc["noise", "number"]) < 3


def test_phik_tables_have_the_columns_in_the_order_of_the_table(tables):
    for matrix in tables:
        assert list(matrix.columns) == list(matrix.index) == ["sign", "number", "noise"]
        np.testing.assert_allclose(matrix, matrix.T)


def test_pairs_above_the_limit_are_listed_once_the_largest_first():
    names = ["a", "b", "c"]
    matrix = pd.DataFrame(
        [[1.0, 0.85, -0.9], [0.85, 1.0, 0.8], [-0.9, 0.8, 1.0]], index=names, columns=names
    )
    assert pairs_above(matrix, 0.8, "spearman").to_dict("records") == [
        {"measure": "spearman", "first": "a", "second": "c", "value": -0.9},
        {"measure": "spearman", "first": "a", "second": "b", "value": 0.85},
    ]


def test_no_pair_above_the_limit_is_an_empty_table():
    found = pairs_above(pd.DataFrame([[1.0]], index=["a"], columns=["a"]), 0.8, "phik")
    assert len(found) == 0
    assert list(found) == ["measure", "first", "second", "value"]
