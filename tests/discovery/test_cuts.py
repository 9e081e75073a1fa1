"""Cuts of numbers: where scikit-learn's tree cuts, judged on customers they did not see."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

from retention.charts import cuts as charts
from retention.charts.style import plt
from retention.discovery import cuts, rules_met
from retention.statistics.intervals import rate_interval
from retention.texts import read_texts

CUSTOMERS = 300
NUMBERS = ["pages_per_visit", "unpaid_items_3m", "promo_share", "service_errors"]
SETTING = cuts.Setting(NUMBERS, 0.05, 0.95, 99, 2, 3)
FOLD = np.arange(CUSTOMERS) % 5
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
    found = cuts.find(values, declines, least_share)
    for row, decline in enumerate(declines):
        expected = tree(values, decline, least_share)
        left = values <= expected.threshold[0]
        assert (values <= found.place[row]).tolist() == left.tolist()
        assert found.above[row] == (decline[~left].mean() > decline[left].mean())
        leaves = expected.impurity[1:] @ expected.n_node_samples[1:] / len(values)
        assert found.gain[row] == pytest.approx(expected.impurity[0] - leaves)


def test_each_number_is_cut_where_declines_change_in_their_direction(customers):
    found = cuts.find_cuts(customers, SETTING)
    assert found["pages_per_visit"].place == 5.5
    assert found["pages_per_visit"].direction == "<="
    assert found["unpaid_items_3m"].place == 6.5
    assert found["unpaid_items_3m"].direction == ">"
    assert found["pages_per_visit"].gain > found["unpaid_items_3m"].gain > 0
    pd.testing.assert_series_equal(
        found["unpaid_items_3m"].risky(customers),
        customers["unpaid_items_3m"] >= 7,
        check_names=False,
    )


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


def test_customers_are_put_on_sides_by_cuts_that_did_not_see_them(customers):
    """Within a fold, labels are turned around: cuts of other folds can't follow."""
    turned = customers.copy()
    turned.loc[FOLD == 0, "decline"] = 1 - turned.loc[FOLD == 0, "decline"]
    before, after = (
        cuts.unseen_sides(table, FOLD, cuts.cuts_by_fold(table, FOLD, SETTING))
        for table in (customers, turned)
    )
    assert before.index.tolist() == customers.index.tolist()
    pd.testing.assert_frame_equal(before[FOLD == 0], after[FOLD == 0])
    cut = cuts.find_cut(customers[FOLD != 0], "pages_per_visit", 0.05)
    expected = cut.risky(customers[FOLD == 0]).tolist()
    assert before.loc[FOLD == 0, "pages_per_visit"].tolist() == expected


def test_customers_without_a_fold_have_no_say(customers):
    fold = np.where(np.arange(CUSTOMERS) < 60, -1, FOLD)
    other = customers.copy()
    other.iloc[:60] = other.iloc[:60].assign(decline=1 - other.iloc[:60]["decline"])
    first, second = (cuts.check_cuts(table, fold, GROUPS, SETTING) for table in (customers, other))
    pd.testing.assert_frame_equal(first, second)


def test_both_sides_have_their_rates_with_intervals():
    decline = pd.Series([1, 1, 0, 1, 0, 0, 0, 0])
    side = pd.DataFrame({"a": [True] * 3 + [False] * 5, "nobody": False})
    found = cuts.compare_sides(side, decline, 0.9).set_index("column")
    a = found.loc["a"]
    assert a[["rate", "low", "high"]].tolist() == list(rate_interval(2, 3, 0.9).values())
    assert a[["rest", "rest_low", "rest_high"]].tolist() == list(rate_interval(1, 5, 0.9).values())
    assert (a["customers"], a["share"], a["lift"]) == (3, 3 / 8, pytest.approx(2 / 3 / (3 / 8)))
    assert found.loc["nobody", ["rate", "low", "high", "lift"]].isna().all()
    assert found.loc["nobody", "rest"] == 3 / 8


def test_a_difference_that_is_there_holds_and_noise_does_not(checked):
    assert checked["holds"].to_dict() == {
        "pages_per_visit": True,
        "unpaid_items_3m": True,
        "promo_share": False,
        "service_errors": False,
    }
    assert checked.loc["pages_per_visit", "p_adjusted"] == 1 / 100  # none of 99 shuffles
    assert checked.loc["pages_per_visit", "rate"] > 0.5
    assert checked.loc["pages_per_visit", "rest"] < 0.3


