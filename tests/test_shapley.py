"""Shapley values: of the probability of decline, by the shop's columns, as defined."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from retention.estimators.blend import Blend
from retention.pipeline import build
from retention.shapley import Task, explain, unseen_tasks
from retention.training import decline_probability, fit_out_of_fold

pytestmark = pytest.mark.usefixtures("one_process")

TREE = {
    "encoder": "one-hot",
    "scaler": "standard",
    "min_samples_split": 2,
    "min_samples_leaf": 1,
}


def fitted(learnable, family, candidate):
    pipeline = build(family, candidate, learnable.columns, seed=0)
    return Blend({family: pipeline}).fit(learnable.features, learnable.decline, learnable.fold)


def blended(learnable, candidates):
    """Return a blend whose members encode in different ways."""
    encoders = {"knn": "ordinal", "logistic": "one-hot", "mixture": "one-hot", "svc": "ordinal"}
    members = {
        family: build(family, candidates[family] | {"encoder": encoder}, learnable.columns, seed=0)
        for family, encoder in encoders.items()
    }
    model = Blend(members).fit(learnable.features, learnable.decline, learnable.fold)
    assert len(model.members_) > 1
    return model


def explained(model, rows, background, permutations=1) -> tuple[np.ndarray, np.ndarray]:
    """Return the Shapley values of the rows and their base values."""
    found = explain([Task(model, rows, background)], permutations=permutations, seed=5)
    assert found.index.tolist() == rows.index.tolist()
    return found[rows.columns].to_numpy(), found["base_value"].to_numpy()


def by_definition(model, rows: pd.DataFrame, background: pd.DataFrame) -> np.ndarray:
    """Return Shapley values from all coalitions of columns."""
    columns = list(rows.columns)
    worth = {}
    for size in range(len(columns) + 1):
        for known in itertools.combinations(columns, size):
            mixed = pd.concat([background] * len(rows), ignore_index=True)
            for column in known:
                mixed[column] = np.repeat(rows[column].to_numpy(), len(background))
            probability = decline_probability(model, mixed).reshape(len(rows), len(background))
            worth[frozenset(known)] = probability.mean(axis=1)
    values = np.zeros(rows.shape)
    for coalition, column in itertools.product(worth, columns):
        if column not in coalition:
            rest = len(columns) - len(coalition) - 1
            weight = math.factorial(len(coalition)) * math.factorial(rest)
            values[:, columns.index(column)] += (
                weight
                / math.factorial(len(columns))
                * (worth[coalition | {column}] - worth[coalition])
            )
    return values


@pytest.mark.parametrize("encoder", ["one-hot", "ordinal"])
@pytest.mark.parametrize("family", ["extra_trees", "knn", "logistic", "mixture", "svc", "tree"])
def test_base_and_values_add_up_to_the_customers_probability_of_decline(
    family, encoder, learnable, candidates
):
    model = fitted(learnable, family, candidates[family] | {"encoder": encoder})
    rows = learnable.features[:60]  # more than are explained at once
    background = learnable.features[60:70]
    values, base = explained(model, rows, background)
    np.testing.assert_allclose(
        base + values.sum(axis=1), decline_probability(model, rows), rtol=0, atol=1e-9
    )
    np.testing.assert_allclose(base, decline_probability(model, background).mean())


def test_base_and_values_of_a_blend_add_up_to_its_probability(learnable, candidates):
    model = blended(learnable, candidates)
    rows, background = learnable.features[:60], learnable.features[60:70]
    values, base = explained(model, rows, background)
    np.testing.assert_allclose(
        base + values.sum(axis=1), decline_probability(model, rows), rtol=0, atol=1e-9
    )
    np.testing.assert_allclose(base, decline_probability(model, background).mean())


@pytest.mark.parametrize("encoder", ["one-hot", "ordinal"])
def test_values_are_exact_where_no_more_than_two_columns_interact(encoder, learnable):
    # A tree of depth 2: each leaf asks for two columns at most.
    model = fitted(learnable, "tree", TREE | {"encoder": encoder, "max_depth": 2})
    rows, background = learnable.features[:12], learnable.features[60:70]
    expected = by_definition(model, rows, background)
    values, _ = explained(model, rows, background)
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-9)
    assert ((np.abs(expected) > 0.01).sum(axis=0) > 0).sum() >= 2  # columns that do interact


@pytest.mark.parametrize("family", ["svc", "knn"])
def test_more_permutations_come_close_to_all_coalitions(family, learnable, candidates):
    model = fitted(learnable, family, candidates[family])
    rows, background = learnable.features[:3], learnable.features[60:68]
    expected = by_definition(model, rows, background)
    values, _ = explained(model, rows, background, permutations=300)
    np.testing.assert_allclose(values, expected, rtol=0, atol=0.01)
    assert np.abs(expected).max(axis=0).min() > 0.02


def test_more_permutations_of_a_blend_come_close_to_all_coalitions(learnable, candidates):
    model = blended(learnable, candidates)
    rows, background = learnable.features[:3], learnable.features[60:68]
    values, _ = explained(model, rows, background, permutations=300)
    np.testing.assert_allclose(values, by_definition(model, rows, background), rtol=0, atol=0.01)


def test_a_category_is_one_column_however_many_values_it_has(learnable):
    model = fitted(learnable, "tree", TREE | {"max_depth": 6})
    first = learnable.features[["favourite_category", "pages_per_visit", "promo_share"]]
    values, _ = explained(model, first[:8], first[60:70], permutations=40)
    expected = by_definition(model, first[:8], first[60:70])
    np.testing.assert_allclose(values, expected, rtol=0, atol=0.02)
    assert np.abs(expected[:, 0]).max() > 0.05


def test_a_column_that_the_model_ignores_gets_zero(learnable):
    model = fitted(learnable, "tree", TREE | {"max_depth": 1})
    root = model.members_["tree"]["model"].tree_.feature[0]
    values, _ = explained(model, learnable.features[:10], learnable.features[60:70])
    used = np.abs(values).max(axis=0) > 0
    assert used.tolist() == [position == root for position in range(3)]


def test_the_sign_says_towards_decline(learnable, candidates):
    model = fitted(learnable, "logistic", candidates["logistic"])
    row = learnable.features[:1].assign(pages_per_visit=19, promo_share=1.0)
    [[pages, promo, _]], _ = explained(model, row, learnable.features[60:80])
    assert pages < 0 < promo  # many pages go with staying, promotion with decline


def test_every_task_is_explained_by_its_own_model_and_background(learnable, candidates):
    rows = learnable.features
    tasks = [  # not in the order of the customers
        Task(fitted(learnable, "logistic", candidates["logistic"]), rows[5:60], rows[60:65]),
        Task(fitted(learnable, "tree", candidates["tree"]), rows[:5], rows[65:75]),
    ]
    found = explain(tasks, permutations=1, seed=5)
    assert found.index.tolist() == list(range(60))
    for task in tasks:
        part = found.loc[task.rows.index]
        probability = decline_probability(task.model, task.rows)
        np.testing.assert_allclose(part.sum(axis=1), probability, rtol=0, atol=1e-9)
        mean = decline_probability(task.model, task.background).mean()
        np.testing.assert_allclose(part["base_value"], mean)


def test_no_model_explains_a_customer_that_it_was_trained_on(learnable, candidates):
    fold = learnable.fold.copy()
    fold[::5] = -1
    training = fold >= 0
    members = {"tree": build("tree", candidates["tree"], learnable.columns, seed=0)}
    siblings = fit_out_of_fold(members, learnable.features, learnable.decline, fold)
    model = Blend(members).fit(
        learnable.features[training], learnable.decline[training], fold[training]
    )
    tasks = unseen_tasks(model, siblings.models, learnable.features, fold, background=15, seed=1)
    explained_rows = [row for task in tasks for row in task.rows.index]
    assert sorted(explained_rows) == list(range(len(fold)))
    for task in tasks:
        assert len(task.background) == 15
        assert not set(task.background.index) & set(task.rows.index)
        assert training[task.background.index].all()
    scores = np.where(
        training, siblings.probability, decline_probability(model, learnable.features)
    )
    found = explain(tasks, permutations=1, seed=1)
    np.testing.assert_allclose(found.sum(axis=1), scores, rtol=0, atol=1e-9)


def test_the_background_is_all_of_training_when_that_is_smaller(learnable, candidates):
    model = fitted(learnable, "tree", candidates["tree"])
    fold = np.where(np.arange(len(learnable.fold)) < 20, 0, -1)
    fold[:10] = 1
    tasks = unseen_tasks(model, [model, model], learnable.features, fold, background=60, seed=1)
    assert [len(task.background) for task in tasks] == [20, 10, 10]


def test_the_same_seed_gives_the_same_values(learnable, candidates):
    model = fitted(learnable, "svc", candidates["svc"])
    tasks = [Task(model, learnable.features[:60], learnable.features[60:70])]
    first, again = (explain(tasks, permutations=1, seed=9) for _ in range(2))
    pd.testing.assert_frame_equal(again, first, check_exact=True)


def test_the_model_is_left_as_it_was(learnable, candidates):
    model = fitted(learnable, "svc", candidates["svc"])
    before = decline_probability(model, learnable.features)
    explained(model, learnable.features[:5], learnable.features[60:70])
    assert decline_probability(model, learnable.features).tolist() == before.tolist()
