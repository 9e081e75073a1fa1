"""A calibrated blend of models."""

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from retention.folds import splits

Floats = NDArray[np.float64]

# Keeps the weights finite where the classes are separated; far too weak to shrink them.
_RIDGE = 1e-3
# Pulls the weights towards each other: with some hundred customers, most of what tells members of
# like quality apart is noise. In units of the log loss, summed over the customers.
_PULL = 100.0
_SMALLEST_WEIGHT = 1e-6
_NO_SPREAD = 1e-12
# Stop far below what matters, so that other processors stop at the same digits that are shown.
_PRECISE: Any = {"ftol": 1e-14, "gtol": 1e-9, "maxiter": 1000}


class Blend(ClassifierMixin, BaseEstimator):
    """Log-odds of several models, added with weights that are not negative.

    Each member's scores are turned into log-odds by Platt's sigmoid (Platt 1999) and summed with
    the weights that minimise the log loss, as in stacking (Wolpert 1992; Breiman 1996 for weights
    that are not negative), pulled towards equal weights. So the log-odds of the blend are linear in
    its members' scores, and what explains those adds up to an explanation of the blend. Both steps
    learn from scores of rows that the member was not trained on. Members without weight are left
    out; a blend of one is that model, calibrated.

    Parameters
    ----------
    members
        Unfitted pipelines by name.

    """

    # What fit() learns: slope and shift of each member's sigmoid, and its weight, shape (members,).
    slopes_: Floats
    shifts_: Floats
    weights_: Floats
    intercept_: float
    members_: dict[str, Any]
    classes_: NDArray[np.int64]

    def __init__(self, members: dict[str, Any]) -> None:
        self.members = members

    def fit(self, X: pd.DataFrame, y: NDArray[np.int64], fold: NDArray[np.int64]) -> Self:
        """Fit to all rows; `fold` (n,) are the folds for the members' unseen scores."""
        unseen = [unseen_scores(member, X, y, fold) for member in self.members.values()]
        return self.fit_weights(np.stack(unseen), y).fit_members(X, y)

    def fit_weights(self, scores: Floats, y: NDArray[np.int64]) -> Self:
        """Learn calibration and weights from unseen scores, shape (members, n)."""
        platt = [_platt(member, y) for member in scores]
        self.slopes_ = np.array([slope for slope, _ in platt])
        self.shifts_ = np.array([shift for _, shift in platt])
        weights, intercept = _non_negative_logistic(self._log_odds(scores), y)
        # A member that tells nothing says the same of everybody, whatever its weight.
        idle = self.slopes_ == 0
        self.weights_ = np.where(idle, 0.0, weights)
        self.intercept_ = intercept + float(weights[idle] @ self.shifts_[idle])
        self.classes_ = np.array([0, 1])
        return self

    def fit_members(self, X: pd.DataFrame, y: NDArray[np.int64]) -> Self:
        """Fit the members that have weight, after `fit_weights`; the others are left out."""
        keep = self.weights_ > _SMALLEST_WEIGHT
        # Where no member knows anything, one stays, and everybody gets the mean probability.
        keep[np.argmax(self.weights_)] = True
        self.members_ = {
            name: clone(member).fit(X, y)
            for (name, member), kept in zip(self.members.items(), keep, strict=True)
            if kept
        }
        self.slopes_, self.shifts_ = self.slopes_[keep], self.shifts_[keep]
        self.weights_ = self.weights_[keep]
        return self

    def combine(self, scores: Floats) -> Floats:
        """Return the blend's log-odds from its members' scores, shape (members, n) → (n,)."""
        combined: Floats = self.weights_ @ self._log_odds(scores) + self.intercept_
        return combined

    def decision_function(self, X: pd.DataFrame) -> Floats:
        """Return the log-odds of decline, shape (n,)."""
        return self.combine(np.stack([decision(member, X) for member in self.members_.values()]))

    def predict_proba(self, X: pd.DataFrame) -> Floats:
        """Return the probabilities of both classes, shape (n, 2)."""
        return both_classes(self.decision_function(X))

    def predict(self, X: pd.DataFrame) -> NDArray[np.int64]:
        """Return the more probable class of each row."""
        return (self.decision_function(X) > 0).astype(np.int64)

    def _log_odds(self, scores: Floats) -> Floats:
        log_odds: Floats = self.slopes_[:, None] * scores + self.shifts_[:, None]
        return log_odds


def decision(model: Any, X: Any) -> Floats:
    """Return a score that grows with the probability of decline (class 1), shape (n,)."""
    if hasattr(model, "decision_function"):
        return np.asarray(model.decision_function(X), dtype=np.float64)
    return np.asarray(model.predict_proba(X)[:, 1], dtype=np.float64)


def unseen_scores(
    model: Any, X: pd.DataFrame, y: NDArray[np.int64], fold: NDArray[np.int64]
) -> Floats:
    """Return scores by models that did not see the row's fold, shape (n,); nan in fold -1."""
    scores = np.full(len(X), np.nan)
    for train, test in splits(fold):
        scores[test] = decision(clone(model).fit(X.iloc[train], y[train]), X.iloc[test])
    return scores


def both_classes(log_odds: Floats) -> Floats:
    """Return the probabilities of classes 0 and 1, shape (n,) → (n, 2)."""
    return np.stack([expit(-log_odds), expit(log_odds)], axis=1)


def platt(scores: Floats, y: NDArray[np.int64]) -> tuple[float, float]:
    """Return slope and shift that turn scores (n,) into log-odds of class 1."""
    return _platt(scores, y)


def _platt(scores: Floats, y: NDArray[np.int64]) -> tuple[float, float]:
    """Return slope and shift that turn scores into log-odds; the slope is not negative."""
    centre, spread = float(scores.mean()), float(scores.std())
    if spread <= _NO_SPREAD * abs(centre):
        spread = np.inf  # all the same, but for rounding: they tell nothing
    weights, shift = _non_negative_logistic(((scores - centre) / spread)[None, :], y)
    slope = float(weights[0]) / spread
    return slope, shift - slope * centre


def _non_negative_logistic(features: Floats, y: NDArray[np.int64]) -> tuple[Floats, float]:
    """Return weights (k,) that are not negative, and an intercept, for features (k, n)."""
    signs = 2 * y - 1

    def loss(point: Any) -> Any:
        weights, intercept = point[:-1], point[-1]
        margins = signs * (weights @ features + intercept)
        pull = -signs * expit(-margins)
        apart = weights - weights.mean()
        value = np.logaddexp(0, -margins).sum()
        value += (_RIDGE * weights @ weights + _PULL * apart @ apart) / 2
        gradient = np.append(features @ pull + _RIDGE * weights + _PULL * apart, pull.sum())
        return float(value), gradient

    count = len(features)
    bounds: Any = [(0.0, None)] * count + [(None, None)]
    start: Any = np.append(np.full(count, 1 / count), 0.0)
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options=_PRECISE)
    return found.x[:-1], float(found.x[-1])
