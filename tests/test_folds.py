"""Folds: near-duplicates stay together, and everybody is tested once a repeat."""

import numpy as np
import pandas as pd
import pytest

from retention.folds import (
    check_enough,
    draw_folds,
    outer_columns,
    outer_folds,
    same_customer_groups,
    splits,
)
from retention.harness.errors import UserError


def customers(declines: int, stays: int) -> pd.DataFrame:
    n = declines + stays
    decline = np.random.default_rng(5).permutation([1] * declines + [0] * stays)
    return pd.DataFrame({"customer_id": np.arange(100, 100 + n), "decline": decline})


def draw(table: pd.DataFrame, groups: np.ndarray | None = None, **changed: int) -> pd.DataFrame:
    settings = {"folds": 5, "repeats": 2, "seed": 42} | changed
    return outer_folds(table, np.arange(len(table)) if groups is None else groups, **settings)


def same(groups: np.ndarray) -> list[list[int]]:
    """Return the positions that share a group, whatever its number."""
    return [np.flatnonzero(groups == number).tolist() for number in pd.unique(groups)]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([["tier"]], [[0, 1, 3], [2, 4]]),
        ([["tier", "days"]], [[0, 1], [2], [3], [4]]),
        ([["days"]], [[0, 1], [2, 3], [4]]),
        ([["tier", "days"], ["items"]], [[0, 1, 4], [2], [3]]),
    ],
)
def test_customers_who_agree_in_all_columns_of_a_key_are_one_group(keys, expected):
    table = pd.DataFrame(
        {
            "tier": ["a", "a", "b", "a", "b"],
            "days": [1, 1, 2, 2, 3],
            "items": [5, 6, 7, 8, 6],
        }
    )
    assert same(same_customer_groups(table, keys)) == expected


def test_a_chain_of_links_is_one_group():
    table = pd.DataFrame({"first": [1, 1, 2, 3, 9], "second": [5, 6, 6, 7, 8]})
    assert same(same_customer_groups(table, [["first"], ["second"]])) == [[0, 1, 2], [3], [4]]


def test_a_key_with_an_unknown_column_is_refused_naming_it():
    with pytest.raises(UserError, match=r"'split\.same_customer' names 'tear'.*tier"):
        same_customer_groups(pd.DataFrame({"tier": ["a"]}), [["tier", "tear"]])


def test_no_group_is_torn_by_a_fold():
    table = customers(60, 90)
    groups = np.random.default_rng(1).integers(0, 60, len(table))
    drawn = draw(table, groups)
    for column in outer_columns(drawn):
        assert drawn.groupby("group")[column].nunique().max() == 1
    assert drawn["group"].nunique() < len(table)


def test_every_customer_is_tested_exactly_once_a_repeat():
    drawn = draw(customers(40, 60), repeats=3)
    assert outer_columns(drawn) == ["outer_1", "outer_2", "outer_3"]
    for column in outer_columns(drawn):
        parts = splits(drawn[column].to_numpy())
        assert len(parts) == 5
        assert np.sort(np.concatenate([test for _, test in parts])).tolist() == list(range(100))
        for train, test in parts:
            assert np.sort(np.concatenate([train, test])).tolist() == list(range(100))


def test_folds_have_the_rate_of_decline_of_all():
    table = customers(80, 120)
    drawn = draw(table)
    decline = table["decline"].to_numpy()
    for column in outer_columns(drawn):
        for _, test in splits(drawn[column].to_numpy()):
            assert decline[test].mean() == pytest.approx(0.4)


def test_the_same_seed_draws_the_same_and_another_seed_something_else():
    table = customers(40, 60)
    first = draw(table)
    pd.testing.assert_frame_equal(first, draw(table))
    assert (first["outer_1"] != draw(table, seed=43)["outer_1"]).any()


def test_repeats_are_different_draws():
    drawn = draw(customers(40, 60))
    assert (drawn["outer_1"] != drawn["outer_2"]).any()


def test_rows_stay_those_of_the_customers():
    table = customers(40, 60)
    assert draw(table)["customer_id"].tolist() == table["customer_id"].tolist()


@pytest.mark.parametrize("seed", range(12))
def test_every_fold_has_both_classes_where_decliners_are_few_and_have_near_duplicates(seed):
    decline = np.array([1] * 9 + [0] * 51)
    groups = np.array([0, 0, 0, 1, 1, 2, 3, 4, 5, *range(10, 61)])
    fold = draw_folds(decline, groups, 5, seed)
    for number in range(5):
        assert set(decline[fold == number]) == {0, 1}


@pytest.mark.parametrize(
    ("declines", "stays", "groups", "parts"),
    [
        pytest.param(4, 60, None, ["4 separate", "decline 1", "5 folds"], id="few declines"),
        pytest.param(60, 3, None, ["3 separate", "decline 0", "5 folds"], id="few stay"),
        pytest.param(30, 30, 2, ["2 separate", "split.folds"], id="many customers, two groups"),
    ],
)
def test_too_few_customers_of_a_class_are_refused(declines, stays, groups, parts):
    table = customers(declines, stays)
    numbers = np.arange(len(table)) % (groups or len(table))
    with pytest.raises(UserError) as caught:
        draw(table, numbers)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("folds", [3, 5, 10])
def test_what_is_enough_is_enough_for_the_inner_folds_of_every_outer_fold(folds):
    few = next(n for n in range(folds, 99) if not refused(n, folds))
    decline, groups = np.array([1] * few + [0] * 60), np.arange(few + 60)
    outer = draw_folds(decline, groups, folds, seed=1)
    for train, _ in splits(outer):
        inner = draw_folds(decline[train], groups[train], folds, seed=1)
        assert set(inner) == set(range(folds))
    assert refused(few - 1, folds)


def refused(declines: int, folds: int) -> bool:
    decline = np.array([1] * declines + [0] * 60)
    try:
        check_enough(decline, np.arange(len(decline)), folds, 0.5)
    except UserError:
        return True
    return False


def test_too_few_for_folds_inside_folds_are_counted():
    decline = np.array([1] * 6 + [0] * 60)
    with pytest.raises(UserError, match=r"6 separate customers declined.*at least 7.*split\.folds"):
        check_enough(decline, np.arange(66), 5, 0.5)


def test_a_group_that_would_be_most_of_a_fold_is_refused():
    decline = np.arange(100) % 2
    groups = np.where(np.arange(100) < 30, 0, np.arange(100))
    check_enough(decline, groups, 5, 0.3)
    with pytest.raises(UserError, match=r"30 of 100 customers agree.*split\.same_customer"):
        check_enough(decline, groups, 5, 0.2)


def test_splits_leave_out_who_has_no_fold():
    [(first_train, first_test), (second_train, second_test)] = splits(np.array([1, -1, 0, 1, -1]))
    assert (first_train.tolist(), first_test.tolist()) == ([0, 3], [2])
    assert (second_train.tolist(), second_test.tolist()) == ([2], [0, 3])
