"""Importance: three views of each column, how far they agree, and how stable they are."""

import numpy as np
import pandas as pd
import pytest
from blends import fitted_blend
from sklearn.inspection import permutation_importance
from sklearn.metrics import roc_auc_score

from retention.explanation.importance import (
    agreement,
    importance,
    permutation_losses,
    single_roc_auc,
    stability,
    unseen_permutation_losses,
)
from retention.folds import splits
from retention.selection.pipeline import build


@pytest.fixture(scope="module")
def model(learnable):
    candidate = {
        "encoder": "one-hot",
        "scaler": "standard",
        "max_depth": 1,
        "min_samples_split": 2,
        "min_samples_leaf": 1,
    }
    pipeline = build("tree", candidate, learnable.columns, seed=0)
    return fitted_blend({"tree": pipeline}, learnable.features, learnable.decline, learnable.fold)


def losses(learnable, model, seed=1):
    return permutation_losses(model, learnable.features, learnable.decline, repeats=3, seed=seed)


def single(features, decline, fold, categories=("tier",)):
    return single_roc_auc(features, categories, np.asarray(decline), np.asarray(fold))


def test_columns_stand_in_the_order_of_mean_absolute_shap_each_beside_its_own_figures():
    values = pd.DataFrame({"promo": [0.1, -0.3], "tier": [0.0, 0.1], "pages": [1, -1]})
    table = importance(
        values,
        pd.Series({"pages": 0.3, "tier": 0.1, "promo": 0.2}),
        pd.Series({"tier": 0.6, "promo": 0.7, "pages": 0.8}),
    )
    assert list(table) == ["pages", "promo", "tier"]
    assert table["pages"] == pytest.approx({"shap": 1.0, "permutation": 0.3, "roc_auc": 0.8})
    assert table["promo"] == pytest.approx({"shap": 0.2, "permutation": 0.2, "roc_auc": 0.7})
    assert table["tier"] == pytest.approx({"shap": 0.05, "permutation": 0.1, "roc_auc": 0.6})


def test_only_the_column_that_the_model_uses_loses_roc_auc_when_shuffled(learnable, model):
    root = model.members_["tree"]["model"].tree_.feature[0]
    loss = losses(learnable, model)
    assert loss.index.tolist() == learnable.features.columns.tolist()
    assert loss.pop(learnable.features.columns[root]) > 0.1
    assert np.allclose(loss, 0)


def test_the_same_seed_shuffles_the_same_way(learnable, model):
    assert losses(learnable, model, seed=1).equals(losses(learnable, model, seed=1))
    assert not losses(learnable, model, seed=1).equals(losses(learnable, model, seed=2))


def test_losses_are_those_of_shuffled_columns_as_scikit_learn_has_them(learnable, model):
    ours = permutation_losses(model, learnable.features, learnable.decline, repeats=60, seed=1)
    theirs = permutation_importance(
        model.members_["tree"],  # ranks as the blend of it alone
        learnable.features,
        learnable.decline,
        scoring="roc_auc",
        n_repeats=60,
        random_state=1,
    )
    error = theirs.importances_std.max() / np.sqrt(30)
    np.testing.assert_allclose(ours, theirs.importances_mean, rtol=0, atol=5 * error)


