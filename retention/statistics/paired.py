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


def corrected_error(values: NDArray[np.float64], folds: int) -> float:
    """Return the standard error of a mean over J splits: √((1/J + n_test/n_train)·s²).

    The second term makes up for training sets that overlap (Nadeau & Bengio 2003,
    https://doi.org/10.1023/A:1024068626366). Parameters as in `corrected_difference`.
    """
    return _error(values, 1 / (folds - 1))


def corrected_difference(
    differences: NDArray[np.float64], folds: int, confidence: float
) -> Difference:
    """Return the mean of paired differences over J splits, by the corrected resampled t-test.

    Parameters
    ----------
    differences
        One difference a split, shape (J,).
    folds
        Folds of each repeat: n_test/n_train is 1/(folds − 1).
    confidence
        Level of the interval, between 0 and 1.

    """
    return corrected_mean(differences, 1 / (folds - 1), confidence)


def corrected_mean(
    values: NDArray[np.float64], test_to_train: float, confidence: float
) -> Difference:
    """Return the mean of a figure, or of a difference, over J splits with n_test/n_train given.

    t = x̄ / error with J − 1 degrees of freedom, the error as in `corrected_error`.
    """
    splits = len(values)
    value = float(values.mean())
    error = _error(values, test_to_train)
    if error == 0:
        return Difference(value, value, value, 1.0 if value == 0 else 0.0)
    reach = float(stats.t.ppf((1 + confidence) / 2, splits - 1) * error)
    p = 2 * stats.t.sf(abs(value) / error, splits - 1)
    return Difference(value, value - reach, value + reach, float(p))


def _error(values: NDArray[np.float64], test_to_train: float) -> float:
    return float(np.sqrt((1 / len(values) + test_to_train) * values.var(ddof=1)))