def test_the_difference_is_the_two_proportion_z_of_unseen_customers(customers, checked):
    values = customers["pages_per_visit"].to_numpy(dtype=float)
    decline = customers[["decline"]].to_numpy(dtype=bool).T
    [z] = cuts.unseen_difference(values, decline, FOLD, 0.05)
    row = checked.loc["pages_per_visit"]
    a, b, p = row["customers"], CUSTOMERS - row["customers"], customers["decline"].mean()
    assert z == pytest.approx(
        (row["rate"] - row["rest"]) / math.sqrt(p * (1 - p) * (1 / a + 1 / b))
    )


def test_pure_noise_is_rarely_called_a_finding():
    """A test of the pooled sides as if cuts were given calls about one in seven a finding."""
    random = np.random.default_rng(0)
    calls = []
    for seed in range(60):
        table = pd.DataFrame(
            {"x": random.normal(size=100).round(1), "decline": random.integers(0, 2, 100)}
        )
        setting = cuts.Setting(["x"], 0.05, 0.95, 99, 1, seed)
        found = cuts.check_cuts(table, np.arange(100) % 5, np.arange(100), setting)
        calls.append(found["holds"].item())
    assert sum(calls) <= 7  # of a binomial with 5 %, 99 % are at most 7


def test_shuffles_move_groups_as_a_whole():
    groups = np.array([4, 4, 1, 1, 7, 8, 9, 5, 5, 5])
    decline = np.array([1, 0, 0, 0, 1, 0, 0, 1, 1, 0], dtype=bool)
    draws = cuts.shuffled(decline, groups, draws=50, seed=1)
    assert draws.shape == (51, 10)
    assert (draws[0] == decline).all()
    assert (draws[:, 7:] == decline[7:]).all()  # there is no other group of three
    pairs = {tuple(map(tuple, row[:4].reshape(2, 2).tolist())) for row in draws}
    assert pairs == {
        ((True, False), (False, False)),
        ((False, False), (True, False)),
    }
    assert {tuple(row[4:7].tolist()) for row in draws} == {
        (True, False, False),
        (False, True, False),
        (False, False, True),
    }


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
    resampled = cuts.bootstrap_cuts(customers, GROUPS, SETTING, 30)
    by_fold = cuts.cuts_by_fold(customers, FOLD, SETTING)
    table = cuts.stability(found, resampled, by_fold, customers, 0.05).set_index("column")
    pages = table.loc["pages_per_visit"]
    same = [sample["pages_per_visit"].place == 5.5 for sample in resampled]
    assert pages["found_again"] >= np.mean(same) > 0.3
    places = [sample["pages_per_visit"].place for sample in resampled]
    assert pages["cut_low"] == sorted(places)[1]  # two of 30 are the first 5 %
    assert pages["cut_high"] == sorted(places)[28]
    assert pages["folds_found_again"] >= 4
    assert table.loc["promo_share", "found_again"] < pages["found_again"]
    assert resampled == cuts.bootstrap_cuts(customers, GROUPS, SETTING, 30)


