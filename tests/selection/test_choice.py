"""Choosing a family or a blend: ranked by cross-validation, ties called ties, settings kept."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from retention.families import read_grid
from retention.folds import splits
from retention.harness.files import write_csv, write_json
from retention.selection.choice import (
    best_family,
    best_roc_auc,
    blend_roc_auc,
    choose,
    compare,
    hyperparameters,
    read_candidates,
    splits_won,
)
from retention.selection.search import Search
from retention.statistics.paired import corrected_difference

GOOD = [0.92, 0.91, 0.93, 0.90, 0.94]
CLOSE = [0.93, 0.90, 0.92, 0.91, 0.93]
POOR = [0.81, 0.79, 0.82, 0.80, 0.83]


def table(*candidates: list[float], **hyperparameters: list) -> pd.DataFrame:
    scores = np.array(candidates)
    splits = {f"split_{k}": column for k, column in enumerate(scores.T, start=1)}
    means = {"mean": scores.mean(axis=1), "sd": scores.std(axis=1, ddof=1)}
    return pd.DataFrame({**means, **hyperparameters, **splits})


def chosen(
    roc_auc: dict[str, np.ndarray], rule: str, simplest_first: Sequence[str] = (), folds: int = 5
) -> str:
    return choose(roc_auc, rule, folds=folds, simplest_first=simplest_first)


def compared(candidates: dict[str, pd.DataFrame], folds: int, confidence: float) -> pd.DataFrame:
    roc_auc = {family: best_roc_auc(table) for family, table in candidates.items()}
    return compare(roc_auc, chosen(roc_auc, "best_mean"), folds, confidence)


def test_families_are_ranked_by_the_mean_of_their_best_candidate():
    found = compared({"tree": table(POOR), "svc": table(GOOD, POOR), "knn": table(CLOSE)}, 5, 0.95)
    assert found["family"].tolist() == ["svc", "knn", "tree"]
    np.testing.assert_allclose(found["roc_auc"], [0.92, 0.918, 0.81])
    np.testing.assert_allclose(found["sd"], [np.std(x, ddof=1) for x in (GOOD, CLOSE, POOR)])


def test_every_family_is_compared_with_the_best_split_by_split():
    found = compared({"tree": table(POOR), "knn": table(CLOSE), "svc": table(GOOD)}, 5, 0.9)
    for row, scores in zip(found.itertuples(), (GOOD, CLOSE, POOR), strict=True):
        expected = corrected_difference(np.array(GOOD) - np.array(scores), 5, 0.9)
        assert (row.ahead, row.low, row.high, row.p) == pytest.approx(
            (expected.value, expected.low, expected.high, expected.p)
        )
    assert found["within_noise"].tolist() == [True, True, False]
    assert (found["ahead"] >= 0).all()


@pytest.mark.parametrize("order", [["knn", "svc"], ["svc", "knn"]])
def test_of_equal_families_the_first_in_params_yaml_wins(order):
    # The same scores in another order: their sums differ in the last digits.
    scores = {"knn": table(GOOD), "svc": table([0.94, 0.93, 0.92, 0.91, 0.90])}
    found = compared({family: scores[family] for family in order}, 5, 0.95)
    assert found["family"].tolist() == order


def test_a_hyperparameter_is_not_taken_for_a_split():
    found = compared({"tree": table(GOOD, min_samples_split=[1000])}, 5, 0.95)
    assert found["roc_auc"].tolist() == pytest.approx([0.92])


def test_hyperparameters_are_the_best_candidates_that_it_uses():
    tree = table(GOOD, POOR, encoder=["one-hot", "ordinal"], min_samples_split=[8, 2])
    assert hyperparameters(tree) == {"encoder": "one-hot", "min_samples_split": 8}
    svc = table(GOOD, POOR, kernel=["linear", "rbf"], gamma=[None, "scale"])
    assert hyperparameters(svc) == {"kernel": "linear"}


@pytest.mark.parametrize(
    "best",
    [
        {"kernel": "linear", "C": 3.0},
        {"kernel": "rbf", "C": 3.0, "gamma": "scale"},
        pytest.param(
            {"kernel": "rbf", "C": 3.0, "gamma": 0.01},
        ),
        pytest.param(
            {"kernel": "poly", "C": 3.0, "gamma": "scale", "degree": 2},
        ),
    ],
    ids=str,
)
def test_hyperparameters_are_reported_as_they_stood_in_the_grid(tmp_path, best):
    best = {"encoder": "one-hot", "scaler": "standard", "subset": "all", **best}
    grid = {
        "encoder": ["one-hot"],
        "scaler": ["standard"],
        "kernel": ["linear", "rbf", "poly"],
        "C": [3.0],
        "gamma": ["scale", 0.01],
        "degree": [2],
    }
    candidates = read_grid("svc", grid).candidates()
    roc_auc = np.array([[0.9 + (candidate == best) / 20] * 3 for candidate in candidates])
    write_csv(tmp_path / "svc.csv", Search(candidates, roc_auc, roc_auc).table())
    found = hyperparameters(read_candidates(tmp_path / "svc.csv"))
    for name, content in (("found", found), ("best", best)):
        write_json(tmp_path / f"{name}.json", content)
    assert (tmp_path / "found.json").read_text() == (tmp_path / "best.json").read_text()


@pytest.fixture(scope="module")
def two_halves() -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Return two scores that each know half of what matters, classes, and folds of 2 repeats."""
    random = np.random.default_rng(17)
    halves = random.normal(size=(2, 300))
    decline = (random.random(300) < expit(1.2 * halves.sum(axis=0))).astype(np.int64)
    folds = [random.permutation(np.arange(300) % 5) for _ in range(2)]
    return halves, decline, folds


