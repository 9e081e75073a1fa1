"""Intervals: of a rate, of a mean, of any figure of customers who are near-duplicates.

In every interval, low ≤ value ≤ high. Where the data can't say how wide it is (a class of fewer
than `TOO_FEW`, or no spread at all), the value stands alone and `low` and `high` are nan.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from retention.statistics.resampling import Resampling

Interval = dict[str, float]  # value, low, high

# So few of a class, and a spread over them says little about the next ones: intervals that rest on
# it would be too narrow more often than they promise.
TOO_FEW = 10


def alone(value: float) -> Interval:
    """Return a value whose interval can't be told."""
    return {"value": value, "low": np.nan, "high": np.nan}


def group_bootstrap_interval(
    figure: Callable[[NDArray[np.int64], NDArray[np.float64]], float],
    decline: NDArray[np.int64],
    score: NDArray[np.float64],
    groups: NDArray[np.intp],
    *,
    samples: int,
    confidence: float,
    seed: int,
) -> Interval:
    """Return a figure with its percentile interval over resampled groups of near-duplicates.

    Groups, not rows, are drawn, separately among groups with and without a decline. An interval
    beside the value is stretched to it. The figure must not be one that resampling itself makes
    larger, such as a calibration error.

    Parameters
    ----------
    figure
        Takes the classes and scores of one resample.
    decline, groups
        Class and group of each customer, shape (n,).
    score
        Shape (n,) or (n, k).
    samples, confidence, seed
        Resamples, level of the interval, and what draws them.

    """
    value = figure(decline, score)
    if fewest_groups(decline, groups) < TOO_FEW:
        return alone(value)
    drawn = Resampling(groups, samples, seed, strata=decline).samples()
    values = [figure(decline[sample], score[sample]) for sample in drawn]
    if np.ptp(values) == 0:
        return alone(value)
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return {"value": value, "low": min(float(low), value), "high": max(float(high), value)}


def fewest_groups(decline: NDArray[np.int64], groups: NDArray[np.intp]) -> int:
    """Return how many separate groups the rarer class is found in; shapes (n,)."""
    return min(len(np.unique(groups[decline == label])) for label in (0, 1))


def rate_interval(hits: float, of: int, confidence: float) -> Interval:
    """Return the share `hits`/`of` with its Wilson interval; all nan when `of` is 0.

    (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n), as scipy's `binomtest` has it; here, hits
    that were shared out among tied customers may be a fraction.
    """
    if of == 0:
        return alone(np.nan)
    share, z = hits / of, float(ndtri((1 + confidence) / 2))
    centre = (share + z**2 / (2 * of)) / (1 + z**2 / of)
    reach = z / (1 + z**2 / of) * np.sqrt(share * (1 - share) / of + z**2 / (4 * of**2))
    low = 0.0 if share == 0 else float(centre - reach)
    high = 1.0 if share == 1 else float(centre + reach)
    return {"value": share, "low": low, "high": high}


def mean_interval(
    values: NDArray[np.float64], groups: NDArray[np.intp], confidence: float
) -> Interval:
    """Return a mean with its interval, near-duplicates counting as one draw.

    The error is √(Σ_g (Σ_{i∈g} (xᵢ − x̄))² · G/(G − 1)) / n over the G groups g, with Student's t of
    G − 1 degrees of freedom (the ratio estimator of cluster sampling, Cochran 1977, section 9A.3).
    """
    if not len(values):
        return alone(np.nan)
    value = float(values.mean())
    sums = group_sums(values - value, groups)
    count = len(sums)
    if count < TOO_FEW:
        return alone(value)
    error = float(np.sqrt((sums**2).sum() * count / (count - 1))) / len(values)
    reach = float(stdtrit(count - 1, (1 + confidence) / 2)) * error
    return {"value": value, "low": value - reach, "high": value + reach} if reach else alone(value)


def group_sums(values: NDArray[Any], groups: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the sum over each group, shape (n, …) → (groups, …)."""
    order = np.argsort(groups, kind="stable")
    _, starts = np.unique(groups[order], return_index=True)
    return np.asarray(np.add.reduceat(values[order], starts, axis=0), dtype=np.float64)
