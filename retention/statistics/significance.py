"""P-values of several tests at once."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def benjamini_hochberg(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return p-values adjusted for the share of false discoveries; missing ones stay missing."""
    from scipy import stats  # half a second, which who draws and words is spared

    adjusted = np.full(len(p), np.nan)
    known = ~np.isnan(p)
    adjusted[known] = stats.false_discovery_control(p[known])
    return adjusted


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return p-values adjusted for the chance of any false rejection; missing ones stay missing.

    The k-th smallest of m is multiplied by m - k + 1, and none may be below a smaller one's (Holm
    1979, https://www.jstor.org/stable/4615733).
    """
    order = np.argsort(p)[: int((~np.isnan(p)).sum())]  # the missing ones come last
    stepped = p[order] * np.arange(len(order), 0, -1)
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted


def fisher_p(inside: NDArray[np.bool_], hit: NDArray[np.bool_]) -> float:
    """Return the two-sided p of Fisher's exact test that hits are as frequent inside as outside.

    Shapes (n,); nan when nobody is inside, or nobody outside.
    """
    from scipy import stats  # as above

    if inside.all() or not inside.any():
        return np.nan
    counts = np.array([[(hit & side).sum(), (~hit & side).sum()] for side in (inside, ~inside)])
    return float(stats.fisher_exact(counts).pvalue)


def significant(p: "pd.Series[float]") -> "pd.Series[str]":
    """Return p-values as texts of three significant digits; in decimals, small ones would be 0."""
    return p.map("{:.3g}".format, na_action="ignore")
