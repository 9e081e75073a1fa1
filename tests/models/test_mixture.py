"""The mixture classifier: Bayes' rule, as exact as its Gaussians, and a proper classifier."""

import itertools

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score

from retention.models.mixture import MixtureAverage, MixtureClassifier

COVARIANCES = [np.array([[1.0, 0.5], [0.5, 2.0]]), np.array([[0.6, -0.2], [-0.2, 0.4]])]
MEANS = [np.array([0.0, 0.0]), np.array([1.0, -0.5])]


def gaussians(counts: tuple[int, int], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of two known Gaussians, class 0 first."""
    random = np.random.default_rng(seed)
    parts = [
        random.multivariate_normal(mean, covariance, count)
        for mean, covariance, count in zip(MEANS, COVARIANCES, counts, strict=True)
    ]
    return np.concatenate(parts), np.repeat([0, 1], counts)


def one_each(**changed) -> MixtureClassifier:
    given = {"reg_covar": 1e-6, "largest_log_odds": 1e6, **changed}
    return MixtureClassifier(components_0=1, components_1=1, **given)


def between_two(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return class 1 in two clusters and class 0 between them, with the same covariance."""
    random = np.random.default_rng(seed)
    label = np.arange(count) % 2
    clusters = 3 * random.choice([-1, 1], count) + random.normal(0, 0.4, count)
    spread = np.sqrt(9 + 0.4**2)
    first = np.where(label == 1, clusters, random.normal(0, spread, count))
    return np.stack([first, random.normal(0, 0.4, count)], axis=1), label


@pytest.mark.parametrize("components", [1, 2])
def test_clear_classes_are_separated(components):
    random = np.random.default_rng(1)
    y = np.arange(400) % 2
    X = random.normal(6.0 * y[:, None], 1.0, (400, 3))
    model = MixtureClassifier(components, components).fit(X[:200], y[:200])
    assert (model.predict(X[200:]) == y[200:]).all()
    assert (np.sign(model.decision_function(X[200:])) == 2 * y[200:] - 1).all()


@pytest.mark.parametrize("counts", [(20_000, 20_000), (30_000, 6_000)])
def test_log_odds_are_the_analytic_ones_of_known_gaussians(counts):
    X, y = gaussians(counts)
    model = one_each(n_init=1).fit(X, y)
    grid = np.stack(np.meshgrid(np.linspace(-1, 2, 7), np.linspace(-2, 1, 7)), axis=-1)
    points = grid.reshape(-1, 2)
    first, second = (
        multivariate_normal(mean, covariance).logpdf(points)
        for mean, covariance in zip(MEANS, COVARIANCES, strict=True)
    )
    expected = second - first + np.log(counts[1] / counts[0])
    np.testing.assert_allclose(model.decision_function(points), expected, rtol=0, atol=0.15)
    assert np.ptp(expected) > 3


def test_the_odds_of_the_classes_enter_as_they_are():
    X, y = gaussians((200, 100))
    thrice = np.concatenate([X, X[y == 1], X[y == 1]])
    labels = np.concatenate([y, np.ones(200, dtype=np.int64)])
    before = one_each().fit(X, y).decision_function(X)
    after = one_each().fit(thrice, labels).decision_function(X)
    np.testing.assert_allclose(after - before, np.log(3), rtol=0, atol=1e-6)


def test_a_class_of_two_clusters_needs_two_components():
    X, y = between_two(800, seed=2)
    fresh, labels = between_two(2000, seed=3)

    def auc(components: int) -> float:
        model = MixtureClassifier(1, components).fit(X, y)
        return float(roc_auc_score(labels, model.decision_function(fresh)))

    assert auc(1) < 0.65
    assert auc(2) > 0.8


def test_each_class_has_a_number_of_components_of_its_own():
    X, y = gaussians((100, 100))
    model = MixtureClassifier(components_0=1, components_1=3).fit(X, y)
    assert [mixture.n_components for mixture in model.mixtures_] == [1, 3]


@pytest.mark.parametrize(
    ("count", "components"), [(5, 1), (9, 1), (19, 1), (20, 2), (29, 2), (30, 3), (99, 3)]
)
def test_a_small_class_gets_a_component_for_ten_customers(count, components):
    X, y = gaussians((200, count))
    model = MixtureClassifier(3, 3).fit(X, y)
    assert [mixture.n_components for mixture in model.mixtures_] == [3, components]
    assert np.isfinite(model.decision_function(X)).all()


def test_a_larger_reg_covar_draws_the_log_odds_together():
    X, y = gaussians((100, 100))
    spreads = [
        np.std(MixtureClassifier(2, 2, reg_covar=added).fit(X, y).decision_function(X))
        for added in (0.01, 10)
    ]
    assert spreads[1] < spreads[0] / 2


def test_features_without_any_spread_are_no_trouble():
    X, y = gaussians((60, 60))
    constant = np.column_stack([X, np.ones(len(X))])
    found = MixtureClassifier(1, 1).fit(constant, y).decision_function(constant)
    expected = MixtureClassifier(1, 1).fit(X, y).decision_function(X)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("labels", [(2, 5), (-1, 1), ("stays", "quits"), (False, True)], ids=str)
def test_labels_may_be_any_two_values(labels):
    X, y = gaussians((200, 200))
    larger = int(max(labels) == labels[1])  # which of our classes bears the larger label
    named = np.array(labels)[y]
    model = one_each().fit(X, named)
    assert model.classes_.tolist() == sorted(labels)
    expected = one_each().fit(X, y).decision_function(X)
    found = model.decision_function(X)
    np.testing.assert_allclose(found, expected if larger else -expected, rtol=0, atol=1e-9)
    assert (model.predict(X) == named).mean() > 0.75
    assert model.score(X, named) == (model.predict(X) == named).mean()
    assert ((found > 0) == (model.predict(X) == max(labels))).all()


def test_components_belong_to_the_smaller_and_the_larger_label():
    X, y = gaussians((100, 100))
    model = MixtureClassifier(components_0=1, components_1=3).fit(X, 1 - y)
    mean = model.mixtures_[0].means_[0]
    np.testing.assert_allclose(mean, X[y == 1].mean(axis=0), rtol=0, atol=1e-9)


def test_the_order_of_the_rows_does_not_matter():
    X, y = gaussians((150, 100))
    order = np.random.default_rng(5).permutation(len(y))
    found = one_each().fit(X[order], y[order]).decision_function(X)
    np.testing.assert_allclose(found, one_each().fit(X, y).decision_function(X), atol=1e-8)


def test_log_odds_are_limited_on_both_sides():
    X, y = gaussians((200, 100))
    free = one_each().fit(X, y).decision_function(X)
    limited = one_each(largest_log_odds=2.0).fit(X, y).decision_function(X)
    assert free.min() < -2
    assert free.max() > 2
    np.testing.assert_allclose(limited, np.clip(free, -2, 2))


def test_it_can_be_cloned_and_told_its_parameters():
    parameters = {
        "components_0": 3,
        "components_1": 1,
        "reg_covar": 0.5,
        "largest_log_odds": 9.0,
        "n_init": 2,
        "random_state": 7,
    }
    model = MixtureClassifier(**parameters)
    X, y = gaussians((60, 60))
    copy = clone(model.fit(X, y))
    assert copy.get_params() == model.get_params() == parameters
    assert not hasattr(copy, "mixtures_")
    assert copy.fit(X, y).decision_function(X).tolist() == model.decision_function(X).tolist()
    assert model.set_params(components_0=1).fit(X, y).mixtures_[0].n_components == 1
    assert all(mixture.n_init == 2 and mixture.random_state == 7 for mixture in model.mixtures_)


@pytest.mark.parametrize(("labels", "number"), [([0], 1), ([1], 1), ([0, 1, 2], 3)], ids=str)
def test_other_than_two_classes_are_refused(labels, number):
    X, _ = gaussians((30, 30))
    with pytest.raises(ValueError, match=rf"two classes are needed, but there are {number}"):
        MixtureClassifier().fit(X, np.resize(labels, len(X)))


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_what_is_no_number_is_refused(missing):
    X, y = gaussians((30, 30))
    model = MixtureClassifier().fit(X, y)
    X[3, 1] = missing
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        MixtureClassifier().fit(X, y)
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        model.decision_function(X)


def test_other_columns_than_learnt_are_refused():
    X, y = gaussians((30, 30))
    with pytest.raises(ValueError, match="3 features"):
        MixtureClassifier().fit(X, y).predict(np.ones((2, 3)))


def test_an_unfitted_model_says_so():
    with pytest.raises(NotFittedError):
        MixtureClassifier().decision_function(np.ones((2, 2)))


GRID = list(itertools.product([1, 2, 3], [1, 2, 3], [0.02, 0.1]))


@pytest.mark.parametrize("counts", [(120, 80), (200, 15)])
@pytest.mark.parametrize("largest", [2.0, 20.0])
def test_an_average_is_the_mean_of_its_candidates_limited_log_odds(counts, largest):
    X, y = gaussians(counts)
    shared = {"largest_log_odds": largest, "n_init": 1, "random_state": 4}
    model = MixtureAverage(GRID, **shared).fit(X, y)
    alone = [MixtureClassifier(*point, **shared).fit(X, y).decision_function(X) for point in GRID]
    np.testing.assert_allclose(model.candidate_log_odds(X), alone, rtol=0, atol=1e-12)
    expected = np.mean(alone, axis=0)
    np.testing.assert_allclose(model.decision_function(X), expected, rtol=0, atol=1e-12)
    assert model.predict(X).tolist() == (expected > 0).astype(int).tolist()
    assert np.abs(expected).max() <= largest


def test_an_average_fits_each_distinct_mixture_once():
    model = MixtureAverage(GRID).fit(*gaussians((120, 25)))
    # In 25 customers there is no room for a third component.
    assert [len(mixtures) for mixtures in model.mixtures_] == [6, 4]


def test_an_average_can_be_cloned():
    X, y = gaussians((60, 60))
    model = MixtureAverage(GRID[:3], n_init=1).fit(X, y)
    again = clone(model).fit(X, y)
    assert again.decision_function(X).tolist() == model.decision_function(X).tolist()


@pytest.mark.parametrize(("labels", "number"), [([0], 1), ([0, 1, 2], 3)], ids=str)
def test_an_average_of_other_than_two_classes_is_refused(labels, number):
    X, _ = gaussians((30, 30))
    with pytest.raises(ValueError, match=rf"two classes are needed, but there are {number}"):
        MixtureAverage(GRID).fit(X, np.resize(labels, len(X)))
