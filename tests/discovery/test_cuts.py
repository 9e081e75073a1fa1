"""Cuts of numbers: where scikit-learn's tree cuts, judged on customers they did not see."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.tree import DecisionTreeClassifier

from retention.discovery import cuts, rules_met
from retention.statistics.resampling import Resampling

CUSTOMERS = 300
NUMBERS = ["pages_per_visit", "unpaid_items_3m", "promo_share", "service_errors"]
SETTING = cuts.Setting(NUMBERS, 0.05, 0.05, 0.05, 99, 2, 3)
FOLD = np.arange(CUSTOMERS) // 2 % 5
GROUPS = np.arange(CUSTOMERS) // 2  # pairs


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    """Declines go with at most 5 pages, less so with more than 6 unpaid items, else with nothing.

    Both numbers are the same within a pair, as near-duplicates' are.
    """
    random = np.random.default_rng(5)
    pages = random.integers(1, 15, CUSTOMERS // 2).repeat(2)
    unpaid = random.integers(0, 10, CUSTOMERS // 2).repeat(2)
    rate = 0.05 + 0.5 * (pages <= 5) + 0.4 * (unpaid > 6)
    return pd.DataFrame(
        {
            "pages_per_visit": pages,
            "unpaid_items_3m": unpaid,
            "promo_share": random.uniform(0, 1, CUSTOMERS).round(2),
            "service_errors": random.integers(0, 5, CUSTOMERS),
            "decline": (random.uniform(size=CUSTOMERS) < rate).astype(int),
        },
        index=np.arange(CUSTOMERS) + 1000,
    )


@pytest.fixture(scope="module")
def checked(customers) -> pd.DataFrame:
    return cuts.check_cuts(customers, FOLD, GROUPS, SETTING).set_index("column")


def tree(values, decline, least_share):
    stump = DecisionTreeClassifier(criterion="entropy", max_depth=1, min_samples_leaf=least_share)
    return stump.fit(np.asarray(values, dtype=float).reshape(-1, 1), decline).tree_


@pytest.mark.parametrize("least_share", [0.05, 0.3])
@pytest.mark.parametrize("seed", range(5))
def test_cuts_are_those_of_scikit_learns_trees(seed, least_share):
    random = np.random.default_rng(seed)
    values = random.normal(size=120).round(1)
    declines = random.uniform(size=(20, 120)) < 1 / (1 + np.exp(values - 0.3))
    found = cuts.Places(values, least_share).best(declines.T)
    for row, decline in enumerate(declines):
        expected = tree(values, decline, least_share)
        left = values <= expected.threshold[0]
        assert (values <= found.place[row]).tolist() == left.tolist()
        assert found.above[row] == (decline[~left].mean() > decline[left].mean())
        leaves = expected.impurity[1:] @ expected.n_node_samples[1:] / len(values)
        assert found.gain[row] == pytest.approx(expected.impurity[0] - leaves)


def test_each_number_is_cut_where_declines_change_in_their_direction(customers):
    found = cuts.find_cuts(customers, SETTING)
    assert (found["pages_per_visit"].place, found["pages_per_visit"].direction) == (5.5, "<=")
    assert (found["unpaid_items_3m"].place, found["unpaid_items_3m"].direction) == (6.5, ">")
    assert found["pages_per_visit"].gain > found["unpaid_items_3m"].gain > 0
    risky = found["unpaid_items_3m"].risky(customers)
    assert risky.tolist() == (customers["unpaid_items_3m"] >= 7).tolist()


@pytest.mark.parametrize("direction", ["<=", ">"])
def test_what_can_not_be_cut_has_no_risky_side(customers, direction):
    for hopeless in (customers.assign(promo_share=0.3), customers.assign(decline=1)):
        cut = cuts.find_cut(hopeless, "promo_share", 0.05)
        assert math.isnan(cut.place)
        assert not cut.risky(customers).any()
    assert not cuts.Cut("promo_share", math.nan, direction, 0.0).risky(customers).any()
    few = pd.DataFrame({"promo_share": [0.1] + [0.2] * 30, "decline": [1] + [0] * 30})
    assert math.isnan(cuts.find_cut(few, "promo_share", 0.05).place)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (5, 6, 5.5),
        (0.33, 0.34, 0.335),
        (0.41, 0.88, 0.6),
        (4871.5, 4890.2, 4880),
        (9994, 10012, 10000),
        (131, 1061, 600),
        (-3, -2, -2.5),
        (-1, 1, 0),
    ],
)
def test_a_cut_is_round_and_near_the_middle(low, high, expected):
    assert cuts.round_between(low, high) == expected


def test_a_difference_that_is_there_holds_and_noise_does_not(checked):
    assert checked["holds"].to_dict() == {
        "pages_per_visit": True,
        "unpaid_items_3m": True,
        "promo_share": False,
        "service_errors": False,
    }
    assert checked.loc["pages_per_visit", "p_adjusted"] == 1 / 100  # none of 99 shuffles


def test_the_counts_beside_a_cut_are_of_that_cut_among_customers_it_did_not_see(customers):
    """Counted by hand: only test parts of folds that found about the cut, by the fold's own."""
    found = [
        cuts.Cut("pages_per_visit", place, direction, 0.1)
        for place, direction in ((5.5, "<="), (9.5, "<="), (5.5, ">"), (6.5, "<="), (5.5, "<="))
    ]
    again = np.array([True, False, False, True, True])
    counts = cuts.unseen_sides(customers, FOLD, found, again)
    pages, decline = customers["pages_per_visit"].to_numpy(), customers["decline"].to_numpy()
    inside = np.where(FOLD == 3, pages <= 6, pages <= 5)
    used = np.isin(FOLD, [0, 3, 4])
    assert counts == {
        "unseen_customers": (inside & used).sum(),
        "unseen_declined": decline[inside & used].sum(),
        "unseen_rest_customers": (~inside & used).sum(),
        "unseen_rest_declined": decline[~inside & used].sum(),
    }


