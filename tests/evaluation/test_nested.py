"""Nested cross-validation: the outer fold teaches nothing, near-duplicates stay together."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from scipy import stats
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import cross_val_score

from retention.evaluation import nested as assessment
from retention.evaluation.calibration import expected_calibration_error
from retention.evaluation.nested import (
    GROUPED,
    RANDOM,
    Setting,
    assess,
    compare_pairs,
    draw_folds,
    run_procedure,
    summarise,
)
from retention.folds import splits
from retention.selection.pipeline import build

FOLDS = 3
COLUMNS = (["pages_per_visit", "promo_share"], ["favourite_category"])
PREPARE = {"encoder": "one-hot", "scaler": "standard"}
GRIDS = {
    "logistic": [{**PREPARE, "C": C, "class_weight": None} for C in (0.1, 1.0)],
    "tree": [
        {**PREPARE, "max_depth": depth, "min_samples_split": 2, "min_samples_leaf": 3}
        for depth in (1, 3)
    ],
}
ONE_TREE = {"tree": GRIDS["tree"][1:]}
GROUPS = np.arange(90) // 2  # neighbours in the file are near-duplicates


def setting(**changed):
    given = {
        "grids": GRIDS,
        "columns": COLUMNS,
        "rule": "best_mean",
        "members": ["logistic", "tree"],
        "simplest_first": [],
    }
    return Setting(**{**given, "folds": FOLDS, "seed": 5, **changed})


@pytest.fixture
def fixed_outer_folds(monkeypatch):
    """Keep the outer folds when labels change: they are drawn by stratum."""
    fixed = np.arange(45).repeat(2) % FOLDS

    def drawn(decline, groups, folds, seed):
        if len(decline) == len(fixed):
            return fixed
        return draw_folds(decline, groups, folds, seed)

    monkeypatch.setattr(assessment, "draw_folds", drawn)
    return fixed


@pytest.fixture(scope="module")
def observed(learnable):
    """Return an assessment, and for every search in it the rows it was given, and its splits."""
    seen = []
    original = assessment.search

    def recorded(family, candidates, features, decline, folds, **rest):
        seen.append((features.index.to_numpy(), folds))
        return original(family, candidates, features, decline, folds, **rest)

    with parallel_config(backend="sequential"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(assessment, "search", recorded)
        table = assess(learnable.features, learnable.decline, GROUPS, setting(), repeats=1)
    return table, seen


@pytest.fixture(scope="module")
def assessed(observed):
    return observed[0]


def shared(one, other):
    return set(GROUPS[one]) & set(GROUPS[other])


def test_near_duplicates_are_never_on_both_sides_outside_nor_inside(observed):
    table, searched = observed
    outer = [
        (scheme, part["row"].to_numpy()) for (scheme, _), part in table.groupby(["scheme", "fold"])
    ]
    assert [scheme for scheme, _ in outer] == [GROUPED] * FOLDS + [RANDOM] * FOLDS
    torn = {GROUPED: 0, RANDOM: 0}
    searches = iter(searched)
    for scheme, test in outer:
        for _ in GRIDS:
            train, inner = next(searches)
            assert sorted([*train, *test]) == list(range(90))
            torn[scheme] += len(shared(train, test))
            assert len(inner) == FOLDS
            for learn, judge in inner:
                assert sorted([*learn, *judge]) == list(range(len(train)))
                torn[scheme] += len(shared(train[learn], train[judge]))
    assert next(searches, None) is None
    assert torn[GROUPED] == 0
    assert torn[RANDOM] > 50


def test_every_customer_is_judged_once_a_repeat(assessed):
    for _, part in assessed.groupby(["scheme", "repeat"]):
        assert sorted(part["row"]) == list(range(90))
    assert assessed.drop(columns=["scheme", "choice", "best_family"]).notna().all(axis=None)


def test_repeats_draw_other_folds(learnable):
    with parallel_config(backend="sequential"):
        table = assess(
            learnable.features,
            learnable.decline,
            GROUPS,
            setting(grids=ONE_TREE, members=[]),
            repeats=2,
        )
    folds = table.pivot_table(index="row", columns=["scheme", "repeat"], values="fold")
    assert not folds.T.duplicated().any()


@pytest.mark.usefixtures("one_process")
def test_labels_of_the_outer_fold_teach_nothing(learnable, fixed_outer_folds):
    outer = fixed_outer_folds == 1
    flipped = np.where(outer, 1 - learnable.decline, learnable.decline)
    before, after = (
        assess(learnable.features, decline, GROUPS, setting(), repeats=1)
        for decline in (learnable.decline, flipped)
    )
    tested = before["fold"] == 1
    pd.testing.assert_frame_equal(before[tested], after[tested])
    # Whoever had that fold in training learnt from it.
    assert (before.loc[~tested, "procedure"] != after.loc[~tested, "procedure"]).mean() > 0.9


@pytest.mark.usefixtures("one_process")
def test_a_leak_within_the_outer_fold_is_of_no_use(learnable, fixed_outer_folds):
    outer = fixed_outer_folds == 1
    with_leak = setting(columns=([*COLUMNS[0], "leak"], COLUMNS[1]), grids=ONE_TREE, members=[])
    without = learnable.features.assign(leak=0.0)
    leaking = without.assign(leak=np.where(outer, learnable.decline, 0.0))
    before, after = (
        assess(features, learnable.decline, GROUPS, with_leak, repeats=1)
        for features in (without, leaking)
    )
    tested = before["fold"] == 1
    pd.testing.assert_frame_equal(before[tested], after[tested])
    # The same column known for everybody gives the outcome away.
    known = without.assign(leak=learnable.decline.astype(float))
    told = assess(known, learnable.decline, GROUPS, with_leak, repeats=1)
    outcome = learnable.decline[told["row"].to_numpy()]
    assert roc_auc_score(outcome, told["procedure"]) > 0.99


def test_processes_have_no_influence(learnable, monkeypatch):
    given = (learnable.features, learnable.decline, GROUPS, setting(grids=ONE_TREE, members=[]))
    with parallel_config(backend="sequential"):
        alone = assess(*given, repeats=1)
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "2")
    pd.testing.assert_frame_equal(assess(*given, repeats=1), alone, check_exact=True)


def test_the_best_family_is_that_of_scikit_learns_cross_validation(learnable, assessed):
    features, decline = learnable.features, learnable.decline
    for (scheme, number), part in assessed.groupby(["scheme", "fold"]):
        test = part["row"].to_numpy()
        train = np.setdiff1d(np.arange(90), test)
        groups = GROUPS[train] if scheme == GROUPED else None
        inner = splits(draw_folds(decline[train], groups, FOLDS, 5 + number))
        best = {
            family: max(
                cross_val_score(
                    build(family, candidate, columns=COLUMNS, seed=5),
                    features.iloc[train],
                    decline[train],
                    cv=inner,
                    scoring="roc_auc",
                ).mean()
                for candidate in candidates
            )
            for family, candidates in GRIDS.items()
        }
        assert set(part["best_family"]) == {max(best, key=best.get)}


def test_the_procedures_probability_is_that_of_its_choice(assessed):
    for choice, part in assessed.groupby("choice"):
        assert part["procedure"].tolist() == part[choice].tolist()


@pytest.mark.parametrize(
    ("rule", "simplest_first", "choice"),
    [
        ("blend", [], "blend"),
        ("best_mean", ["tree"], "logistic"),
        ("one_se", ["tree", "logistic"], "tree"),
        ("one_se", ["logistic", "tree"], "logistic"),
    ],
)
def test_the_rule_of_params_yaml_decides(learnable, rule, simplest_first, choice):
    # Labels that nothing can learn: all families are within noise of each other.
    decline = np.random.default_rng(3).permutation(learnable.decline)
    given = setting(rule=rule, simplest_first=simplest_first)
    found = run_procedure(learnable.features, decline, learnable.fold, given)
    assert found.choice == choice
    assert set(found.models) == {"logistic", "tree", "blend"}


def test_a_blend_has_the_members_of_params_yaml_alone(learnable):
    third = {"extra_trees": [{**PREPARE, "n_estimators": 5, "min_samples_leaf": 1}]}
    given = setting(grids={**third, **GRIDS}, rule="blend")
    found = run_procedure(learnable.features, learnable.decline, learnable.fold, given)
    assert list(found.models["blend"].members) == ["logistic", "tree"]


def test_a_family_alone_has_no_blend(learnable):
    only = setting(grids={"logistic": GRIDS["logistic"]}, members=[], rule="blend")
    found = run_procedure(learnable.features, learnable.decline, learnable.fold, only)
    assert (found.choice, found.best_family) == ("logistic", "logistic")
    assert set(found.models) == {"logistic"}


@pytest.fixture(scope="module")
def made_up():
    """Return an assessment with probabilities that a generator drew, and the outcomes."""
    random = np.random.default_rng(8)
    decline = np.arange(180) % 2
    parts = []
    for scheme, repeat in itertools.product((GROUPED, RANDOM), (1, 2)):
        skill = {"procedure": 1.0, "knn": 1.0, "svc": 0.5, "tree": 0.1}
        probabilities = {
            name: np.clip(random.normal(0.4 + 0.2 * much * decline, 0.15), 0.02, 0.98)
            for name, much in skill.items()
        }
        fold = np.arange(180) // 2 % FOLDS
        parts.append(
            pd.DataFrame(
                {
                    "scheme": scheme,
                    "repeat": repeat,
                    "fold": fold,
                    "row": np.arange(180),
                    "choice": np.where(fold == 0, "svc", "knn"),
                    "best_family": np.where((fold == 0) & (repeat == 1), "tree", "svc"),
                    **probabilities,
                }
            ).sample(frac=1, random_state=repeat)
        )
    return pd.concat(parts, ignore_index=True), decline


def by_split(table, name, decline):
    return np.array(
        [
            roc_auc_score(decline[part["row"]], part[name])
            for _, part in table.groupby(["repeat", "fold"])
        ]
    )


def test_figures_are_scikit_learns(made_up):
    table, decline = made_up
    found = summarise(table, decline, folds=FOLDS, bins=4, confidence=0.9)
    for scheme in (GROUPED, RANDOM):
        rows = table[table["scheme"] == scheme]
        outcome = decline[rows["row"]]
        judged = {"procedure": found[scheme], **found[scheme]["families"]}
        assert list(judged) == ["procedure", "knn", "svc", "tree"]
        repeats = [rows[rows["repeat"] == repeat].sort_values("row") for repeat in (1, 2)]
        for name, one in judged.items():
            errors = [
                expected_calibration_error(decline, part[name].to_numpy(), 4) for part in repeats
            ]
            expected = {
                "pr_auc": average_precision_score(outcome, rows[name]),
                "log_loss": log_loss(outcome, rows[name]),
                "brier": brier_score_loss(outcome, rows[name]),
                "ece": np.mean(errors),
            }
            assert {figure: one[figure] for figure in expected} == pytest.approx(expected)
            assert one["roc_auc"]["mean"] == pytest.approx(by_split(rows, name, decline).mean())


def test_the_interval_is_that_of_nadeau_and_bengio_and_a_possible_roc_auc(made_up):
    table, decline = made_up
    found = summarise(table, decline, folds=FOLDS, bins=4, confidence=0.9)
    values = by_split(table[table["scheme"] == GROUPED], "procedure", decline)
    reach = stats.t.ppf(0.95, 5) * math.sqrt((1 / 6 + 1 / 2) * values.var(ddof=1))
    assert found[GROUPED]["roc_auc"] == pytest.approx(
        {
            "mean": values.mean(),
            "low": values.mean() - reach,
            "high": min(1, values.mean() + reach),
        }
    )
    perfect = table.assign(procedure=decline[table["row"]] * 0.9 + 0.05)
    perfect.loc[0, "procedure"] = 0.5
    certain = summarise(perfect, decline, folds=FOLDS, bins=4, confidence=0.999)
    assert certain[GROUPED]["roc_auc"]["high"] <= 1


def test_optimism_is_random_minus_grouped(made_up):
    table, decline = made_up
    inflated = table.assign(
        procedure=np.where(table["scheme"] == RANDOM, decline[table["row"]], table["procedure"])
    )
    inflated["procedure"] = inflated["procedure"].clip(0.01, 0.99)
    found = summarise(inflated, decline, folds=FOLDS, bins=4, confidence=0.9)
    grouped = by_split(table[table["scheme"] == GROUPED], "procedure", decline).mean()
    assert found["optimism"] == pytest.approx(1 - grouped)


def test_searches_are_counted_not_customers(made_up):
    table, decline = made_up
    found = summarise(table, decline, folds=FOLDS, bins=4, confidence=0.9)
    assert found[GROUPED]["chosen"] == {"knn": 4, "svc": 2}
    assert found[GROUPED]["won"] == {"svc": 5, "tree": 1}


def test_pairs_are_compared_on_the_grouped_folds_with_holms_adjustment(made_up):
    table, decline = made_up
    found = compare_pairs(table, decline, folds=FOLDS, confidence=0.9)
    rows = table[table["scheme"] == GROUPED]
    assert {frozenset(pair) for pair in found[["first", "second"]].to_numpy()} == {
        frozenset(pair) for pair in itertools.combinations(["knn", "svc", "tree"], 2)
    }
    for row in found.itertuples():
        differences = by_split(rows, row.first, decline) - by_split(rows, row.second, decline)
        error = math.sqrt((1 / 6 + 1 / 2) * differences.var(ddof=1))
        reach = stats.t.ppf(0.95, 5) * error
        assert row.difference == pytest.approx(differences.mean())
        assert (row.low, row.high) == pytest.approx(
            (differences.mean() - reach, differences.mean() + reach)
        )
        assert row.p == pytest.approx(2 * stats.t.sf(abs(differences.mean()) / error, 5))
    assert found["p"].is_monotonic_increasing
    # Holm's adjusted p is the largest, over the p up to this one, of p times those not below it.
    p = found["p"].to_numpy()
    expected = [min(1.0, max(other * (p >= other).sum() for other in p[p <= one])) for one in p]
    assert found["p_adjusted"].tolist() == pytest.approx(expected)
    assert (found["p_adjusted"] > found["p"]).any()
    assert found["p_adjusted"][1] < min(1, 3 * p[1])  # not Bonferroni's
