"""Found subgroups, judged by customers whom the search did not see."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from retention.discovery import cuts
from retention.discovery import found as discovery
from retention.discovery.subgroups import (
    Search,
    Subgroup,
    matches,
    parse_rule,
)
from retention.folds import splits
from retention.statistics.resampling import Resampling, shuffled

COLUMNS = (["pages_per_visit", "promo_share"], ["favourite_category"])
FEATURES = [*COLUMNS[0], *COLUMNS[1]]
TEXTILE, CARE = "Домашний текстиль", "Косметика и аксессуары"
pytestmark = pytest.mark.usefixtures("one_process")


def search(columns=COLUMNS, **changes: Any) -> Search:
    settings = {
        "bins": 4,
        "conditions": 2,
        "size_exponent": 0.5,
        "smallest_share": 0.05,
        "overlap": 0.5,
        "higher": 3,
        "lower": 2,
    }
    return Search(*columns, **settings | changes)


def store(n: int = 400, seed: int = 1) -> pd.DataFrame:
    """Few pages and many promotions come with declines; textile with none."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "pages_per_visit": random.integers(1, 20, n),
            "promo_share": random.uniform(0, 1, n).round(2),
            "favourite_category": random.choice([TEXTILE, CARE, "Кухонная посуда"], n),
            "profit": random.uniform(1, 7, n).round(2),
        }
    )
    risk = 0.2 + 0.7 * ((table["pages_per_visit"] <= 5) & (table["promo_share"] > 0.5))
    risk = np.where(table["favourite_category"] == TEXTILE, 0.02, risk)
    table["decline"] = (random.uniform(size=n) < risk).astype(np.int64)
    return table.assign(probability=risk.clip(0.01, 0.99))


def found(table: pd.DataFrame, **changes: Any) -> list[Subgroup]:
    return search(**changes).find(table, table["decline"].to_numpy())


