"""The grid search: scikit-learn's scores, nothing learnt from the fold that is tested."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV

from retention.families import read_grid
from retention.folds import splits
from retention.selection.pipeline import build
from retention.selection.search import Search, search

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
        folds,
        columns=learnable.columns,
        seed=3,
        processes=1,
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


def result(means: list[float], spread: float = 0.1) -> Search:
    candidates = [{"scaler": name, "C": float(k)} for k, name in enumerate("abcdef"[: len(means)])]
    roc_auc = np.array([[mean - spread, mean + spread] for mean in means])
    return Search(candidates, roc_auc, np.array([[mean, 3 * mean] for mean in means]))


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
    np.testing.assert_allclose(table[["split_1", "split_2"]].mean(axis=1), table["mean"])


def test_the_times_stand_in_the_order_of_the_table():
    found = result([0.7, 0.9, 0.8])
    assert found.times()["C"].tolist() == found.table()["C"].tolist()
    np.testing.assert_allclose(found.times()["fit_seconds"], [1.8, 1.6, 1.4])
