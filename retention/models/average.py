"""The mean of several models' scores."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from retention.models.blend import Floats, decision


class Average(ClassifierMixin, BaseEstimator):
    """A family's answer as the mean over its grid, instead of its best candidate.

    It is no probability: a score that a blend calibrates. Models that give log-odds or another
    decision function enter with those, the others with their probabilities, so that the mean is
    linear in what is explained of them.

    Parameters
    ----------
    estimators
        Unfitted classifiers, all of the same kind of score.

    """

    estimators_: list[Any]
    classes_: NDArray[np.int64]

    def __init__(self, estimators: Sequence[Any]) -> None:
        self.estimators = estimators

    def fit(self, X: Any, y: NDArray[np.int64]) -> Self:
        """Fit a copy of each estimator to the same rows."""
        self.estimators_ = [clone(estimator).fit(X, y) for estimator in self.estimators]
        self.classes_ = self.estimators_[0].classes_
        return self

    def decision_function(self, X: Any) -> Floats:
        """Return the mean score of the larger label (class 1), shape (n,)."""
        total = np.zeros(len(X))
        for estimator in self.estimators_:
            total += decision(estimator, X)
        return total / len(self.estimators_)
