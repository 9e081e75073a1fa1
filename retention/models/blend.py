"""A calibrated blend of models."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin

Floats = NDArray[np.float64]

# Keeps the weights finite where the classes are separated; far too weak to shrink them.
_RIDGE = 1e-3
_SMALLEST_WEIGHT = 1e-6
_NO_SPREAD = 1e-12
# Stop far below what matters, so that other processors stop at the same digits that are shown.
_PRECISE: Any = {"ftol": 1e-14, "gtol": 1e-9, "maxiter": 1000}


class Blend(ClassifierMixin, BaseEstimator):
    """Log-odds of several models, added with weights that are not negative.

    Each member's scores are turned into log-odds by Platt's sigmoid and summed with the weights
    that minimise the log loss, as in stacking (Wolpert 1992; Breiman 1996 for weights that are not
    negative), pulled towards declared shares. So the log-odds of the blend are linear in its
    members' scores, and what explains those adds up to an explanation of the blend. Both steps
    learn from scores of rows that the member was not trained on. A blend of one is that model,
    calibrated.

    Parameters
    ----------
    shares
        Member → its share of the sum of weights where the data don't speak against it; they are
        taken relative to their sum.
    pull
        How strongly weights are pulled there: with some hundred customers, most of what tells
        members of like quality apart is noise. In units of the log loss, summed over customers.

    """

    # What fit_weights() learns: slope and shift of each sigmoid, and the weight, shape (members,).
    slopes_: Floats
    shifts_: Floats
    weights_: Floats
    intercept_: float
    members_: dict[str, Any]
    classes_: NDArray[np.int64]

    def __init__(self, shares: Mapping[str, float], pull: float) -> None:
        self.shares = shares
        self.pull = pull

    def fit_weights(self, scores: Floats, y: NDArray[np.int64]) -> Self:
        """Learn calibration and weights from unseen scores, shape (members, n)."""
        fitted = [platt(member, y) for member in scores]
        self.slopes_ = np.array([slope for slope, _ in fitted])
        self.shifts_ = np.array([shift for _, shift in fitted])
        shares = np.array(list(self.shares.values()), dtype=np.float64)
        weights, intercept = _stack(
            self._log_odds(scores), _smooth(y), shares / shares.sum(), self.pull
        )
        # A member that tells nothing says the same of everybody, whatever its weight.
        idle = self.slopes_ == 0
        self.weights_ = np.where(idle, 0.0, weights)
        self.intercept_ = intercept + float(weights[idle] @ self.shifts_[idle])
        self.classes_ = np.array([0, 1])
        return self

    def with_members(self, members: Mapping[str, Any]) -> Self:
        """Take the fitted models, in the order of `shares`; those without weight are left out."""
        keep = self.weights_ > _SMALLEST_WEIGHT
        # Where no member knows anything, one stays, and everybody gets the mean probability.
        keep[np.argmax(self.weights_)] = True
        self.members_ = {
            name: members[name] for name, kept in zip(self.shares, keep, strict=True) if kept
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
        log_odds = self.decision_function(X)
        return np.stack([expit(-log_odds), expit(log_odds)], axis=1)

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


def platt(scores: Floats, y: NDArray[np.int64]) -> tuple[float, float]:
    """Return slope and shift that turn scores (n,) into log-odds; the slope is not negative.

    Platt's sigmoid with his targets (Platt 1999, Probabilistic Outputs for Support Vector Machines,
    section 2.2).
    """
    centre, spread = float(scores.mean()), float(scores.std())
    if spread <= _NO_SPREAD * abs(centre):
        spread = np.inf  # all the same, but for rounding: they tell nothing
    standard = ((scores - centre) / spread)[None, :]
    weights, shift = _stack(standard, _smooth(y), np.ones(1), pull=0.0)
    slope = float(weights[0]) / spread
    return slope, shift - slope * centre


def _smooth(y: NDArray[np.int64]) -> Floats:
    """Return Platt's targets: (N₊ + 1)/(N₊ + 2) for a decline, 1/(N₋ + 2) for the others.

    They are what a customer of the class is likely to be after all the others were seen, and keep
    probabilities off 0 and 1 where classes are small or separated.
    """
    positive = int(y.sum())
    targets: Floats = np.where(y == 1, (positive + 1) / (positive + 2), 1 / (len(y) - positive + 2))
    return targets


def _stack(features: Floats, targets: Floats, shares: Floats, pull: float) -> tuple[Floats, float]:
    """Return weights (k,) that are not negative, and an intercept, for features (k, n).

    They minimise the log loss against `targets` (n,), and pull/2 times the squared distance of the
    weights from their own sum dealt out by `shares` (k,).
    """

    def loss(point: Any) -> Any:
        weights, intercept = point[:-1], point[-1]
        log_odds = weights @ features + intercept
        apart = weights - shares * weights.sum()
        value = (np.logaddexp(0, log_odds) - targets * log_odds).sum()
        value += (_RIDGE * weights @ weights + pull * apart @ apart) / 2
        error = expit(log_odds) - targets
        gradient = features @ error + _RIDGE * weights + pull * (apart - shares @ apart)
        return float(value), np.append(gradient, error.sum())

    bounds: Any = [(0.0, None)] * len(features) + [(None, None)]
    start: Any = np.append(shares, 0.0)
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options=_PRECISE)
    return found.x[:-1], float(found.x[-1])
