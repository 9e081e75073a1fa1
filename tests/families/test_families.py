"""Families: each grid gives its candidates, each candidate a model that learns."""

from typing import Any

import pytest
from imports import ROOT
from sklearn.metrics import roc_auc_score

from retention.families import find_family, known_families, read_grid
from retention.harness.errors import UserError
from retention.harness.yaml12 import read_yaml
from retention.models.blend import decision
from retention.selection.pipeline import build

PREPARE: dict[str, Any] = {"encoder": ["one-hot", "ordinal"], "scaler": ["standard", "robust"]}
FOREST = {"n_estimators": [10], "max_features": [0.4, 0.8], "min_samples_leaf": [1, 3]}
GRIDS: dict[str, dict[str, Any]] = {
    "boosting": {
        **PREPARE,
        "learning_rate": [0.1],
        "max_iter": [5, 10],
        "max_leaf_nodes": [3],
        "min_samples_leaf": [5, 10],
        "l2_regularization": [0.0],
    },
    "extra_trees": {**PREPARE, **FOREST},
    "gaussian_process": {**PREPARE, "variance": [1.0, 4.0], "length_scale": [1.0, 3.0]},
    "knn": {**PREPARE, "n_neighbors": [3, 9], "weights": ["uniform", "distance"], "p": [1, 2.5]},
    "logistic": {**PREPARE, "C": [0.1, 1.0], "class_weight": [None, "balanced"]},
    "mixture": {**PREPARE, "components_0": [1, 2], "components_1": [2], "reg_covar": [0.02, 0.2]},
    "random_forest": {**PREPARE, **FOREST},
    "splines": {**PREPARE, "n_knots": [3, 5], "C": [0.1, 1.0]},
    "svc": {
        **PREPARE,
        "kernel": ["linear", "rbf", "poly", "sigmoid"],
        "C": [0.1, 1.0],
        "gamma": ["scale", 0.1],
        "degree": [1, 3],
    },
    "tree": {
        **PREPARE,
        "max_depth": [2, 4],
        "min_samples_split": [2],
        "min_samples_leaf": [1, 5],
    },
}
# linear: C; rbf and sigmoid: C, gamma; poly: C, gamma, degree.
COUNTS = {
    "boosting": 4 * 4,
    "extra_trees": 4 * 4,
    "gaussian_process": 4 * 4,
    "knn": 4 * 8,
    "logistic": 4 * 4,
    "mixture": 4 * 4,
    "random_forest": 4 * 4,
    "splines": 4 * 4,
    "svc": 4 * (2 + 4 + 4 + 8),
    "tree": 4 * 4,
}


def test_every_family_is_tried_here():
    assert known_families() == sorted(GRIDS)


@pytest.mark.parametrize("family", GRIDS)
def test_the_grid_gives_every_combination_once(family):
    found = read_grid(family, GRIDS[family]).candidates()
    assert len(found) == COUNTS[family]
    assert all(found.count(candidate) == 1 for candidate in found)
    for name, values in GRIDS[family].items():
        tried = [candidate[name] for candidate in found if name in candidate]
        assert all(value in tried for value in values)
        assert all(value in values for value in tried)


def test_no_svc_candidate_carries_what_its_kernel_ignores():
    used = {
        "linear": {"C"},
        "rbf": {"C", "gamma"},
        "sigmoid": {"C", "gamma"},
        "poly": {"C", "gamma", "degree"},
    }
    for candidate in read_grid("svc", GRIDS["svc"]).candidates():
        assert (
            set(candidate) - {"encoder", "scaler", "subset", "kernel"} == used[candidate["kernel"]]
        )


@pytest.mark.parametrize("family", GRIDS)
def test_every_candidate_learns_which_customers_decline(family, learnable):
    for candidate in read_grid(family, GRIDS[family]).candidates():
        if candidate.get("kernel") == "sigmoid":
            continue  # not a kernel that learns anything sensible from every gamma
        model = build(family, candidate, learnable.columns, seed=0)
        model.fit(learnable.features, learnable.decline)
        assert roc_auc_score(learnable.decline, decision(model, learnable.features)) > 0.7


