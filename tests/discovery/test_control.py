"""Cuts and found segments: they hold where there is a signal, hardly ever where there is none."""

import numpy as np
import pandas as pd
import pytest

from retention.discovery import cuts, found
from retention.discovery.rates import with_rates, with_sides
from retention.discovery.rules_met import checks_without, unseen_rules_met
from retention.discovery.subgroups import Search
from retention.folds import draw_folds, splits
from retention.statistics.resampling import Resampling, shuffled

NUMBERS = ["pages", "minutes", "noise"]
CUSTOMERS = 300
SEARCH = Search(NUMBERS, ["kind"], 5, 2, 0.5, 0.1, 0.5, 3, 2)
pytestmark = pytest.mark.usefixtures("one_process")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    random = np.random.default_rng(3)
    table = pd.DataFrame(
        {
            "pages": random.integers(1, 20, CUSTOMERS),
            "minutes": random.normal(12, 3, CUSTOMERS).round(1),
            "noise": random.normal(size=CUSTOMERS).round(2),
            "kind": random.choice(["a", "b"], CUSTOMERS),
        }
    )
    score = (table["pages"] <= 6) * 2.5 - (table["minutes"] > 12) * 1.5 - 0.4
    chance = 1 / (1 + np.exp(-score))
    decline = (random.random(CUSTOMERS) < chance).astype(int)
    return table.assign(customer_id=range(CUSTOMERS), decline=decline)


@pytest.fixture(scope="module")
def groups() -> np.ndarray:
    return np.arange(CUSTOMERS) // 2


def setting() -> cuts.Setting:
    return cuts.Setting(NUMBERS, 0.05, 0.05, 0.05, 99, 3, 1)


def checked(table, groups, seed=1):
    fold = draw_folds(table["decline"].to_numpy(), groups, 5, seed)
    return cuts.check_cuts(table, fold, groups, setting())


def searched(table, groups, seed=1):
    fold = draw_folds(table["decline"].to_numpy(), groups, 5, seed)
    judge = found.Judge(splits(fold), Resampling(groups, 2, seed), 0.5, 0.05, 99)
    return found.subgroups(SEARCH, table[[*NUMBERS, "kind"]], table["decline"].to_numpy(), judge)


def without_signal(table, groups, seed):
    drawn = shuffled(table["decline"].to_numpy() == 1, groups, draws=1, seed=seed)[1]
    return table.assign(decline=drawn.astype(int))


def test_real_cuts_hold_and_noise_does_not(table, groups):
    result = checked(table, groups).set_index("column")
    assert bool(result.loc["pages", "holds"])
    assert not bool(result.loc["noise", "holds"])
    assert 5 <= result.loc["pages", "cut"] <= 8
    assert result.loc["pages", "direction"] == "<="


def test_on_shuffled_outcomes_a_cut_holds_no_more_often_than_the_level(table, groups):
    holding = [
        bool(checked(without_signal(table, groups, seed), groups, seed)["holds"].any())
        for seed in range(12)
    ]
    assert sum(holding) <= 3  # of 12 at 5 %: more has a chance below 0.3 %


def test_real_subgroups_hold_and_say_how_often_unseen_customers_declined(table, groups):
    result = searched(table, groups).table
    best = result.iloc[0]
    assert bool(best["holds"])
    assert "pages" in best["rule"]
    assert best["folds_found"] >= 3
    unseen = best["unseen_declined"] / best["unseen_customers"]
    rest = best["unseen_rest_declined"] / best["unseen_rest_customers"]
    assert unseen > rest + 0.3


def test_on_shuffled_outcomes_a_subgroup_holds_no_more_often_than_the_level(table, groups):
    holding = [
        bool(searched(without_signal(table, groups, seed), groups, seed).table["holds"].any())
        for seed in range(12)
    ]
    assert sum(holding) <= 3


def test_rules_met_are_counted_by_cuts_of_other_customers(table, groups):
    """Outcomes of the tested fold change nobody's count in it."""
    decline = table["decline"].to_numpy()
    fold = draw_folds(decline, groups, 5, 1)

    def counts(customers):
        calls = checks_without(customers, fold, groups, setting())
        checks = [cuts.check_cuts(*call) for call in calls]
        return unseen_rules_met(customers, fold, checks, setting())

    before = counts(table)
    tested = fold == 2
    flipped = table.assign(decline=np.where(tested, 1 - decline, decline))
    assert counts(flipped)[tested].tolist() == before[tested].tolist()
    assert np.corrcoef(before, decline)[0, 1] > 0.3


def test_a_column_of_one_value_and_few_decliners_do_no_harm(table):
    decline = np.zeros(60, dtype=int)
    decline[::8] = 1
    small = table.head(60).assign(pages=5, kind="a", decline=decline)
    result = checked(small, np.arange(60)).set_index("column")
    assert not bool(result.loc["pages", "holds"])
    assert len(searched(small, np.arange(60)).table.columns) == len(found.COLUMNS)


def test_rates_are_those_of_the_counts_and_missing_of_nobody():
    counts = pd.DataFrame(
        {
            "unseen_customers": [10, 0],
            "unseen_declined": [5, 0],
            "unseen_rest_customers": [30, 40],
            "unseen_rest_declined": [3, 4],
        }
    )
    rates = with_rates(counts, 0.95, "unseen_")
    assert rates["unseen_rate"].iloc[0] == 0.5
    assert rates["unseen_low"].iloc[0] == pytest.approx(0.2366, abs=1e-4)
    assert rates["unseen_high"].iloc[0] == pytest.approx(0.7634, abs=1e-4)
    assert np.isnan(rates["unseen_rate"].iloc[1])
    sides = with_sides(counts, 0.95, "unseen_")
    assert sides["share"].tolist() == [0.25, 0.0]
    assert sides["rest"].tolist() == [0.1, 0.1]
