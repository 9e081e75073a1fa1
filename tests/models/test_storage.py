"""Models on disk: the same predictions, the same bytes, and nothing that could run code."""

import zipfile

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from retention.harness.errors import UserError
from retention.models.blend import decision
from retention.models.storage import load_model, save_model
from retention.selection.pipeline import build

KNN = {"encoder": "ordinal", "scaler": "min-max", "n_neighbors": 3, "weights": "uniform"}
PREPARE = {"encoder": "one-hot", "scaler": "robust"}
OTHERS = [
    ("knn", KNN | {"p": 1.0}),
    ("knn", KNN | {"p": 2.0}),
    ("knn", KNN | {"p": 3.0}),
    ("svc", {**PREPARE, "kernel": "poly", "C": 1.0, "gamma": 0.1, "degree": 2}),
    ("logistic", {**PREPARE, "C": 1.0, "class_weight": "balanced"}),
    ("mixture", {**PREPARE, "components_0": 3, "components_1": 1, "reg_covar": 0.2}),
    ("extra_trees", {**PREPARE, "n_estimators": 3, "max_features": 0.8, "min_samples_leaf": 1}),
    ("random_forest", {**PREPARE, "n_estimators": 3, "max_features": 0.8, "min_samples_leaf": 1}),
    ("boosting", {**PREPARE, "max_iter": 5, "max_leaf_nodes": 4, "min_samples_leaf": 5}),
    ("gaussian_process", {**PREPARE, "variance": 2.0, "length_scale": 3.0}),
    ("splines", {**PREPARE, "n_knots": 3, "C": 1.0}),
    ("logistic", {**PREPARE, "subset": "behavioural", "C": 1.0, "class_weight": None}),
    ("logistic", {**PREPARE, "subset": "engineered", "C": 1.0, "class_weight": None}),
]
FAMILIES = ["extra_trees", "knn", "logistic", "mixture", "svc", "tree"]


class Foreign(BaseEstimator):
    """What nobody declared as trusted."""


def fitted(learnable, family, candidate):
    pipeline = build(family, candidate, learnable.columns, seed=0)
    return pipeline.fit(learnable.features, learnable.decline)


def test_a_model_that_fills_missing_numbers_can_be_loaded(tmp_path, learnable, candidates):
    columns = learnable.columns._replace(imputed=["promo_share"])
    holey = learnable.features.assign(
        promo_share=learnable.features["promo_share"].where(learnable.features["promo_share"] > 0.1)
    )
    model = build("logistic", candidates["logistic"], columns, seed=0)
    save_model(tmp_path / "model.skops", model.fit(holey, learnable.decline))
    loaded = load_model(tmp_path / "model.skops")
    assert decision(loaded, holey).tolist() == decision(model, holey).tolist()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_loaded_model_predicts_the_same(tmp_path, learnable, candidates, family):
    model = fitted(learnable, family, candidates[family])
    save_model(tmp_path / "model.skops", model)
    loaded = load_model(tmp_path / "model.skops")
    assert (
        decision(loaded, learnable.features).tolist()
        == decision(model, learnable.features).tolist()
    )


@pytest.mark.parametrize(("family", "candidate"), OTHERS)
def test_every_kind_of_candidate_can_be_loaded(tmp_path, learnable, family, candidate):
    save_model(tmp_path / "model.skops", fitted(learnable, family, candidate))
    loaded = load_model(tmp_path / "model.skops")
    assert len(decision(loaded, learnable.features)) == len(learnable.features)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_model_fitted_twice_gives_the_same_bytes(tmp_path, learnable, candidates, family):
    first = fitted(learnable, family, candidates[family])
    save_model(tmp_path / "first.skops", first)
    between = [np.arange(number) for number in range(1000)]  # moves what comes after in memory
    save_model(tmp_path / "second.skops", fitted(learnable, family, dict(candidates[family])))
    assert len(between) == 1000
    assert (tmp_path / "first.skops").read_bytes() == (tmp_path / "second.skops").read_bytes()


def test_the_file_does_not_tell_when_it_was_made(tmp_path, learnable, candidates):
    save_model(tmp_path / "model.skops", fitted(learnable, "tree", candidates["tree"]))
    with zipfile.ZipFile(tmp_path / "model.skops") as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_another_model_gives_other_bytes(tmp_path, learnable, candidates):
    save_model(tmp_path / "first.skops", fitted(learnable, "tree", candidates["tree"]))
    deeper = candidates["tree"] | {"max_depth": 1}
    save_model(tmp_path / "second.skops", fitted(learnable, "tree", deeper))
    assert (tmp_path / "first.skops").read_bytes() != (tmp_path / "second.skops").read_bytes()


def test_models_by_name_and_in_order_stay_so(tmp_path, learnable, candidates):
    trees = [candidates["tree"] | {"max_depth": depth} for depth in (1, 3)]
    models = {"tree": [fitted(learnable, "tree", tree) for tree in trees]}
    save_model(tmp_path / "models.skops", models)
    loaded = load_model(tmp_path / "models.skops")
    assert [model["model"].get_depth() for model in loaded["tree"]] == [1, 3]


def test_a_file_with_an_untrusted_class_is_refused_naming_the_class(tmp_path):
    save_model(tmp_path / "model.skops", Foreign())
    with pytest.raises(UserError, match=r"model\.skops holds .*Foreign, which is not trusted"):
        load_model(tmp_path / "model.skops")


def test_a_missing_file_says_how_to_make_it(tmp_path):
    with pytest.raises(UserError, match=r"model\.skops is missing: run `dvc repro`"):
        load_model(tmp_path / "model.skops")


def test_a_file_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "model.skops").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(UserError, match=r"model\.skops"):
        load_model(tmp_path / "model.skops")