def auc_by_split(score: np.ndarray, decline: np.ndarray, folds: list[np.ndarray]) -> list[float]:
    tests = [test for fold in folds for _, test in splits(fold)]
    return [float(roc_auc_score(decline[test], score[test])) for test in tests]


@pytest.mark.parametrize("half", [0, 1])
def test_a_blend_of_one_family_ranks_as_the_family(half, two_halves):
    scores, decline, folds = two_halves
    found = blend_roc_auc([scores[[half]]] * 2, decline, folds)
    assert found.tolist() == pytest.approx(auc_by_split(scores[half], decline, folds), abs=1e-12)


def test_a_blend_of_families_that_complete_each_other_beats_both(two_halves):
    scores, decline, folds = two_halves
    blend = blend_roc_auc([scores] * 2, decline, folds)
    for half in scores:
        assert blend.mean() > np.mean(auc_by_split(half, decline, folds)) + 0.05
    assert blend.mean() == pytest.approx(
        np.mean(auc_by_split(scores.sum(axis=0), decline, folds)), abs=0.01
    )


@pytest.mark.parametrize("number", range(5))
def test_labels_of_the_tested_fold_judge_the_blend_and_teach_it_nothing(number, two_halves):
    scores, decline, folds = two_halves
    before = blend_roc_auc([scores], decline, folds[:1])
    flipped = np.where(folds[0] == number, 1 - decline, decline)
    after = blend_roc_auc([scores], flipped, folds[:1])
    assert after[number] == pytest.approx(1 - before[number], abs=1e-12)


def test_scores_of_the_tested_fold_have_no_influence_on_the_weights(two_halves):
    scores, decline, folds = two_halves
    tested = folds[0] == 2
    worse = scores.copy()
    worse[0, tested] = -10  # the first family says nothing there: the second one alone ranks
    after = blend_roc_auc([worse], decline, folds[:1])
    alone = auc_by_split(scores[1], decline, folds[:1])
    assert after[2] == pytest.approx(alone[2], abs=1e-12)


def test_every_repeat_has_scores_and_folds_of_its_own(two_halves):
    scores, decline, folds = two_halves
    others = scores + np.random.default_rng(3).normal(0, 1, scores.shape)
    both = blend_roc_auc([scores, others], decline, folds)
    assert both.shape == (10,)
    assert both[:5].tolist() == blend_roc_auc([scores], decline, folds[:1]).tolist()
    assert both[5:].tolist() == blend_roc_auc([others], decline, folds[1:]).tolist()


def test_the_holdout_takes_no_part_in_blending(two_halves):
    scores, decline, folds = two_halves
    holdout = np.arange(300) % 4 == 0
    fold = np.where(holdout, -1, folds[0])
    hidden = np.where(holdout, np.nan, scores)
    found = blend_roc_auc([hidden], np.where(holdout, 1 - decline, decline), [fold])
    alone = blend_roc_auc([scores[:, ~holdout]], decline[~holdout], [fold[~holdout]])
    assert found.tolist() == alone.tolist()


ROC_AUC = {"svc": np.array(GOOD), "blend": np.array(CLOSE), "tree": np.array(POOR)}