def judge(n: int, resamples: int = 3) -> discovery.Judge:
    fold = np.arange(n) // 2 % 5
    resampling = Resampling(np.arange(n) // 2, resamples, 3)
    return discovery.Judge(splits(fold), resampling, 0.5, 0.05, 99)


def judged(table: pd.DataFrame, **changes: Any) -> discovery.Found:
    decline = table["decline"].to_numpy()
    return discovery.subgroups(search(**changes), table[FEATURES], decline, judge(len(table)))


def test_unseen_counts_are_those_of_rules_found_without_the_test_part():
    table = store()
    decline, shown = table["decline"].to_numpy(), found(table)
    expected = np.zeros((len(shown), 5), dtype=int)
    for train, test in judge(len(table)).splits:
        learnt = table.iloc[train]
        own = matches(shown, found(learnt), learnt, 0.5)
        for number, rule in enumerate(own):
            if rule is not None:
                inside, hit = rule.members(table.iloc[test]), decline[test]
                counts = [1, inside.sum(), hit[inside].sum(), (~inside).sum(), hit[~inside].sum()]
                expected[number] += counts
    names = ["customers", "declined", "rest_customers", "rest_declined"]
    columns = ["folds_found", *(f"unseen_{name}" for name in names)]
    result = judged(table)
    assert result.table[columns].to_numpy(dtype=int).tolist() == expected.tolist()
    assert result.table["folds_found"].iloc[0] == 5
    for name, subgroup in zip(result.table["name"], shown, strict=True):
        assert (result.members[name] == subgroup.members(table)).all()


def test_outcomes_of_a_test_part_change_nothing_that_its_training_part_finds(monkeypatch):
    """The search that `subgroups` runs for a fold is the same when that fold's outcomes turn."""
    table = store()
    train, test = judge(len(table)).splits[0]
    turned = table.copy()
    turned.loc[test, "decline"] = 1 - turned.loc[test, "decline"]
    searches = []

    def noted(function, calls, **_):
        results = [function(*call) for call in calls]
        searches.append((calls, results))
        return results

    monkeypatch.setattr(discovery, "parallel", noted)
    for outcomes in (table, turned):
        judged(outcomes)
    (before, learnt), (after, again) = searches
    assert learnt[0] == again[0]
    assert learnt[1:] != again[1:]  # others do learn from them
    for calls in (before, after):
        assert calls[0][0].index.tolist() == train.tolist()


def test_what_is_real_holds_and_a_turned_direction_does_not():
    result = judged(store(600, seed=4)).table
    textile = result[result["rule"] == f'favourite_category == "{TEXTILE}"'].iloc[0]
    assert textile["direction"] == "lower"
    assert textile["holds"]
    hold = discovery._hold  # noqa: SLF001 - tables that no search makes
    other = result.assign(direction=result["direction"].map({"lower": "higher", "higher": "lower"}))
    assert not hold(other, 0.05).any()
    nobody = result.assign(unseen_customers=0, unseen_declined=0)
    assert not hold(nobody, 0.05).any()
    rare = result.assign(folds_found=2)
    assert not hold(rare, 0.05).any()


def test_a_found_rule_of_two_conditions_one_of_which_is_chance_does_not_add():
    """Only pages tell; the best rules of two conditions are found and said to add nothing."""
    table = store(400, seed=8)
    drawn = np.random.default_rng(1).uniform(size=400)
    table["decline"] = (drawn < np.where(table["pages_per_visit"] <= 5, 0.8, 0.1)).astype(int)
    result = judged(table, higher=20, overlap=0.9).table
    longer = result[result["conditions"] == 2]
    columns = longer["rule"].map(lambda rule: {part.column for part in parse_rule(rule)})
    chance = longer[columns.map(lambda names: len(names) == 2 and "pages_per_visit" in names)]
    assert len(chance) >= 3
    assert not chance["adds"].astype(bool).any()
    shorter = result[result["conditions"] == 1]
    assert shorter["adds"].isna().all()
    assert shorter["p_against_parts"].isna().all()


def test_the_money_of_a_segment_is_that_of_its_members():
    table = store(60)
    few = table["pages_per_visit"] <= 5
    members = pd.DataFrame({"few": few, "all": True})
    segments = pd.DataFrame({"name": ["few", "all"]})
    result = discovery.with_money(segments, members, table).set_index("name")
    assert result.loc["few", "probability"] == pytest.approx(table["probability"][few].mean())
    profit = table["profit"]
    assert result.loc["few", "profit"] == pytest.approx(profit[few].sum())
    assert result.loc["few", "profit_share"] == pytest.approx(profit[few].sum() / profit.sum())
    assert result.loc["all", "profit_share"] == pytest.approx(1)


def test_few_customers_and_few_decliners_are_searched():
    small = store(60).assign(pages_per_visit=7, decline=(np.arange(60) % 8 == 0) * 1)
    small.loc[56, "decline"] = 0
    assert small["decline"].sum() == 7
    result = judged(small)
    assert result.table.columns.tolist() == discovery.COLUMNS
    assert not result.table["rule"].str.contains("pages_per_visit").any()


def test_columns_of_one_value_have_no_subgroups():
    same = store(60).assign(pages_per_visit=7, promo_share=0.5, favourite_category=CARE)
    assert found(same) == []
    result = judged(same)
    assert len(result.table) == 0
    assert result.members.shape == (60, 0)
    assert result.table.columns.tolist() == discovery.COLUMNS


def test_p_of_a_cut_allows_for_all_numbers():
    """By hand: of each shuffle, the largest difference of any number."""
    table, groups = store(200), np.arange(200) // 2
    fold, numbers = groups % 5, COLUMNS[0]
    setting = cuts.Setting(numbers, 0.05, 0.05, 0.05, 99, 2, 3)
    declines = shuffled(table["decline"].to_numpy() == 1, groups, draws=99, seed=3)
    differences = cuts.unseen_differences(table, declines, fold, setting)
    expected = [(differences.max(axis=1) >= own).mean() for own in differences[0]]
    found = cuts.check_cuts(table, fold, groups, setting)
    assert found["p_adjusted"].tolist() == pytest.approx(expected)