@pytest.mark.usefixtures("one_process")
def test_each_model_is_judged_on_the_fold_that_it_left_out(learnable, candidates):
    features, decline, fold = learnable.features, learnable.decline.copy(), learnable.fold
    decline[fold == 2] = 0  # this fold can't judge
    tree = {"tree": build("tree", candidates["tree"], learnable.columns, seed=0)}
    models = [
        fitted_blend(tree, features.iloc[known], decline[known], np.arange(len(known)) // 2 % 2)
        for known, _ in splits(fold)[:2]
    ]
    found = unseen_permutation_losses(
        [*models, models[0]], features, decline, fold, repeats=3, seed=5
    )
    alone = [
        permutation_losses(model, features[fold == k], decline[fold == k], repeats=3, seed=(5, k))
        for k, model in enumerate(models)
    ]
    np.testing.assert_allclose(found, np.mean(alone, axis=0), rtol=0, atol=1e-12)
    one_class = permutation_losses(models[0], features, decline * 0, repeats=3, seed=5)
    assert one_class.isna().all()


def test_a_number_counts_in_either_direction():
    decline, fold = [0, 0, 1, 1], [0, 1, 0, 1]
    pages = [9, 5, 7, 1]
    expected = 1 - roc_auc_score(decline, pages)
    assert expected > 0.5
    assert single(pd.DataFrame({"pages": pages}), decline, fold)["pages"] == pytest.approx(expected)


def test_a_category_is_judged_by_rates_of_other_folds():
    # In fold 1 «a» declines, in fold 2 «b»: what one fold teaches is wrong in the other.
    features = pd.DataFrame({"tier": list("aabbaabb")})
    decline, fold = [1, 1, 0, 0, 0, 0, 1, 1], [0] * 4 + [1] * 4
    assert single(features, decline, fold)["tier"] == 0
    assert single(features, [1, 1, 0, 0] * 2, fold)["tier"] == 1


def test_a_category_that_says_nothing_is_near_a_half():
    random = np.random.default_rng(1)
    decline, fold = random.integers(0, 2, 4000), np.arange(4000) % 5
    features = pd.DataFrame({"tier": random.choice(["a", "b"], 4000)})
    assert single(features, decline, fold)["tier"] == pytest.approx(0.5, abs=0.03)


def test_a_category_new_in_its_fold_counts_as_average():
    features = pd.DataFrame({"tier": [*"aabb", *"acb"]})
    decline, fold = [1, 1, 0, 0, 1, 0, 0], [0] * 4 + [1] * 3
    # In fold 1: «a» declines, «c» lies between, «b» stays; in fold 0 all is known.
    assert single(features, decline, fold)["tier"] == pytest.approx(1)


def test_a_fold_of_one_class_judges_no_category():
    features = pd.DataFrame({"tier": list("aabbaabb")})
    decline, fold = [1, 1, 0, 0, 0, 0, 0, 0], [0] * 4 + [1] * 4
    assert single(features, decline, fold)["tier"] == 0.5  # fold 0, told nothing by fold 1


def test_one_class_only_gives_no_figure():
    features = pd.DataFrame({"pages": [1, 2, 3, 4], "tier": list("abab")})
    assert single(features, [1, 1, 1, 1], [0, 0, 1, 1]).isna().all()


def test_agreement_compares_ranks_of_every_two_views():
    rows = [(0.9, 0.01, 0.8), (0.3, 0.02, 0.7), (0.1, 0.03, 0.5)]
    columns = {
        name: dict(zip(("shap", "permutation", "roc_auc"), row, strict=True))
        for name, row in zip("abc", rows, strict=True)
    }
    assert agreement(columns) == pytest.approx(
        {"shap_permutation": -1, "shap_roc_auc": 1, "permutation_roc_auc": -1}
    )
    assert np.isnan(agreement({"a": columns["a"]})["shap_permutation"])


def test_stability_is_lower_where_parts_rank_columns_otherwise():
    names = list("abcdefg")
    same = pd.DataFrame([np.arange(7.0), -np.arange(7.0)], columns=names)
    assert stability(same, np.array([0, 1])) == pytest.approx({"spearman": 1, "top_5": 1})
    turned = pd.DataFrame([np.arange(7.0), np.arange(7.0)[::-1]], columns=names)
    # The strongest five are c-g and a-e: three in common.
    assert stability(turned, np.array([0, 1])) == pytest.approx({"spearman": -1, "top_5": 0.6})
    assert np.isnan(stability(turned, np.array([0, 0]))["spearman"])


def test_a_number_is_judged_among_those_for_whom_it_is_known():
    features = pd.DataFrame({"pages": [1.0, 2.0, np.nan, 3.0, 4.0, np.nan]})
    found = single(features, [0, 0, 1, 1, 1, 0], [0, 1, 0, 1, 0, 1], categories=())
    assert found["pages"] == 1