def test_what_is_ahead_of_the_choice_is_behind_it_with_a_minus():
    found = compare(ROC_AUC, "blend", 5, 0.95)
    assert found["family"].tolist() == ["svc", "blend", "tree"]
    assert found["ahead"].tolist() == pytest.approx([-0.002, 0, 0.108])
    for row in found.itertuples():
        expected = corrected_difference(ROC_AUC["blend"] - ROC_AUC[row.family], 5, 0.95)
        assert (row.ahead, row.low, row.high) == pytest.approx(
            (expected.value, expected.low, expected.high)
        )
    assert found["within_noise"].tolist() == [True, True, False]


def test_the_blend_is_chosen_by_its_rule_or_by_its_mean():
    assert chosen(ROC_AUC, "blend") == "blend"
    assert chosen(ROC_AUC, "best_mean") == "svc"
    assert chosen(ROC_AUC | {"blend": np.array(GOOD) + 0.01}, "best_mean") == "blend"


@pytest.mark.parametrize("rule", ["blend", "best_mean", "one_se"])
def test_a_family_alone_is_chosen_whatever_the_rule(rule):
    assert chosen({"tree": np.array(POOR)}, rule) == "tree"


# Of the mean of GOOD in 5 folds: √((1/5 + 1/4)·s²), with the variance s² = 2.5e-4 over 5 splits.
STANDARD_ERROR = math.sqrt(0.45 * 2.5e-4)


@pytest.mark.parametrize(
    ("behind", "choice"), [(0.99 * STANDARD_ERROR, "tree"), (1.01 * STANDARD_ERROR, "svc")]
)
def test_one_se_takes_the_simplest_within_one_standard_error_of_the_best(behind, choice):
    # The splits of the simpler one differ less: only the error of the best counts.
    scores = {"svc": np.array(GOOD), "tree": np.full(5, 0.92 - behind)}
    assert chosen(scores, "one_se", ["tree", "svc"]) == choice
    assert chosen(scores, "one_se", ["svc", "tree"]) == "svc"
    assert chosen(scores, "best_mean", ["tree", "svc"]) == "svc"


def test_one_se_counts_the_overlap_of_training_sets_by_the_folds():
    # In 10 folds training sets overlap more, but a fold says less: √((1/5 + 1/9)·s²).
    scores = {"svc": np.array(GOOD), "tree": np.full(5, 0.92 - 0.95 * STANDARD_ERROR)}
    assert chosen(scores, "one_se", ["tree"], folds=5) == "tree"
    assert chosen(scores, "one_se", ["tree"], folds=10) == "svc"


def test_one_se_takes_the_blend_only_when_no_family_is_near():
    scores = {"blend": np.array(GOOD), "svc": np.array(CLOSE), "tree": np.array(POOR)}
    for order in ([], ["svc"], ["tree", "svc"]):
        assert chosen(scores, "one_se", order) == "svc"
    scores.pop("svc")
    assert chosen(scores, "one_se", ["tree"]) == "blend"


def test_families_that_the_order_does_not_name_are_less_simple_and_the_best_of_them_counts():
    scores = {"knn": np.array(CLOSE), "svc": np.array(GOOD), "tree": np.array(CLOSE) - 0.001}
    assert chosen(scores, "one_se", ["tree"]) == "tree"
    assert chosen(scores, "one_se") == "svc"
    assert chosen(scores, "one_se", ["logistic"]) == "svc"


def test_the_best_family_does_not_mind_the_blend():
    scores = {"tree": np.array(POOR), "svc": np.array(CLOSE), "blend": np.array(GOOD)}
    assert best_family(scores) == "svc"


def test_splits_are_won_among_families_alone_and_ties_by_the_first():
    scores = {
        "tree": np.array(POOR),
        "svc": np.array([0.92, 0.91, 0.93, 0.90, 0.94]),
        "knn": np.array([0.93, 0.90, 0.93, 0.91, 0.93]),
        "blend": np.full(5, 0.99),
    }
    assert splits_won(scores) == {"svc": 3, "knn": 2}


@pytest.mark.parametrize("order", [["knn", "svc"], ["svc", "knn"]])
def test_of_equal_means_the_first_is_chosen_and_stands_first(order):
    scores = {"knn": np.array(GOOD), "svc": np.array(sorted(GOOD))}
    given = {name: scores[name] for name in order}
    assert chosen(given, "best_mean") == order[0]
    assert chosen(given, "one_se") == order[0]
    assert best_family(given) == order[0]
    assert compare(given, order[0], 5, 0.95)["family"].tolist() == order
