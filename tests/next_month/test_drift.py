"""Drift is seen where there is one, and seldom where there is none; its cost is told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from retention.next_month.drift import RANKED, UNSEEN, cost, drift, ranked, unseen
from retention.next_month.expected import expected_roc_auc
from retention.next_month.months import Months

NUMBERS, CATEGORIES = ("steady", "counts", "odd"), ("kind",)
SETTING = {"permutations": 199, "level": 0.05, "seed": 1}


def customers(size, seed, moved=0.0, kinds=(0.5, 0.3, 0.2)):
    random = np.random.default_rng(seed)
    steady = random.normal(size=size)
    return pd.DataFrame(
        {
            "steady": steady,
            "counts": random.poisson(2, size) + (steady > 1),
            "odd": np.where(
                random.random(size) < 0.1, np.nan, random.exponential(size=size) + moved
            ),
            "kind": random.choice(["a", "b", "c"], size, p=kinds),
        }
    )


def months(training, following, who=None):
    rows = len(training) + len(following)
    return Months(training, following, NUMBERS, CATEGORIES, np.arange(rows) if who is None else who)


def of(found, column):
    return found.columns.set_index("column").loc[column]


# What is seen


def test_a_moved_number_is_seen_and_no_other():
    found = drift(months(customers(300, 1), customers(300, 2, moved=0.4)), **SETTING)
    assert found.found
    assert found.columns["column"][found.columns["drifted"]].tolist() == ["odd"]
    assert of(found, "odd")["next"] - of(found, "odd")["training"] == pytest.approx(0.4, abs=0.2)
    assert (found.columns["p"] <= found.columns["p_adjusted"]).all()


def test_a_category_is_seen_and_the_value_that_changed_most_is_named():
    after = customers(300, 2, kinds=(0.3, 0.3, 0.4))
    found = drift(months(customers(300, 1), after), **SETTING)
    row = of(found, "kind")
    assert row["drifted"]
    assert row["value"] in {"a", "c"}
    assert abs(row["next"] - row["training"]) > 0.1
    new = drift(months(customers(300, 1), after.assign(kind="z")), **SETTING)
    assert of(new, "kind")["drifted"]


def test_values_that_are_missing_more_often_are_seen():
    after = customers(300, 2)
    after.loc[after.index % 3 == 0, "steady"] = np.nan
    after.loc[after.index % 4 == 0, "kind"] = None
    found = drift(months(customers(300, 1), after), **SETTING)
    for column, share in (("steady", 1 / 3), ("kind", 1 / 4)):
        row = of(found, column)
        assert row["drifted"]
        assert (row["training_missing"], row["next_missing"]) == (0, pytest.approx(share))


def test_columns_that_go_together_otherwise_are_seen_as_a_whole():
    random = np.random.default_rng(0)
    x = random.normal(size=(1200, 2))
    before = customers(600, 1).assign(steady=x[:600, 0], odd=x[:600, 0] + 0.5 * x[:600, 1])
    after = customers(600, 2).assign(steady=x[600:, 0], odd=-x[600:, 0] + 0.5 * x[600:, 1])
    found = drift(months(before, after), **SETTING)
    assert not found.columns.set_index("column")["drifted"][["steady", "odd"]].any()
    assert found.whole["drifted"]
    assert found.whole["roc_auc"] > 0.7 > found.whole["by_chance"]


def test_the_sign_of_the_months_does_not_matter():
    tables = customers(200, 1), customers(200, 2, moved=0.5)
    there, back = drift(months(*tables), **SETTING), drift(months(*tables[::-1]), **SETTING)
    assert of(there, "odd")["drifted"]
    assert of(back, "odd")["drifted"]


# What is not seen. The long proof: python -m benchmarks.next_month drift


@pytest.mark.parametrize("size", [50, 500])
def test_any_false_alarm_is_as_rare_as_the_level(size):
    alarms = [
        drift(
            months(customers(size, 2 * seed), customers(size, 2 * seed + 1)),
            **(SETTING | {"seed": seed}),
        ).found
        for seed in range(80)
    ]
    assert sum(alarms) <= 10  # 4 expected; 11 or more in 2 of 1000 at the level


def test_near_duplicates_are_no_news():
    """Each training customer stands there six times: rows taken for independent cry wolf."""
    one, apart = [], []
    for seed in range(30):
        before = customers(40, 2 * seed)
        both = months(
            pd.concat([before] * 6, ignore_index=True),
            customers(240, 2 * seed + 1),
            np.concatenate([np.tile(np.arange(40), 6), np.arange(40, 280)]),
        )
        setting = SETTING | {"seed": seed}
        one.append(drift(both, **setting).found)
        apart.append(drift(replace(both, customers=np.arange(480)), **setting).found)
    assert sum(one) <= 5
    assert sum(apart) > 15


def test_who_goes_on_makes_a_drift_plainer_not_a_false_alarm():
    def month(seed, move):
        """Return the same customers twice, alike but not the same."""
        first, noise = np.random.default_rng(seed).normal(size=(2, 150, 3))
        later = 0.9 * first + np.sqrt(1 - 0.9**2) * noise + [move, 0, 0]
        tables = [pd.DataFrame(values, columns=NUMBERS) for values in (first, later)]
        return Months(*tables, NUMBERS, (), np.tile(np.arange(150), 2))

    quiet = [drift(month(seed, 0.0), **(SETTING | {"seed": seed})).found for seed in range(60)]
    assert sum(quiet) <= 8  # 3 expected; 9 or more in 4 of 1000 at the level
    plain, blurred = 0, 0
    for seed in range(10):
        both = month(seed, 0.25)
        plain += of(drift(both, **SETTING), "steady")["drifted"]
        apart = replace(both, customers=np.arange(300))
        blurred += of(drift(apart, **SETTING), "steady")["drifted"]
    assert plain >= 5 + blurred


def test_an_index_of_stability_above_a_tenth_is_chance_in_small_months():
    found = drift(months(customers(50, 1), customers(50, 2)), **SETTING)
    assert of(found, "steady")["psi_by_chance"] > 0.1
    large = drift(months(customers(3000, 1), customers(3000, 2)), **SETTING)
    assert (large.columns["psi_by_chance"] < 0.03).all()
    assert (large.columns["psi"] < 0.03).all()


def test_a_handful_tells_nothing():
    found = drift(months(customers(300, 1), customers(9, 2, moved=9.0)), **SETTING)
    assert found.columns["p"].isna().all()
    assert not found.found


def test_columns_that_never_vary_do_not_drift():
    same = [customers(60, seed).assign(steady=1.0, kind="a", odd=np.nan) for seed in (1, 2)]
    found = drift(months(*same), **SETTING)
    assert of(found, "steady")["p"] == of(found, "kind")["p"] == of(found, "odd")["p"] == 1
    assert of(found, "steady")["psi"] == 0


def test_the_same_seed_finds_the_same_however_much_fits_at_once(monkeypatch):
    both = months(customers(80, 1), customers(70, 2, moved=0.2))
    first, again = drift(both, **SETTING), drift(both, **SETTING)
    monkeypatch.setattr("retention.next_month.drift.AT_ONCE", 1000)
    parts = drift(both, **SETTING)
    for other in (again, parts):
        pd.testing.assert_frame_equal(first.columns, other.columns)
    assert first.whole == again.whole


def test_of_a_million_a_part_is_enough():
    both = months(customers(3000, 1), customers(3000, 2, moved=0.3))
    assert of(drift(both, **SETTING, most=800), "odd")["drifted"]


# What it costs


def test_the_cost_of_a_category_by_hand():
    before = customers(200, 1).assign(kind=["a"] * 100 + ["b"] * 100)
    after = customers(200, 2).assign(kind=["a"] * 50 + ["b"] * 150)
    probability = np.concatenate([np.linspace(0, 0.4, 100), np.linspace(0.5, 0.9, 100)])
    found = cost(months(before, after), probability).set_index("column")
    # Half a customer is added to each of two cells.
    weight = np.repeat([50.5 / 100.5, 150.5 / 100.5], 100)
    rate = np.average(probability, weights=weight)
    assert found.loc["kind", "decline_rate"] == pytest.approx(rate - probability.mean())
    change = expected_roc_auc(probability, weight) - expected_roc_auc(probability)
    assert found.loc["kind", "roc_auc"] == pytest.approx(change)


def test_a_drift_that_the_scores_do_not_know_costs_nothing():
    before, after = customers(2000, 1), customers(2000, 2, moved=1.0)
    probability = 1 / (1 + np.exp(-before["steady"].to_numpy()))
    found = cost(months(before, after), probability).set_index("column")
    assert abs(found.loc["odd", "decline_rate"]) < 0.02
    assert abs(found.loc["odd", "roc_auc"]) < 0.02
    moved = cost(months(before, after.assign(steady=after["steady"] + 1)), probability)
    assert moved.set_index("column").loc["steady", "decline_rate"] > 0.1


def test_what_costs_most_comes_first_among_what_drifted():
    columns = pd.DataFrame({"column": list("abcd"), "drifted": [False, True, True, True]})
    costs = pd.DataFrame(
        {
            "column": list("dcba"),
            "roc_auc": [0.0, -0.3, 0.01, 0.9],
            "decline_rate": [0.1, 0, 0.02, 0],
        }
    )
    found = ranked(columns, costs)
    assert found["column"].tolist() == ["c", "d", "b", "a"]


def test_tables_have_the_columns_that_an_empty_one_has():
    both = months(customers(60, 1), customers(60, 2, moved=9.0))
    costs = cost(both, np.linspace(0.1, 0.9, 60))
    assert tuple(ranked(drift(both, **SETTING).columns, costs)) == RANKED
    assert tuple(unseen(both)) == UNSEEN


def test_among_many_columns_one_that_moved_is_still_seen():
    """With the permutations that are asked for, no p-value could be small enough."""
    random = np.random.default_rng(0)
    names = [f"column_{k}" for k in range(120)]
    before, after = (pd.DataFrame(random.normal(size=(60, 120)), columns=names) for _ in "ab")
    after["column_7"] += 3
    found = drift(Months(before, after, names, (), np.arange(120)), **SETTING)
    assert found.columns["column"][found.columns["drifted"]].tolist() == ["column_7"]


# What the training month doesn't have


def test_new_categories_and_numbers_out_of_range_are_named():
    before = customers(90, 1).assign(counts=np.arange(90) % 5, steady=0.0)
    after = customers(10, 2).assign(counts=[0, 1, 2, 9, 7, 0, 0, 0, 0, -1], steady=0.0)
    after["kind"] = ["a"] * 8 + ["new", None]
    found = unseen(months(before, after.assign(odd=1.0))).set_index(["column", "what"])
    assert found.index.tolist() == [("counts", "below"), ("counts", "above"), ("kind", "new")]
    above = found.loc[("counts", "above")]
    assert (above["value"], above["limit"], above["customers"], above["share"]) == (9, 4, 2, 0.2)
    # The two largest of a hundred are both next month's, times seven questions.
    assert above["p"] == pytest.approx(10 * 9 / (100 * 99) * 7)
    assert found.loc[("kind", "new"), "value"] == "new"
    assert found.loc[("kind", "new"), "p"] == pytest.approx(10 / 100 * 7)


def test_nothing_unseen_is_an_empty_table():
    table = customers(50, 1)
    assert len(unseen(months(table, table))) == 0
    assert {"column", "what", "share", "p"} <= set(unseen(months(table, table)))
