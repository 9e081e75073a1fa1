"""Two months side by side: who is who, and whose like become more frequent."""

import numpy as np
import pandas as pd
import pytest

from retention.next_month.months import (
    Months,
    basis,
    effective_share,
    resemblance,
    same_over_months,
)


def months(training, following, numbers=("x",), categories=()):
    rows = len(training) + len(following)
    return Months(training, following, numbers, categories, np.arange(rows))


def together(customers):
    """Return which rows share a number, as sets."""
    return {frozenset(np.flatnonzero(customers == number)) for number in set(customers)}


def test_who_goes_on_is_who_he_was_and_near_duplicates_are_one():
    ids = pd.Series(["a", "b", "c", "d"]), pd.Series(["x", "c", "a", "y"])
    found = same_over_months(*ids, np.array([0, 1, 0, 2]), np.arange(4))
    assert together(found) == {frozenset(rows) for rows in ([0, 2, 5, 6], [1], [3], [4], [7])}
    # Next month, x and y say the same, and so do c and x.
    for groups, rows in (([0, 1, 2, 0], [4, 7]), ([0, 0, 1, 2], [0, 2, 4, 5, 6])):
        assert frozenset(rows) in together(
            same_over_months(*ids, np.array([0, 1, 0, 2]), np.array(groups))
        )
    nobody = pd.Series([], dtype=str), np.array([0]), np.array([], dtype=np.intp)
    assert same_over_months(pd.Series(["a"]), *nobody).tolist() == [0]


def test_weights_are_how_much_more_frequent_a_value_becomes():
    random = np.random.default_rng(0)
    before = pd.DataFrame({"kind": random.choice(["a", "b"], 4000, p=[0.8, 0.2])})
    after = pd.DataFrame({"kind": random.choice(["a", "b"], 3000, p=[0.4, 0.6])})
    weight = resemblance(months(before, after, (), ("kind",)))
    assert weight.mean() == pytest.approx(1)
    assert weight[before["kind"] == "b"].mean() == pytest.approx(3, rel=0.1)
    assert weight[before["kind"] == "a"].mean() == pytest.approx(0.5, rel=0.1)


def test_alike_months_have_even_weights():
    random = np.random.default_rng(0)
    tables = [pd.DataFrame({"x": random.normal(size=1500)}) for _ in range(2)]
    assert effective_share(resemblance(months(*tables))) > 0.98
    moved = tables[1] + 1.5
    assert effective_share(resemblance(months(tables[0], moved))) < 0.5


def test_one_heavy_customer_speaks_for_one():
    assert effective_share(np.ones(7)) == pytest.approx(1)
    assert effective_share(np.array([1.0, 0, 0, 0])) == pytest.approx(0.25)


def test_missing_values_constants_and_new_categories_are_told_apart():
    before = pd.DataFrame({"x": [1.0, 2, np.nan, 4], "same": 3.0, "kind": list("aabb")})
    after = pd.DataFrame({"x": [np.nan, np.nan, 5, 6], "same": 3.0, "kind": list("ccab")})
    seen = basis(months(before, after, ("x", "same"), ("kind",)), products=True)
    assert np.isfinite(seen).all()
    assert np.allclose(seen.mean(axis=0), 0, atol=1e-6)
    missing = before["x"].isna().tolist() + after["x"].isna().tolist()
    agree = [abs(np.corrcoef(column, missing)[0, 1]) for column in seen.T]
    assert max(agree) == pytest.approx(1, abs=1e-5)


def test_nothing_to_compare_weighs_nothing():
    empty = months(pd.DataFrame({"x": [1.0, 1.0]}), pd.DataFrame({"x": [1.0]}))
    assert resemblance(empty).tolist() == [1, 1]


def test_of_many_rows_whole_customers_are_taken():
    table = pd.DataFrame({"x": np.arange(1000.0)})
    both = Months(table, table, ("x",), (), np.tile(np.arange(1000) // 2, 2))
    fewer = both.thinned(200, seed=1)
    assert 120 < len(fewer.training) < 280
    assert fewer.training["x"].tolist() == fewer.following["x"].tolist()
    assert (
        np.bincount(fewer.customers).max()
        == np.bincount(fewer.customers[fewer.customers > 0]).max()
    )
    assert set(np.unique(fewer.customers, return_counts=True)[1]) == {4}
    assert both.thinned(1000, seed=1) is both
