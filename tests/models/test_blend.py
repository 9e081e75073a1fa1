"""The blend: calibrated, no weight below zero, and taught by unseen scores alone."""

from typing import Any, Self

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.neighbors import KNeighborsClassifier

from retention.models.blend import Blend, both_classes, decision, unseen_scores
from retention.models.storage import load_model, save_model
from retention.selection.pipeline import build

FAMILIES = ["extra_trees", "knn", "logistic", "mixture", "svc", "tree"]


class Reader(ClassifierMixin, BaseEstimator):
    """Scores that are known beforehand: a column, multiplied."""

    fits: list[int] = []  # noqa: RUF012 - rows of every fit of any reader

    def __init__(self, column: str, factor: float = 1.0) -> None:
        self.column = column
        self.factor = factor

    def fit(self, X: pd.DataFrame, y: Any) -> Self:
        """Note the number of rows; there is nothing to learn."""
        assert len(X) == len(y)
        Reader.fits.append(len(X))
        self.classes_ = np.array([0, 1])
        return self

    def decision_function(self, X: pd.DataFrame) -> np.ndarray:
        """Return the column, multiplied."""
        return X[self.column].to_numpy() * self.factor


@pytest.fixture(scope="module")
def sample() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return two scores that complete each other and two without signal, classes and folds."""
    random = np.random.default_rng(23)
    X = pd.DataFrame(random.normal(size=(600, 4)), columns=["a", "b", "noise", "more_noise"])
    y = (random.random(600) < expit(1.2 * X["a"] + 0.8 * X["b"] - 0.5)).to_numpy().astype(np.int64)
    return X, y, np.arange(600) % 5


def weights(scores: list[Any], y: np.ndarray) -> Blend:
    return Blend({}).fit_weights(np.stack([np.asarray(score) for score in scores]), y)


def pipelines(learnable, candidates, names=FAMILIES) -> dict[str, Any]:
    return {name: build(name, candidates[name], learnable.columns, seed=0) for name in names}


def probability(model: Blend, scores: list[Any]) -> np.ndarray:
    return expit(model.combine(np.stack([np.asarray(score) for score in scores])))


@pytest.mark.parametrize("seed", range(6))
def test_no_weight_and_no_slope_is_negative(seed):
    random = np.random.default_rng(seed)
    y = random.permutation(np.arange(80) % 2)
    direction = np.array([1, 1, -1, -1, 0, 0])[:, None]
    scores = direction * y + random.normal(0, 0.7, (6, 80))
    scores[1] += scores[0]  # would be subtracted again if that were allowed
    model = Blend({}).fit_weights(scores, y)
    assert (model.weights_ >= 0).all()
    assert (model.slopes_ >= 0).all()
    assert model.weights_.shape == model.slopes_.shape == model.shifts_.shape == (6,)


def test_an_inverted_member_gets_no_weight(sample):
    X, y, _ = sample
    model = weights([X["a"], -X["b"]], y)
    assert model.weights_[1] < 1e-6
    assert model.weights_[0] == pytest.approx(1, abs=0.01)


def test_members_without_signal_hardly_move_the_blend():
    random = np.random.default_rng(29)
    scores = list(random.normal(size=(4, 4000)))
    y = (random.random(4000) < expit(1.2 * scores[0])).astype(np.int64)
    model = weights(scores, y)
    pull = model.weights_ * model.slopes_
    assert pull[0] == pytest.approx(1.2, abs=0.1)
    assert pull[1:].max() < 0.06
    alone = probability(weights(scores[:1], y), scores[:1])
    assert np.abs(probability(model, scores) - alone).max() < 0.06


def test_a_copy_of_a_member_changes_nothing(sample):
    X, y, _ = sample
    single, twice = weights([X["a"]], y), weights([X["a"], X["a"]], y)
    np.testing.assert_allclose(
        probability(twice, [X["a"], X["a"]]), probability(single, [X["a"]]), rtol=0, atol=1e-4
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_blend_is_not_worse_than_the_best_of_its_calibrated_members(seed):
    random = np.random.default_rng(seed)
    y = random.permutation(np.arange(150) % 3 == 0).astype(np.int64)
    scores = y * np.array([[2.0], [1.0], [0.3]]) + random.normal(0, 1, (3, 150))

    def loss(rows: list[int]) -> float:
        part = list(scores[rows])
        return float(log_loss(y, probability(weights(part, y), part)))

    assert loss([0, 1, 2]) <= min(loss([member]) for member in range(3)) + 1e-6
    assert loss([0, 1, 2]) < loss([0])


def test_members_that_complete_each_other_are_better_together(sample):
    X, y, _ = sample
    both = [X["a"], X["b"]]
    model = weights(both, y)
    assert roc_auc_score(y, model.combine(np.stack(both))) > roc_auc_score(y, X["a"]) + 0.02
    pull = model.weights_ * model.slopes_
    theirs = LogisticRegression(C=np.inf).fit(X[["a", "b"]].to_numpy(), y).coef_[0]
    np.testing.assert_allclose(pull, theirs, rtol=0, atol=0.1)


def test_weights_are_pulled_towards_each_other(sample):
    X, y, _ = sample
    both = np.stack([X["a"], X["b"]])
    model = weights(list(both), y)
    own = model.slopes_[:, None] * both + model.shifts_[:, None]
    free = LogisticRegression(C=np.inf).fit(own.T, y).coef_[0]
    assert abs(np.diff(model.weights_)) < 0.8 * abs(np.diff(free))
    assert model.weights_.sum() == pytest.approx(free.sum(), rel=0.05)


def test_a_blend_of_one_is_platts_sigmoid(sample):
    X, y, _ = sample
    scores = 3 * X["a"].to_numpy() + 2
    model = weights([scores], y)
    theirs = LogisticRegression(C=np.inf, tol=1e-10).fit(scores[:, None], y)
    expected = theirs.decision_function(scores[:, None])
    np.testing.assert_allclose(model.combine(scores[None]), expected, rtol=0, atol=1e-2)


def test_a_fitted_blend_of_one_is_platts_sigmoid_of_the_unseen_scores(sample):
    X, y, fold = sample
    member = LogisticRegression()
    unseen = unseen_scores(member, X, y, fold)
    sigmoid = LogisticRegression(C=np.inf, tol=1e-10).fit(unseen[:, None], y)
    expected = sigmoid.decision_function(clone(member).fit(X, y).decision_function(X)[:, None])
    found = Blend({"logistic": member}).fit(X, y, fold).decision_function(X)
    np.testing.assert_allclose(found, expected, rtol=1e-2, atol=1e-2)


def test_separated_classes_give_finite_weights():
    y = np.arange(60) % 2
    model = weights([y * 2.0 - 1, y + 0.0], y)
    found = probability(model, [y * 2.0 - 1, y + 0.0])
    assert np.isfinite(model.weights_).all()
    assert ((found > 0.5) == y).all()
    assert (np.abs(found - y) > 0).all()


def test_members_without_weight_are_not_kept_nor_fitted_again(sample):
    X, y, fold = sample
    Reader.fits.clear()
    model = Blend({"inverted": Reader("b", -1.0), "good": Reader("a")}).fit(X, y, fold)
    assert list(model.members_) == ["good"]
    assert Reader.fits == [480] * 10 + [600]
    for learnt in (model.weights_, model.slopes_, model.shifts_):
        assert learnt.shape == (1,)
    assert (model.weights_ > 0).all()
    alone = Blend({"good": Reader("a")}).fit(X, y, fold)
    np.testing.assert_allclose(model.predict_proba(X), alone.predict_proba(X), rtol=0, atol=1e-4)


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_without_any_useful_member_everyone_has_the_mean_probability(share, sample):
    X, _, fold = sample
    y = (X["a"] < X["a"].quantile(share)).to_numpy().astype(np.int64)  # the more, the less likely
    model = Blend({"inverted": Reader("a")}).fit(X, y, fold)
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], share, rtol=0, atol=0.01)


def test_the_kept_members_learnt_from_all_rows(learnable, candidates):
    members = pipelines(learnable, candidates)
    model = Blend(members).fit(learnable.features, learnable.decline, learnable.fold)
    for name, member in model.members_.items():
        expected = clone(members[name]).fit(learnable.features, learnable.decline)
        assert decision(member, learnable.features).tolist() == (
            decision(expected, learnable.features).tolist()
        )


def test_scores_log_odds_probabilities_and_classes_agree(learnable, candidates):
    members = pipelines(learnable, candidates)
    model = Blend(members).fit(learnable.features, learnable.decline, learnable.fold)
    assert len(model.members_) > 1
    assert model.classes_.tolist() == [0, 1]
    scores = np.stack([decision(member, learnable.features) for member in model.members_.values()])
    log_odds = model.decision_function(learnable.features)
    assert log_odds.tolist() == model.combine(scores).tolist()
    assert log_odds.shape == (len(learnable.features),)
    both = model.predict_proba(learnable.features)
    np.testing.assert_allclose(both[:, 1], expit(log_odds), rtol=0, atol=1e-12)
    np.testing.assert_allclose(both.sum(axis=1), 1, rtol=0, atol=1e-12)
    predicted = model.predict(learnable.features)
    assert (predicted == (both[:, 1] > 0.5)).all()
    assert roc_auc_score(learnable.decline, both[:, 1]) > 0.7
    assert model.score(learnable.features, learnable.decline) > 0.7


def test_log_odds_are_linear_in_the_members_scores(sample):
    X, y, _ = sample
    model = weights([X["a"], X["b"]], y)
    points = np.array([[0.3, -20.0, 50.0], [1.0, -0.4, 50.0]])
    own = model.slopes_[:, None] * points + model.shifts_[:, None]
    expected = model.weights_ @ own + model.intercept_
    np.testing.assert_allclose(model.combine(points), expected, rtol=0, atol=1e-12)


def test_log_odds_of_both_classes():
    found = both_classes(np.array([-800.0, 0.0, np.log(3), 800.0]))
    np.testing.assert_allclose(found, [[1, 0], [0.5, 0.5], [0.25, 0.75], [0, 1]], atol=1e-12)


def test_decision_is_the_score_of_class_1(learnable, candidates):
    for family in FAMILIES:
        model = pipelines(learnable, candidates, [family])[family]
        model.fit(learnable.features, learnable.decline)
        score = decision(model, learnable.features)
        assert score.shape == (len(learnable.features),)
        assert roc_auc_score(learnable.decline, score) > 0.7


@pytest.mark.parametrize("factor", [1000.0, 1e-3])
def test_the_scale_of_a_members_scores_changes_nothing(factor, sample):
    X, y, fold = sample
    first, again = (
        Blend({"a": Reader("a", scale), "b": Reader("b")}).fit(X, y, fold).predict_proba(X)
        for scale in (1.0, factor)
    )
    np.testing.assert_allclose(again, first, rtol=0, atol=1e-6)


def test_the_order_of_the_members_changes_nothing(sample):
    X, y, fold = sample
    names = ["a", "b", "noise"]
    first, again = (
        Blend({name: Reader(name) for name in order}).fit(X, y, fold).predict_proba(X)
        for order in (names, names[::-1])
    )
    np.testing.assert_allclose(again, first, rtol=0, atol=1e-6)


def test_the_same_blend_twice_is_the_same_to_the_last_digit(learnable, candidates):
    first, again = (
        Blend(pipelines(learnable, candidates)).fit(
            learnable.features, learnable.decline, learnable.fold
        )
        for _ in range(2)
    )
    assert again.weights_.tolist() == first.weights_.tolist()
    assert (
        again.predict_proba(learnable.features).tolist()
        == first.predict_proba(learnable.features).tolist()
    )


def test_a_blend_can_be_cloned_and_leaves_its_members_unfitted(learnable, candidates):
    members = pipelines(learnable, candidates, ["tree", "logistic"])
    model = Blend(members).fit(learnable.features, learnable.decline, learnable.fold)
    assert not hasattr(members["tree"]["model"], "tree_")
    copy = clone(model)
    assert not hasattr(copy, "members_")
    copy.fit(learnable.features, learnable.decline, learnable.fold)
    assert (
        copy.predict_proba(learnable.features).tolist()
        == model.predict_proba(learnable.features).tolist()
    )


def test_a_loaded_blend_gives_identical_probabilities(tmp_path, learnable, candidates):
    model = Blend(pipelines(learnable, candidates)).fit(
        learnable.features, learnable.decline, learnable.fold
    )
    assert len(model.members_) > 1
    save_model(tmp_path / "model.skops", model)
    loaded = load_model(tmp_path / "model.skops")
    assert list(loaded.members_) == list(model.members_)
    assert (
        loaded.predict_proba(learnable.features).tolist()
        == model.predict_proba(learnable.features).tolist()
    )
    assert loaded.predict(learnable.features).tolist() == model.predict(learnable.features).tolist()


# Unseen scores.


@pytest.mark.parametrize("family", FAMILIES)
def test_unseen_scores_grow_with_decline(family, learnable, candidates):
    member = pipelines(learnable, candidates, [family])[family]
    scores = unseen_scores(member, learnable.features, learnable.decline, learnable.fold)
    assert scores.shape == learnable.fold.shape
    assert roc_auc_score(learnable.decline, scores) > 0.7


def test_unseen_scores_never_come_from_a_model_that_saw_the_row(sample):
    X, y, fold = sample
    random_labels = np.random.default_rng(5).permutation(y)
    memorising = KNeighborsClassifier(1)
    assert (memorising.fit(X, random_labels).predict(X) == random_labels).all()
    scores = unseen_scores(memorising, X, random_labels, fold)
    assert roc_auc_score(random_labels, scores) == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_tested_row_changes_no_other_rows_score(family, learnable, candidates):
    member = pipelines(learnable, candidates, [family])[family]
    tested = np.flatnonzero(learnable.fold == 0)
    wild = learnable.features.astype({"pages_per_visit": "float64"})
    wild.loc[tested[0], "pages_per_visit"] = 1e9
    before, after = (
        unseen_scores(member, features, learnable.decline, learnable.fold)[tested[1:]]
        for features in (learnable.features, wild)
    )
    np.testing.assert_allclose(after, before, rtol=0, atol=1e-12)


@pytest.mark.parametrize("number", range(3))
def test_labels_of_the_tested_fold_are_never_learnt(number, learnable, candidates):
    members = pipelines(learnable, candidates, ["knn"])
    member = members["knn"].set_params(model__n_neighbors=1)
    tested = learnable.fold == number
    flipped = np.where(tested, 1 - learnable.decline, learnable.decline)
    before, after = (
        unseen_scores(member, learnable.features, labels, learnable.fold)
        for labels in (learnable.decline, flipped)
    )
    assert after[tested].tolist() == before[tested].tolist()
    assert after[~tested].tolist() != before[~tested].tolist()


def test_rows_of_no_fold_have_no_unseen_score_and_no_influence(learnable, candidates):
    member = pipelines(learnable, candidates, ["svc"])["svc"]
    fold = np.where(np.arange(len(learnable.fold)) % 4 == 0, -1, learnable.fold)
    apart = fold == -1
    other = learnable.features.copy()
    other.loc[apart, "pages_per_visit"] = 1000
    before = unseen_scores(member, learnable.features, learnable.decline, fold)
    after = unseen_scores(member, other, np.where(apart, 1, learnable.decline), fold)
    np.testing.assert_array_equal(after, before)
    assert (np.isnan(before) == apart).all()


def test_unseen_scores_leave_the_model_unfitted(learnable, candidates):
    member = pipelines(learnable, candidates, ["tree"])["tree"]
    unseen_scores(member, learnable.features, learnable.decline, learnable.fold)
    assert not hasattr(member["model"], "tree_")
