"""How far probabilities can be trusted, from customers whose outcome is known.

log-odds(decline) = log-odds(p) + a smooth curve of log-odds(p): a restricted cubic spline with four
knots, drawn towards 0 as if each of its directions had the standard deviation `PRIOR` beforehand.
A straight line would not do: probabilities may be right at both ends and wrong between them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from retention.evaluation.calibration import log_odds, logistic, restricted_cubic, sandwich
from retention.statistics.intervals import TOO_FEW, fewest_groups

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Positions = NDArray[np.intp]

PRIOR = 1.0  # in log-odds
# Of the curve's variance: outer models tell the curve, and another one, the shipped, is asked. So
# much more covers what comes (docs/next-month.md).
ALLOWANCE = 1.25


@dataclass(frozen=True)
class Known:
    """Customers with a known outcome, and probabilities by models that didn't see them.

    `decline`, `probability`, `groups` of near-duplicates, and `weight`: how much more frequent the
    like of each are among the customers that are asked about; all (n,).
    """

    decline: Integers
    probability: Floats
    groups: Positions
    weight: Floats

    @property
    def enough(self) -> bool:
        """Tell whether there are enough of either class to say how sure anything is."""
        return fewest_groups(self.decline, self.groups) >= TOO_FEW


class Recalibration:
    """The curve of `Known`, and what it may be instead, for the probabilities (m,) of others."""

    def __init__(self, known: Known) -> None:
        odds = log_odds(known.probability)
        self._odds = odds
        raw = restricted_cubic(odds)[:, 1:]
        self._centre = raw.mean(axis=0)
        # Directions of variance 1 over the known customers, so that one prior fits all.
        _, root = np.linalg.qr(raw - self._centre)
        full = bool(raw.shape[1]) and np.linalg.matrix_rank(raw - self._centre) == raw.shape[1]
        self._scale = np.linalg.inv(root) * np.sqrt(len(odds)) if full else root[:, :0]
        lines, ridge = self._basis(odds), 1 / PRIOR**2
        [self._mean] = logistic(lines, known.decline[None, :], odds, ridge, known.weight)
        fitted = odds + lines @ self._mean
        self._covariance = ALLOWANCE * sandwich(
            lines, known.decline, fitted, known.groups, ridge, known.weight
        )

    def probability(self, probability: Floats) -> Floats:
        """Return what the known customers make of probabilities, (m,)."""
        odds = log_odds(probability)
        return np.asarray(expit(odds + self._basis(odds) @ self._mean))

    def draws(self, probability: Floats, count: int, random: np.random.Generator) -> Floats:
        """Return `count` times what the probabilities may truly be, (count, m)."""
        odds = log_odds(probability)
        curves = random.multivariate_normal(self._mean, self._covariance, count, method="cholesky")
        return np.asarray(expit(odds + curves @ self._basis(odds).T))

    def _basis(self, odds: Floats) -> Floats:
        curved = (restricted_cubic(self._odds, odds)[:, 1:] - self._centre) @ self._scale
        return np.column_stack([np.ones(len(odds)), curved])
