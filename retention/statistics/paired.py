"""What a figure is worth, and telling models apart, on the same repeated folds.

Training sets overlap, so figures of several folds vary together, and their spread alone would give
intervals that are too narrow. Every error here is √((1/J + n_test/n_train)·s²) over J splits
(Nadeau & Bengio 2003, https://doi.org/10.1023/A:1024068626366), where n_test/n_train is 1/(K − 1)
with K folds, however few of the training customers are learnt from. It stands for the correlation
of the splits, 1/K, of which disjoint test parts have no more when their training sets are cut down.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from retention.statistics.intervals import TOO_FEW, Interval, alone, rate_interval

Floats = NDArray[np.float64]

POWER = 0.8  # of the smallest difference that could have been seen


@dataclass(frozen=True)
class Difference:
    """A mean difference with its confidence interval and two-sided p-value.

    Interval and p are nan where they can't be told.
    """

    value: float
    low: float
    high: float
    p: float

    @property
    def within_noise(self) -> bool:
        """Tell whether the interval doesn't exclude zero."""
        return not (self.low > 0 or self.high < 0)


def corrected_error(values: Floats, folds: int) -> float:
    """Return the standard error of a mean over J splits, shape (J,), of repeated `folds` folds."""
    return float(np.sqrt((1 / len(values) + 1 / (folds - 1)) * values.var(ddof=1)))


def corrected_difference(differences: Floats, folds: int, confidence: float) -> Difference:
    """Return the mean of paired differences over J splits, by the corrected resampled t-test.

    t = x̄ / error with J − 1 degrees of freedom, the error as in `corrected_error`. Scores that are
    the same on every split do not differ; the same difference but 0 on every split, or one split
    alone, has no interval.

    Parameters
    ----------
    differences
        One difference a split, shape (J,); splits without a figure (nan) are left out.
    folds
        Folds of each repeat.
    confidence
        Level of the interval, between 0 and 1.

    """
    known = differences[~np.isnan(differences)]
    if not len(known):
        return Difference(np.nan, np.nan, np.nan, np.nan)
    value = float(known.mean())
    if not known.any():
        return Difference(0.0, 0.0, 0.0, 1.0)
    if len(known) < 2 or np.ptp(known) == 0:
        return Difference(value, np.nan, np.nan, np.nan)
    error = corrected_error(known, folds)
    reach = float(stdtrit(len(known) - 1, (1 + confidence) / 2) * error)
    p = 2 * stdtr(len(known) - 1, -abs(value) / error)
    return Difference(value, value - reach, value + reach, float(p))


def corrected_interval(shares: Floats, folds: int, confidence: float, of: int) -> Interval:
    """Return the mean of a figure between 0 and 1 over J splits, with its corrected interval.

    Without any spread the interval is Wilson's for `of` trials, which says what such luck is worth;
    with `of` below `TOO_FEW` there is none.

    Parameters
    ----------
    shares
        The figure on each split, shape (J,); splits without one (nan) are left out.
    folds, confidence
        As in `corrected_difference`.
    of
        On how many customers the figure rests: those of the rarer class for a ROC-AUC.

    """
    found = corrected_difference(shares, folds, confidence)
    if of < TOO_FEW:
        return alone(found.value)
    if np.isnan(found.low) or found.low == found.high:
        return rate_interval(found.value * of, of, confidence)
    # In few folds, the interval of the mean may reach beyond what the figure can be.
    return {"value": found.value, "low": max(0.0, found.low), "high": min(1.0, found.high)}


def smallest_seen(
    differences: Floats, folds: int, confidence: float, comparisons: int = 1
) -> float:
    """Return the true difference that such splits would have shown with a power of 80 %.

    (t_{1 − α/2m} + t_{0.8})·error with J − 1 degrees of freedom, where α = 1 − confidence and m is
    the number of `comparisons` (the strictest step of Holm's). A difference that was not seen may
    well be as large as this. nan where there is no spread to judge by.
    """
    known = differences[~np.isnan(differences)]
    if len(known) < 2 or np.ptp(known) == 0:
        return float("nan")
    alpha, freedom = (1 - confidence) / comparisons, len(known) - 1
    steps = stdtrit(freedom, 1 - alpha / 2) + stdtrit(freedom, POWER)
    return float(steps) * corrected_error(known, folds)