def test_a_cut_that_no_fold_finds_again_has_no_counts_and_does_not_hold(customers, monkeypatch):
    monkeypatch.setattr(cuts, "found_again", lambda *_: np.zeros(5, dtype=bool))
    checked = cuts.check_cuts(customers, FOLD, GROUPS, SETTING).set_index("column")
    assert checked.loc["pages_per_visit", "p_adjusted"] == 1 / 100
    assert checked.loc["pages_per_visit", "unseen_customers"] == 0
    assert not checked["holds"].any()


def test_the_difference_is_the_two_proportion_z_of_unseen_customers(customers):
    declines = customers[["decline"]].to_numpy(dtype=bool).T
    [z] = cuts.unseen_differences(customers, declines, FOLD, SETTING)
    risky = np.zeros(CUSTOMERS, dtype=bool)
    for fold in range(5):
        cut = cuts.find_cut(customers[fold != FOLD], "pages_per_visit", 0.05)
        risky[fold == FOLD] = cut.risky(customers[fold == FOLD])
    decline = customers["decline"].to_numpy()
    a, b, p = risky.sum(), (~risky).sum(), decline.mean()
    apart = decline[risky].mean() - decline[~risky].mean()
    assert z[0] == pytest.approx(apart / math.sqrt(p * (1 - p) * (1 / a + 1 / b)))


def test_a_cut_is_found_again_on_the_same_side_with_few_customers_between():
    values = pd.Series(np.arange(100))

    def cut(place, direction):
        return cuts.Cut("x", place, direction, 0.1)

    others = [
        cut(49.5, "<="),
        cut(54.5, "<="),
        cut(55.5, "<="),
        cut(44.5, "<="),
        cut(49.5, ">"),
        cut(math.nan, "<="),
    ]
    found = cuts.found_again(cut(49.5, "<="), others, values, 0.05)
    assert found.tolist() == [True, True, False, True, False, False]
    assert not cuts.found_again(cut(math.nan, "<="), others, values, 0.05).any()


def test_stability_counts_what_was_found_again(customers):
    found = cuts.find_cuts(customers, SETTING)
    resampled = cuts.bootstrap_cuts(customers, SETTING, Resampling(GROUPS, 30, 3))
    table = cuts.stability(found, resampled, customers, 0.05).set_index("column")
    pages = table.loc["pages_per_visit"]
    places = [sample["pages_per_visit"].place for sample in resampled]
    assert pages["found_again"] >= np.mean([place == 5.5 for place in places]) > 0.3
    assert pages["cut_low"] == sorted(places)[1]  # two of 30 are the first 5 %
    assert pages["cut_high"] == sorted(places)[28]
    assert table.loc["promo_share", "found_again"] < pages["found_again"]


def test_bootstrap_samples_tear_no_group():
    """In each pair, x is either [0, 1] or [1, 0]: with pairs kept, half of x is always 0."""
    table = pd.DataFrame({"x": [0, 1, 1, 0] * 10, "decline": [0, 1, 1, 0] * 10})
    setting = cuts.Setting(["x"], 0.5 - 1e-9, 0.05, 0.05, 99, 1, 0)
    for groups, torn in ((np.arange(40) // 2, False), (np.arange(40), True)):
        found = cuts.bootstrap_cuts(table, setting, Resampling(groups, 20, 0))
        assert any(math.isnan(sample["x"].place) for sample in found) == torn


def test_the_strongest_cuts_that_hold_become_rules(customers, checked):
    found = rules_met.strongest(checked.reset_index(), SETTING)
    assert [cut.column for cut in found] == ["pages_per_visit", "unpaid_items_3m"]
    counts = rules_met.rules_met(customers, found)
    pages, unpaid = customers["pages_per_visit"] <= 5, customers["unpaid_items_3m"] > 6
    assert counts.tolist() == (pages.astype(int) + unpaid).tolist()
    one = cuts.Setting(NUMBERS, 0.05, 0.05, 0.05, 99, 1, 3)
    kept = rules_met.strongest(checked.reset_index(), one)
    assert [cut.column for cut in kept] == ["pages_per_visit"]


def test_every_number_of_rules_met_is_counted_even_without_anybody():
    counts, decline = np.array([0, 0, 0, 2, 2, 0]), np.array([0, 1, 0, 1, 1, 0])
    table = rules_met.declines_by_count(counts, decline, 3)
    assert table.to_numpy().tolist() == [[0, 4, 1], [1, 0, 0], [2, 2, 2], [3, 0, 0]]
