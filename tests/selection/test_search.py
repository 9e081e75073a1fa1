"""The grid search: scikit-learn's scores, nothing learnt from the fold that is tested."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV

from retention.families import read_grid
from retention.folds import splits
from retention.models.blend import decision
from retention.selection.pipeline import build
from retention.selection.search import Race, Search, search

PREPARE: dict[str, Any] = {
    "encoder": ["one-hot", "ordinal"],
    "scaler": ["standard", "min-max", "robust"],
}
GRIDS: dict[str, dict[str, Any]] = {
    "extra_trees": {
        **PREPARE,
        "n_estimators": [10],
        "max_features": [0.4, 0.8],
        "min_samples_leaf": [1, 5],
    },
    "knn": {**PREPARE, "n_neighbors": [3, 15], "weights": ["uniform", "distance"], "p": [1, 2]},
    "logistic": {**PREPARE, "C": [0.1, 1.0], "class_weight": [None, "balanced"]},
    "mixture": {**PREPARE, "components_0": [1, 2], "components_1": [2], "reg_covar": [0.02, 0.2]},
    "svc": {
        **PREPARE,
        "kernel": ["linear", "rbf", "poly"],
        "C": [1.0],
        "gamma": ["scale", 0.1],
        "degree": [2],
    },
    "tree": {
        **PREPARE,
        "max_depth": [3],
        "min_samples_split": [2],
        "min_samples_leaf": [1, 5],
    },
}


@pytest.fixture(scope="module")
def extreme(learnable) -> pd.DataFrame:
    """Return features with a row that bends every scale that sees it, and near-duplicates."""
    features = learnable.features.astype({"pages_per_visit": "float64"})
    features.loc[4, "pages_per_visit"] = 80.0
    features.loc[5, "favourite_category"] = "seen once"
    features.loc[[16, 17]] = features.loc[[8, 7]].to_numpy()  # of the same class, in other folds
    return features


@pytest.mark.parametrize("family", GRIDS)
def test_scores_are_those_of_gridsearchcv(family, learnable, extreme):
    candidates = read_grid(family, GRIDS[family]).candidates()
    folds = splits(learnable.fold)
    found = search(
        family,
        candidates,
        extreme,
        learnable.decline,
        learnable.fold,
        columns=learnable.columns,
        seed=3,
    )
    built = [build(family, candidate, learnable.columns, seed=3) for candidate in candidates]
    theirs = GridSearchCV(
        built[0],
        [{name: [part] for name, part in pipeline.steps} for pipeline in built],
        scoring="roc_auc",
        cv=folds,
        refit=False,
        error_score="raise",
    ).fit(extreme, learnable.decline)
    expected = np.stack([theirs.cv_results_[f"split{k}_test_score"] for k in range(3)], axis=1)
    np.testing.assert_allclose(found.roc_auc, expected, rtol=0, atol=1e-12)
    assert len(np.unique(expected)) > 5  # or any order of candidates would do


@pytest.mark.parametrize("family", ["knn", "tree"])
def test_unseen_scores_are_of_models_that_left_the_fold_out(family, learnable):
    candidates = read_grid(family, GRIDS[family]).candidates()[:2]
    found = search(
        family,
        candidates,
        learnable.features,
        learnable.decline,
        learnable.fold,
        columns=learnable.columns,
        seed=3,
    )
    for candidate, unseen in zip(candidates, found.unseen, strict=True):
        for train, test in splits(learnable.fold):
            model = build(family, candidate, learnable.columns, seed=3)
            model.fit(learnable.features.iloc[train], learnable.decline[train])
            expected = decision(model, learnable.features.iloc[test])
            np.testing.assert_allclose(unseen[test], expected, rtol=0, atol=1e-12)


def test_a_race_takes_the_same_winner_and_leaves_out_who_is_behind(learnable):
    candidates = read_grid("knn", {**GRIDS["knn"], "n_neighbors": [1, 15, 25]}).candidates()
    race = Race(folds=1, share=0.5, least=4)
    full, raced = (
        search(
            "knn",
            candidates,
            learnable.features,
            learnable.decline,
            learnable.fold,
            columns=learnable.columns,
            seed=3,
            race=each,
        )
        for each in (None, race)
    )
    finished = ~np.isnan(raced.roc_auc).any(axis=1)
    assert finished.sum() == len(candidates) / 2
    assert raced.best == full.best
    np.testing.assert_allclose(raced.roc_auc[finished], full.roc_auc[finished], atol=1e-12)
    assert np.sort(raced.order).tolist() == np.flatnonzero(finished).tolist()
    table = raced.table()
    assert len(table) == len(candidates)
    assert table["mean"].isna().tolist() == [False] * 36 + [True] * 36
    assert table["mean"].iloc[0] == pytest.approx(full.table()["mean"].iloc[0])


def test_a_race_never_lets_fewer_run_on_than_said():
    roc_auc = np.array([[0.5], [0.9], [0.7], [0.8]])
    assert Race(1, 0.1, 1).ahead(roc_auc) == [1]
    assert Race(1, 0.1, 3).ahead(roc_auc) == [1, 2, 3]
    assert Race(1, 0.5, 1).ahead(roc_auc) == [1, 3]
    assert Race(1, 0.5, 9).ahead(roc_auc) == [0, 1, 2, 3]


def result(means: list[float], spread: float = 0.1) -> Search:
    candidates = [{"scaler": name, "C": float(k)} for k, name in enumerate("abcdef"[: len(means)])]
    roc_auc = np.array([[mean - spread, mean + spread] for mean in means])
    return Search(candidates, roc_auc, np.zeros((len(means), 1)))


def test_the_best_candidate_has_the_highest_mean():
    assert result([0.7, 0.9, 0.8]).best == 1


@pytest.mark.parametrize("noise", [0.0, 1e-13, -1e-13])
def test_of_equal_candidates_the_first_in_the_grid_is_the_best(noise):
    assert result([0.7, 0.8 - noise, 0.8 + noise, 0.8]).best == 1


def test_the_table_has_a_row_a_candidate_the_best_first():
    table = result([0.7, 0.9, 0.8]).table()
    assert table["C"].tolist() == [1.0, 2.0, 0.0]
    assert table["scaler"].tolist() == ["b", "c", "a"]
    np.testing.assert_allclose(table["mean"], [0.9, 0.8, 0.7])
    np.testing.assert_allclose(table["sd"], [np.sqrt(0.02)] * 3)
    np.testing.assert_allclose(table[["fold_0", "fold_1"]].mean(axis=1), table["mean"])
