"""The blend: calibrated, no weight below zero, and taught by unseen scores alone."""

from typing import Any, Self

import numpy as np
import pandas as pd
import pytest
from blends import PULL, fitted_blend
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

from retention.models.blend import Blend, decision, platt
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


def blend(members: int, pull: float = PULL) -> Blend:
    """Return an unfitted blend of so many members of equal shares."""
    return Blend({str(number): 1.0 for number in range(members)}, pull)


def weights(scores: list[Any], y: np.ndarray) -> Blend:
    stacked = np.stack([np.asarray(score) for score in scores])
    return blend(len(scores)).fit_weights(stacked, y)


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
    model = blend(6).fit_weights(scores, y)
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
    np.testing.assert_allclose(model.combine(scores[None]), expected, rtol=0, atol=0.05)


def test_separated_classes_give_finite_weights():
    y = np.arange(60) % 2
    model = weights([y * 2.0 - 1, y + 0.0], y)
    found = probability(model, [y * 2.0 - 1, y + 0.0])
    assert np.isfinite(model.weights_).all()
    assert ((found > 0.5) == y).all()
    assert (np.abs(found - y) > 0).all()


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_without_any_useful_member_everyone_has_the_mean_probability(share, sample):
    X, _, fold = sample
    y = (X["a"] < X["a"].quantile(share)).to_numpy().astype(np.int64)  # the more, the less likely
    model = fitted_blend({"inverted": Reader("a")}, X, y, fold)
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], share, rtol=0, atol=0.01)


def test_scores_log_odds_probabilities_and_classes_agree(learnable, candidates):
    members = pipelines(learnable, candidates)
    model = fitted_blend(members, learnable.features, learnable.decline, learnable.fold)
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
        fitted_blend({"a": Reader("a", scale), "b": Reader("b")}, X, y, fold).predict_proba(X)
        for scale in (1.0, factor)
    )
    np.testing.assert_allclose(again, first, rtol=0, atol=1e-6)


def test_the_order_of_the_members_changes_nothing(sample):
    X, y, fold = sample
    names = ["a", "b", "noise"]
    first, again = (
        fitted_blend({name: Reader(name) for name in order}, X, y, fold).predict_proba(X)
        for order in (names, names[::-1])
    )
    np.testing.assert_allclose(again, first, rtol=0, atol=1e-6)


def test_the_same_blend_twice_is_the_same_to_the_last_digit(learnable, candidates):
    first, again = (
        fitted_blend(
            pipelines(learnable, candidates),
            learnable.features,
            learnable.decline,
            learnable.fold,
        )
        for _ in range(2)
    )
    assert again.weights_.tolist() == first.weights_.tolist()
    assert (
        again.predict_proba(learnable.features).tolist()
        == first.predict_proba(learnable.features).tolist()
    )


def test_a_loaded_blend_gives_identical_probabilities(tmp_path, learnable, candidates):
    model = fitted_blend(
        pipelines(learnable, candidates),
        learnable.features,
        learnable.decline,
        learnable.fold,
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


def test_members_without_weight_are_left_out(sample):
    X, y, fold = sample
    model = fitted_blend({"inverted": Reader("b", -1.0), "good": Reader("a")}, X, y, fold)
    assert list(model.members_) == ["good"]
    for learnt in (model.weights_, model.slopes_, model.shifts_):
        assert learnt.shape == (1,)
    alone = fitted_blend({"good": Reader("a")}, X, y, fold)
    np.testing.assert_allclose(model.predict_proba(X), alone.predict_proba(X), rtol=0, atol=1e-4)


def test_a_member_of_no_share_enters_only_on_evidence_and_the_less_the_stronger_the_pull(sample):
    X, y, _ = sample
    both = np.stack([X["a"], X["b"]])
    share = []
    for pull in (0.0, 100.0, 1e6):
        model = Blend({"a": 1.0, "b": 0.0}, pull).fit_weights(both, y)
        share.append(model.weights_[1] / model.weights_.sum())
    assert 0.3 < share[0] < 0.7
    assert share[0] > share[1] > share[2]
    assert share[2] < 0.01


def test_a_strong_pull_gives_the_declared_shares(sample):
    X, y, _ = sample
    both = np.stack([X["a"], X["b"]])
    model = Blend({"a": 3.0, "b": 1.0}, pull=1e6).fit_weights(both, y)
    assert model.weights_[0] / model.weights_.sum() == pytest.approx(0.75, abs=1e-3)
    # The sum is free: it is what calibrates the blend.
    assert roc_auc_score(y, model.combine(both)) > roc_auc_score(y, X["a"])


@pytest.mark.parametrize(("declined", "stayed"), [(5, 5), (3, 40)])
def test_platts_targets_keep_separated_classes_off_certainty(declined, stayed):
    """The most that he allows is (N₊ + 1)/(N₊ + 2), the least 1/(N₋ + 2), whatever the scores."""
    y = np.array([1] * declined + [0] * stayed)
    slope, shift = platt(np.where(y == 1, 10.0, -10.0), y)
    high, low = expit(slope * 10 + shift), expit(slope * -10 + shift)
    assert high == pytest.approx((declined + 1) / (declined + 2), abs=0.02)
    assert low == pytest.approx(1 / (stayed + 2), abs=0.02)


def test_scores_that_fall_with_decline_are_told_to_say_nothing(sample):
    X, y, _ = sample
    slope, shift = platt(-X["a"].to_numpy(), y)
    assert slope == pytest.approx(0, abs=1e-3)
    assert expit(shift) == pytest.approx(y.mean(), abs=0.01)
