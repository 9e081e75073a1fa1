"""Figures that say how good probabilities are, with intervals."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Interval = dict[str, float]  # value, low, high


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

    Groups, not rows, are drawn, separately among groups with and without a decline.
    """
    random = np.random.default_rng(seed)
    rows = pd.Series(np.arange(len(decline)))
    members = [part.to_numpy() for _, part in rows.groupby(groups)]
    with_decline = np.array([bool(decline[part].any()) for part in members])
    strata = [np.flatnonzero(with_decline), np.flatnonzero(~with_decline)]
    values = []
    for _ in range(samples):
        drawn = np.concatenate([random.choice(stratum, len(stratum)) for stratum in strata])
        sample = np.concatenate([members[group] for group in drawn])
        values.append(figure(decline[sample], score[sample]))
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return {"value": figure(decline, score), "low": float(low), "high": float(high)}


def rate_interval(hits: float, of: int, confidence: float) -> Interval:
    """Return the share `hits`/`of` with its Wilson interval; all nan when `of` is 0.

    (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n), as scipy's `binomtest` has it; here, hits
    that were shared out among tied customers may be a fraction.
    """
    if of == 0:
        return {"value": np.nan, "low": np.nan, "high": np.nan}
    share, z = hits / of, float(stats.norm.ppf((1 + confidence) / 2))
    centre = (share + z**2 / (2 * of)) / (1 + z**2 / of)
    reach = z / (1 + z**2 / of) * np.sqrt(share * (1 - share) / of + z**2 / (4 * of**2))
    low = 0.0 if share == 0 else float(centre - reach)
    high = 1.0 if share == 1 else float(centre + reach)
    return {"value": share, "low": low, "high": high}
