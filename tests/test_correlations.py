"""Correlations: φK between columns of any kind, and the pairs that go together."""

import numpy as np
import pandas as pd
import pytest

from retention.correlations import pairs_above, phik_tables


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