def test_bootstrap_samples_tear_no_group():
    """In each pair, x is either [0, 1] or [1, 0]: with pairs kept, half of x is always 0."""
    table = pd.DataFrame({"x": [0, 1, 1, 0] * 10, "decline": [0, 1, 1, 0] * 10})
    setting = cuts.Setting(["x"], 0.5 - 1e-9, 0.95, 99, 1, 0)
    found = cuts.bootstrap_cuts(table, np.arange(40) // 2, setting, 20)
    assert [sample["x"].place for sample in found] == [0.5] * 20
    torn = cuts.bootstrap_cuts(table, np.arange(40), setting, 20)
    assert any(math.isnan(sample["x"].place) for sample in torn)


def test_the_strongest_cuts_that_hold_become_rules(customers):
    checked = cuts.check_cuts(customers, FOLD, GROUPS, SETTING)
    found = rules_met.strongest(customers, checked, SETTING)
    assert [cut.column for cut in found] == ["pages_per_visit", "unpaid_items_3m"]
    one = cuts.Setting(NUMBERS, 0.05, 0.95, 99, 1, 3)
    assert [cut.column for cut in rules_met.strongest(customers, checked, one)] == [
        "pages_per_visit"
    ]
    counts = rules_met.rules_met(customers, found)
    pages, unpaid = customers["pages_per_visit"] <= 5, customers["unpaid_items_3m"] > 6
    assert counts.tolist() == (pages.astype(int) + unpaid).tolist()


def test_rules_are_chosen_without_those_whom_they_are_counted_for(customers):
    fold = np.where(np.arange(CUSTOMERS) < 40, -1, FOLD)
    turned = customers.copy()
    turned.loc[fold == 1, "decline"] = 1 - turned.loc[fold == 1, "decline"]
    before, after = (
        rules_met.unseen_rules_met(table, fold, GROUPS, SETTING) for table in (customers, turned)
    )
    assert (before[fold == 1] == after[fold == 1]).all()
    assert set(before[fold == 1]) == {0, 1, 2}
    assert (before[fold == -1] == -1).all()


def test_declines_are_counted_by_rules_met_and_the_count_ranks_customers():
    counts = np.array([0, 0, 0, 2, 2, 0])
    decline = np.array([0, 1, 0, 1, 1, 0])
    table = rules_met.declines_by_count(counts, decline, 2, 0.95)
    assert table["rules_met"].tolist() == [0, 1, 2]
    assert table["customers"].tolist() == [4, 0, 2]
    assert table.loc[0, ["rate", "low", "high"]].tolist() == list(
        rate_interval(1, 4, 0.95).values()
    )
    assert np.isnan(table.loc[1, "rate"])
    settings = {"samples": 50, "confidence": 0.9, "seed": 1}
    found = rules_met.count_roc_auc(counts, decline, np.arange(6), **settings)
    assert found["value"] == roc_auc_score(decline, counts)
    assert found["low"] <= found["value"] <= found["high"]
    alone = rules_met.count_roc_auc(counts, np.ones(6, dtype=int), np.arange(6), **settings)
    assert all(math.isnan(value) for value in alone.values())


@pytest.fixture
def drawn(monkeypatch) -> list[str]:
    """Collect all texts of the pictures, which are drawn but not written."""
    found: list[str] = []

    def collect(_, figure):
        figure.canvas.draw()
        found.extend(text.get_text() for text in figure.findobj(plt.Text))

    monkeypatch.setattr(charts, "save", collect)
    return found


@pytest.mark.parametrize(
    ("language", "label"), [("ru", "Страниц за визит ≤ 5,5"), ("en", "Pages per visit ≤ 5.5")]
)
def test_thresholds_are_labelled_as_people_read_them(customers, drawn, language, label, tmp_path):
    constant = customers.assign(service_errors=1)
    found = cuts.find_cuts(constant, SETTING)
    by_fold = cuts.cuts_by_fold(constant, FOLD, SETTING)
    table = cuts.cut_table(
        cuts.stability(found, by_fold, by_fold, constant, 0.05),
        cuts.check_cuts(constant, FOLD, GROUPS, SETTING),
        cuts.compare_sides(cuts.risky_sides(constant, found), constant["decline"], 0.95),
    )
    assert table["column"].tolist()[:2] == ["pages_per_visit", "unpaid_items_3m"]
    sides = pd.DataFrame({"seed_000_few_pages": customers["pages_per_visit"] <= 5, "none": False})
    reference = cuts.compare_sides(sides, customers["decline"], 0.95)
    reference = reference.rename(columns={"column": "name"})
    texts = read_texts(language)
    charts.thresholds(tmp_path / "x.png", table, reference, 0.4, 0.95, texts)
    assert label in drawn
    assert texts.segment("seed_000_few_pages") in drawn
    assert not [text for text in drawn if texts.column("service_errors") in text]

    counted = rules_met.declines_by_count(np.array([0, 2]), np.array([0, 1]), 2, 0.95)
    by_count = dict.fromkeys(("out_of_fold", "holdout", "reference"), counted)
    charts.rules_met(tmp_path / "x.png", by_count, 0.95, texts)
    roc_auc = {name: {"value": 0.9, "low": 0.8, "high": 1.0} for name in by_count}
    summary = cuts.summary(table, reference, by_count, roc_auc)
    assert summary["columns"]["pages_per_visit"]["cut"] == 5.5
    assert summary["columns"]["service_errors"]["direction"] == ""
    assert summary["rules_met"]["holdout"]["rate"]["2"] == 1.0
