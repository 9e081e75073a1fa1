"""Telling a difference between models on the same folds from noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats


@dataclass(frozen=True)
class Difference:
    """A mean difference with its confidence interval and two-sided p-value."""

    value: float
    low: float
    high: float
    p: float

    @property
    def within_noise(self) -> bool:
        """Tell whether the interval has zero in it."""
        return self.low <= 0 <= self.high


def corrected_difference(
    differences: NDArray[np.float64], folds: int, confidence: float
) -> Difference:
    """Return the mean of paired differences over J splits, by the corrected resampled t-test.

    t = x̄ / √((1/J + n_test/n_train)·s²) with J − 1 degrees of freedom: the second term makes up
    for training sets that overlap (Nadeau & Bengio 2003, https://doi.org/10.1023/A:1024068626366).

    Parameters
    ----------
    differences
        One difference a split, shape (J,).
    folds
        Folds of each repeat: n_test/n_train is 1/(folds − 1).
    confidence
        Level of the interval, between 0 and 1.

    """
    splits = len(differences)
    value = float(differences.mean())
    variance = float(differences.var(ddof=1))
    error = np.sqrt((1 / splits + 1 / (folds - 1)) * variance)
    if error == 0:
        return Difference(value, value, value, 1.0 if value == 0 else 0.0)
    reach = stats.t.ppf((1 + confidence) / 2, splits - 1) * error
    p = 2 * stats.t.sf(abs(value) / error, splits - 1)
    return Difference(value, value - reach, value + reach, float(p))