def test_the_seed_decides_between_equal_splits_of_a_tree(learnable, candidates):
    candidate = candidates["tree"] | {"max_depth": 8, "min_samples_leaf": 1}
    twins = learnable.features.assign(twin=learnable.features["pages_per_visit"])
    columns = (["pages_per_visit", "twin", "promo_share"], ["favourite_category"])

    def importances(seed: int) -> list[float]:
        model = build("tree", candidate, columns, seed).fit(twins, learnable.decline)
        return model["model"].feature_importances_.tolist()

    assert importances(1) == importances(1)
    assert len({tuple(importances(seed)) for seed in range(5)}) > 1


@pytest.mark.parametrize("family", ["extra_trees", "mixture"])
def test_the_seed_is_that_of_the_draws(family, learnable, candidates):
    def scores(seed: int) -> list[float]:
        model = build(family, candidates[family], learnable.columns, seed)
        assert model["model"].random_state == seed
        return decision(
            model.fit(learnable.features, learnable.decline), learnable.features
        ).tolist()

    assert scores(1) == scores(1)


def test_other_seeds_grow_other_extra_trees(learnable, candidates):
    scores = [
        decision(
            build("extra_trees", candidates["extra_trees"], learnable.columns, seed).fit(
                learnable.features, learnable.decline
            ),
            learnable.features,
        ).tolist()
        for seed in (1, 2)
    ]
    assert scores[0] != scores[1]


@pytest.mark.parametrize("family", read_yaml(ROOT / "params.yaml")["families"])
def test_the_shipped_grid_has_candidates(family):
    grids = read_yaml(ROOT / "params.yaml")["families"]
    assert read_grid(family, grids[family]).candidates()


def test_an_unknown_family_is_refused_with_the_known_ones():
    known = "extra_trees, gaussian_process, knn, logistic"
    with pytest.raises(UserError, match=rf"'families\.forest' is no known family.*{known}"):
        find_family("forest")


@pytest.mark.parametrize(
    ("family", "changed", "sentence"),
    [
        ("knn", {"n_neighbors": [0]}, "'families.knn.n_neighbors.0' should be greater"),
        ("knn", {"n_neighbors": [2.5]}, "'families.knn.n_neighbors.0' should be a valid integer"),
        ("knn", {"neighbours": [2]}, "has the unknown key 'neighbours': did you mean 'n_neighbors"),
        ("extra_trees", {"n_estimators": [0]}, "'families.extra_trees.n_estimators.0' should be"),
        ("extra_trees", {"max_features": [1.5]}, "'families.extra_trees.max_features.0' should"),
        ("extra_trees", {"min_samples_leaf": [0]}, "'families.extra_trees.min_samples_leaf.0' sho"),
        ("mixture", {"components_0": [0]}, "'families.mixture.components_0.0' should be greater"),
        ("mixture", {"components_1": [1.5]}, "'families.mixture.components_1.0' should be a val"),
        ("mixture", {"reg_covar": [0]}, "'families.mixture.reg_covar.0' should be greater than 0"),
        ("tree", {"criterion": ["gini"]}, "'families.tree' has the unknown key 'criterion'"),
        ("tree", {"max_depth": []}, "'families.tree.max_depth' is empty"),
        ("tree", {"min_samples_split": [1]}, "'families.tree.min_samples_split.0' should be"),
        ("logistic", {"C": [1, 1.0]}, "'families.logistic.C' repeats a value"),
        ("logistic", {"C": [-1]}, "'families.logistic.C.0' should be greater than 0"),
        ("svc", {"scaler": ["minmax"]}, "'families.svc.scaler.0' should be 'standard', 'min-max'"),
        ("svc", {"kernel": ["cubic"]}, "'families.svc.kernel.0' should be 'linear'"),
        pytest.param(
            "svc",
            {"gamma": ["scal"]},
            "'families.svc.gamma.0' should be",
        ),
    ],
)
def test_a_wrong_grid_is_refused_naming_its_place(family, changed, sentence):
    with pytest.raises(UserError) as caught:
        read_grid(family, GRIDS[family] | changed)
    assert sentence in str(caught.value)
