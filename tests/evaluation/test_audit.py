"""The leak audit: each line finds the leak that is planted, and nothing where there is none."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from shop import CATEGORIES, MINUTES, NUMBERS, REVENUES, ROLES, SERIES

from retention.charts.audit import leaks
from retention.demo.store import draw_customers, load_statistics
from retention.evaluation import audit as lines
from retention.evaluation.audit import Case, audit, long_rows
from retention.models.preprocessing import Columns
from stages import audit as stage
from stages.parameters.audit import Params
from stages.parameters.features import Features

pytestmark = pytest.mark.usefixtures("one_process")

COLUMNS = Columns(list(NUMBERS), list(CATEGORIES))
NAMES = [
    "id_alone",
    "id_as_feature",
    "long_form",
    "long_form_pivoted",
    "shuffled_labels",
    "training_customers",
    "scaler_before_split",
    "near_duplicates",
]


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    """Return 300 independent customers whose id tells nothing. Not to be changed."""
    drawn = draw_customers(300, 3, load_statistics())
    return drawn.assign(customer_id=drawn["customer_id"].astype(str))


@pytest.fixture(scope="module")
def case(customers) -> Case:
    return Case(customers, np.arange(len(customers)), COLUMNS, SERIES, folds=5, seed=42)


@pytest.fixture(scope="module")
def twins(customers) -> Case:
    """Return every customer twice, labels drawn by lot but the same for both."""
    decline = np.random.default_rng(8).permutation(customers["decline"])
    groups = np.tile(np.arange(len(customers)), 2)
    both = pd.concat([customers.assign(decline=decline)] * 2, ignore_index=True)
    return Case(both, groups, COLUMNS, SERIES, folds=5, seed=42)


def by_class(case: Case) -> Case:
    """Return the case with ids in the order of class."""
    ordered = case.customers.sort_values("decline", ascending=False, ignore_index=True)
    return replace(case, customers=ordered.assign(customer_id=np.arange(len(ordered)).astype(str)))


def means(ways):
    """Return the means over the folds of the wrong way and of the right way."""
    return tuple(float(way.mean()) for way in ways)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_id_of_a_file_sorted_by_class_tells_all_in_either_direction(case, sign):
    ordered = by_class(case)
    ids = (1000 + sign * ordered.customers["customer_id"].astype(int)).astype(str)
    found = means(
        lines.id_alone(replace(ordered, customers=ordered.customers.assign(customer_id=ids)))
    )
    assert found == (1.0, 0.5)


def test_an_id_in_no_order_tells_nothing(case):
    wrong, right = means(lines.id_alone(case))
    assert wrong == pytest.approx(0.5, abs=0.06)
    assert wrong >= right == 0.5


def test_a_model_gains_by_the_id_of_a_sorted_file_alone(case):
    wrong, right = means(lines.id_as_feature(by_class(case)))
    assert wrong > 0.98
    assert 0.8 < right < 0.95
    wrong, right = means(lines.id_as_feature(case))
    assert wrong == pytest.approx(right, abs=0.01)


def test_the_long_rows_are_the_join_by_id_without_pivoting(customers):
    some = customers.head(7)
    money, time = (
        some.melt(id_vars="customer_id", value_vars=list(months), value_name=name)
        for months, name in ((REVENUES, "revenue"), (MINUTES, "minutes"))
    )
    joined = some.merge(money, on="customer_id").merge(time, on="customer_id")
    columns = ["customer_id", "decline", "promo_share", "revenue", "minutes"]
    found, expected = (
        table[columns].sort_values(columns, ignore_index=True)
        for table in (long_rows(some, SERIES), joined)
    )
    pd.testing.assert_frame_equal(found, expected)
    assert len(found) == 6 * len(some)


def test_long_rows_lose_the_months_and_stand_in_the_order_of_the_customers(customers):
    rows = long_rows(customers, SERIES)
    assert not {*REVENUES, *MINUTES} & {*rows.columns}
    assert rows["customer_id"].tolist() == customers["customer_id"].tolist() * 6
    blocks = np.split(rows[["revenue", "minutes"]].to_numpy(), 6)
    for block, (revenue, minutes) in zip(blocks, product(REVENUES, MINUTES), strict=True):
        assert (block == customers[[revenue, minutes]].to_numpy()).all()


def test_random_rows_of_the_long_form_flatter_whatever_the_right_way_is(case):
    wrong, right = means(lines.long_form(case))
    pivoted_wrong, pivoted_right = means(lines.long_form_pivoted(case))
    assert wrong == pivoted_wrong > 0.95
    assert right < 0.9
    assert pivoted_right < 0.9
    assert wrong - right > 0.1
    assert pivoted_wrong - pivoted_right > 0.1


def test_the_long_form_finds_shuffled_labels_predictable_and_whole_customers_do_not(case):
    wrong, right = means(lines.shuffled_labels(case))
    assert wrong > 0.85
    assert right == pytest.approx(0.5, abs=0.06)


def test_neighbours_give_training_customers_their_own_labels(case):
    wrong, right = means(lines.training_customers(case))
    assert wrong == 1.0
    assert 0.8 < right < 0.95


def test_random_labels_are_known_of_training_customers_alone(twins):
    wrong, right = means(lines.training_customers(twins))
    assert wrong == 1.0
    assert right == pytest.approx(0.5, abs=0.08)


def test_the_scaler_is_a_leak_of_next_to_nothing(case):
    wrong, right = means(lines.scaler_before_split(case))
    assert wrong != right
    assert wrong == pytest.approx(right, abs=0.01)


def test_the_wrong_scaler_has_seen_all_customers_and_the_right_one_none(case, monkeypatch):
    given = []
    monkeypatch.setattr(lines, "_roc_auc", lambda _model, features, *_: given.append(features))
    lines.scaler_before_split(case)
    wrong, right = given
    assert wrong[:, : len(NUMBERS)].mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert wrong[:, : len(NUMBERS)].std(axis=0) == pytest.approx(1)
    assert right is case.customers


def test_twins_in_training_tell_a_label_that_nothing_else_tells(twins):
    wrong, right = means(lines.near_duplicates(twins))
    assert wrong > 0.7
    assert right == pytest.approx(0.5, abs=0.08)


def test_without_near_duplicates_both_ways_are_the_same(case):
    wrong, right = means(lines.near_duplicates(case))
    assert wrong == right > 0.8


def test_with_and_without_twins_the_same_are_tested_by_models_of_equally_many(twins, monkeypatch):
    ways = []
    monkeypatch.setattr(lines, "_roc_auc", lambda *given: ways.append(given[-1]) or np.array([0.5]))
    lines.near_duplicates(twins)
    for (torn, tested), (kept, tested_too) in zip(*ways, strict=True):
        assert tested.tolist() == tested_too.tolist()
        assert len(torn) == len(kept) == len(set(torn))
        assert not set(torn) & set(tested)


def test_groups_that_leave_nobody_to_learn_from_have_no_figure(case):
    everybody = replace(case, groups=np.zeros(len(case.customers), dtype=np.intp))
    assert all(np.isnan(way).all() for way in lines.near_duplicates(everybody))


def test_the_right_way_never_tests_a_group_that_was_in_training(twins, monkeypatch):
    seen = []

    def record(_model, features, _decline, splits):
        seen.append((np.arange(len(features)) % 300, splits))  # the twins' group, for long rows too
        return np.full(5, 0.5)

    monkeypatch.setattr(lines, "_roc_auc", record)
    for line in (
        lines.id_as_feature,
        lines.long_form,
        lines.long_form_pivoted,
        lines.shuffled_labels,
        lines.scaler_before_split,
        lines.near_duplicates,
    ):
        seen.clear()
        line(twins)
        groups, splits = seen[-1]
        assert len(splits) == 5
        for train, test in splits:
            assert not set(groups[train]) & set(groups[test]), line.__name__


def test_the_audit_has_every_line_and_twice_the_same(customers):
    settings = {"folds": 3, "seed": 5, "draws": 1}
    few = customers.head(120)
    first, second = (audit(few, np.arange(len(few)), COLUMNS, SERIES, **settings) for _ in range(2))
    assert first["line"].unique().tolist() == NAMES
    assert first.columns.tolist() == ["line", "draw", "fold", "wrong", "right"]
    assert first.groupby("line", sort=False).size().tolist() == [1] + [3] * 7
    pd.testing.assert_frame_equal(first, second)


def test_another_seed_draws_other_folds(case):
    other, one = (lines.training_customers(each) for each in (replace(case, seed=43), case))
    assert other[1].tolist() != one[1].tolist()


def test_every_draw_has_its_own_seed(case, monkeypatch):
    def seeds(drawn):
        return np.array([float(drawn.seed)] * 2), np.ones(2)

    monkeypatch.setattr(lines, "LINES", (lines.id_alone, seeds))
    found = audit(case.customers, case.groups, COLUMNS, SERIES, folds=5, seed=10, draws=3)
    assert found["line"].tolist() == ["id_alone"] * 3 + ["seeds"] * 6
    rows = found[found["line"] == "seeds"]
    assert rows[["draw", "fold", "wrong"]].to_numpy().tolist() == [
        [draw, fold, 10.0 + draw] for draw in range(3) for fold in range(2)
    ]


def optimism(customers, groups, seed, monkeypatch, confidence=0.95):
    """Return the paired optimism of few customers, by a small forest."""
    monkeypatch.setattr(lines, "LINES", (lines.near_duplicates,))
    monkeypatch.setattr(lines, "TREES", 10)
    found = audit(customers, groups, COLUMNS, SERIES, folds=5, seed=seed, draws=1)
    return leaks(found, confidence)["optimism"]


def test_strangers_who_pass_for_near_duplicates_leave_no_optimism(customers, monkeypatch):
    """A key that links strangers: groups without anything in common, in 19 of 20 draws."""
    held = 0
    for seed in range(20):
        groups = np.random.default_rng(seed).integers(0, 60, 120)
        found = optimism(customers.head(120), groups, seed, monkeypatch)
        held += found["low"] <= 0 <= found["high"]
    assert held >= 19


def test_without_near_duplicates_the_optimism_is_nothing_and_twins_show_theirs(
    customers, twins, monkeypatch
):
    none = optimism(customers.head(150), np.arange(150), 1, monkeypatch)
    assert (none["value"], none["p"]) == (0, 1)
    found = optimism(twins.customers, twins.groups, 1, monkeypatch)
    assert found["low"] > 0.1


def test_the_stage_measures_all_customers_by_their_groups(customers, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    customers.to_parquet(tmp_path / "data/customers.parquet")
    groups = np.arange(len(customers)) // 2
    folds = pd.DataFrame({"customer_id": customers["customer_id"], "group": groups})
    folds.iloc[::-1].to_parquet(tmp_path / "data/folds.parquet")  # joined by id, not by place
    features = Features(numbers=["promo_share"], categories=["service_tier"])
    given = []

    def fake(*args, **settings):
        given.append((args, settings))
        columns = ["line", "draw", "fold", "wrong", "right"]
        return pd.DataFrame([("a_leak", 0, 0, 0.99, 0.75)], columns=columns)

    monkeypatch.setattr(stage, "audit", fake)
    monkeypatch.chdir(tmp_path)
    stage.main(Params(seed=1, features=features, folds=4, roles=ROLES, groups={}))
    assert (tmp_path / "data/audit/lines.csv").read_text() == (
        "line,draw,fold,wrong,right\na_leak,0,0,0.99,0.75\n"
    )
    [((table, grouped, columns, series), settings)] = given
    assert table["customer_id"].tolist() == customers["customer_id"].tolist()
    assert grouped.tolist() == groups.tolist()
    assert columns == Columns(["promo_share"], ["service_tier"], imputed=[])
    assert series == SERIES
    assert settings == {"folds": 4, "seed": 1}


def test_a_shop_without_series_has_no_lines_about_them(customers):
    few = customers.head(120)
    found = audit(few, np.arange(120), COLUMNS, {}, folds=3, seed=5, draws=1)
    long_form = {"long_form", "long_form_pivoted", "shuffled_labels"}
    assert found["line"].unique().tolist() == [name for name in NAMES if name not in long_form]
