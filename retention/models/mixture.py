"""Discriminant analysis by Gaussian mixtures."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.mixture import GaussianMixture
from sklearn.utils.validation import check_is_fitted, validate_data


class MixtureClassifier(ClassifierMixin, BaseEstimator):
    """Bayes' rule with a Gaussian mixture of full covariance for each of two classes.

    Hastie & Tibshirani (1996), Discriminant Analysis by Gaussian Mixtures, JRSS B 58, 155-176; here
    each component has a covariance of its own.

    Parameters
    ----------
    components_0, components_1
        Number of components of the class with the smaller and the larger label.
    reg_covar
        Added to the diagonal of each covariance, in squared units of the features.
    largest_log_odds
        Scores are limited to plus and minus this: in some hundred customers, densities far from all
        of them are no evidence of any strength.
    n_init
        Starts of the EM algorithm, of which the best is kept.
    random_state
        Seed of the starts.

    """

    def __init__(
        self,
        components_0: int = 2,
        components_1: int = 2,
        reg_covar: float = 0.02,
        largest_log_odds: float = 20.0,
        n_init: int = 2,
        random_state: int = 0,
    ) -> None:
        self.components_0 = components_0
        self.components_1 = components_1
        self.reg_covar = reg_covar
        self.largest_log_odds = largest_log_odds
        self.n_init = n_init
        self.random_state = random_state

    def fit(self, X: NDArray[np.float64], y: NDArray[np.int64]) -> Self:
        """Fit a mixture to each class. Raises ValueError unless there are two classes."""
        X, y = validate_data(self, X, y)
        self.classes_, counts = np.unique(y, return_counts=True)
        if len(self.classes_) != 2:
            raise ValueError(f"two classes are needed, but there are {len(self.classes_)}")
        numbers = (self.components_0, self.components_1)
        self.mixtures_ = [
            _class_mixture(
                _components(number, count), self.reg_covar, self.n_init, self.random_state
            ).fit(X[y == label])
            for number, count, label in zip(numbers, counts, self.classes_, strict=True)
        ]
        self.log_odds_ = float(np.log(counts[1] / counts[0]))
        return self

    def decision_function(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-odds of the class with the larger label, shape (n,)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        first, second = (mixture.score_samples(X) for mixture in self.mixtures_)
        limit = self.largest_log_odds
        log_odds: NDArray[np.float64] = second - first + self.log_odds_
        return log_odds.clip(-limit, limit)

    def predict(self, X: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the more probable class of each row."""
        return np.asarray(self.classes_[(self.decision_function(X) > 0).astype(int)])


class MixtureAverage(ClassifierMixin, BaseEstimator):
    """The mean log-odds of many MixtureClassifiers, each limited as its own would be.

    Candidates that differ in one class alone share the mixture of the other, which is fitted once
    and whose density is computed once.

    Parameters
    ----------
    grid
        `components_0`, `components_1` and `reg_covar` of each candidate.
    largest_log_odds, n_init, random_state
        As in MixtureClassifier, the same for all.

    """

    def __init__(
        self,
        grid: Sequence[tuple[int, int, float]],
        largest_log_odds: float = 20.0,
        n_init: int = 2,
        random_state: int = 0,
    ) -> None:
        self.grid = grid
        self.largest_log_odds = largest_log_odds
        self.n_init = n_init
        self.random_state = random_state

    def fit(self, X: NDArray[np.float64], y: NDArray[np.int64]) -> Self:
        """Fit each distinct mixture of a class. Raises ValueError unless there are two classes.

        `mixtures_` are each class's distinct mixtures, `pairs_` (candidates, 2) tells which of them
        a candidate takes.
        """
        X, y = validate_data(self, X, y)
        self.classes_, counts = np.unique(y, return_counts=True)
        if len(self.classes_) != 2:
            raise ValueError(f"two classes are needed, but there are {len(self.classes_)}")
        self.mixtures_ = []
        self.pairs_ = np.empty((len(self.grid), 2), dtype=np.int64)
        first, second, added = zip(*self.grid, strict=True)
        for place, numbers in enumerate((first, second)):
            label, count = self.classes_[place], counts[place]
            each = [_components(number, count) for number in numbers]
            wanted = list(zip(each, added, strict=True))
            distinct = list(dict.fromkeys(wanted))
            self.pairs_[:, place] = [distinct.index(point) for point in wanted]
            rows = X[y == label]
            self.mixtures_.append(
                [
                    _class_mixture(components, ridge, self.n_init, self.random_state).fit(rows)
                    for components, ridge in distinct
                ]
            )
        self.log_odds_ = float(np.log(counts[1] / counts[0]))
        return self

    def candidate_log_odds(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return each candidate's log-odds of the larger label, shape (candidates, n)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        first, second = (
            np.stack([mixture.score_samples(X) for mixture in mixtures])
            for mixtures in self.mixtures_
        )
        limit = self.largest_log_odds
        log_odds: NDArray[np.float64] = (
            second[self.pairs_[:, 1]] - first[self.pairs_[:, 0]] + self.log_odds_
        )
        return log_odds.clip(-limit, limit)

    def decision_function(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean log-odds of the larger label, shape (n,)."""
        mean: NDArray[np.float64] = self.candidate_log_odds(X).mean(axis=0)
        return mean

    def predict(self, X: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the more probable class of each row."""
        return np.asarray(self.classes_[(self.decision_function(X) > 0).astype(int)])


def _components(wanted: int, customers: int) -> int:
    # A component needs customers: small samples get fewer of them.
    return min(wanted, max(1, customers // 10))


def _class_mixture(components: int, reg_covar: float, n_init: int, seed: int) -> GaussianMixture:
    return GaussianMixture(
        components, reg_covar=reg_covar, n_init=n_init, max_iter=500, random_state=seed
    )
