"""Discriminant analysis by Gaussian mixtures."""

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
            self.fit_class(X[y == label], number)
            for number, label in zip(numbers, self.classes_, strict=True)
        ]
        self.log_odds_ = float(np.log(counts[1] / counts[0]))
        return self

    def fit_class(self, rows: NDArray[np.float64], components: int) -> GaussianMixture:
        """Return the mixture of one class, fitted to its rows (n, d)."""
        return GaussianMixture(
            # A component needs customers: small samples get fewer of them.
            min(components, max(1, len(rows) // 10)),
            reg_covar=self.reg_covar,
            n_init=self.n_init,
            max_iter=500,
            random_state=self.random_state,
        ).fit(rows)

    def limited(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return log-odds cut off at plus and minus `largest_log_odds`."""
        return log_odds.clip(-self.largest_log_odds, self.largest_log_odds)

    def decision_function(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-odds of the class with the larger label, shape (n,)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        first, second = (mixture.score_samples(X) for mixture in self.mixtures_)
        return self.limited(second - first + self.log_odds_)

    def predict(self, X: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the more probable class of each row."""
        return np.asarray(self.classes_[(self.decision_function(X) > 0).astype(int)])
