"""Whether the arms were alike before anything was sent: a check of the draw."""

import numpy as np
import pandas as pd
from scipy.stats import chi2

from retention.campaign.measurement.effect import Flags, Groups, effect
from retention.statistics.intervals import group_sums
from retention.statistics.significance import holm


def balance(
    before: pd.DataFrame, contacted: Flags, groups: Groups, confidence: float
) -> tuple[pd.DataFrame, float]:
    """Return the difference between the arms in each column, and the p of all of them together.

    Categories are compared as the share of each value. Columns of the table: `column`,
    `standardised` (difference over the standard deviation of all), `p` by Welch's t and `p_holm`.
    The p of all together is that of d' S⁻¹ d, where d are the differences of the means and S their
    covariance if the draw was one of whole groups (Hansen & Bowers 2008,
    https://doi.org/10.1214/08-STS254). One draw in twenty has a p below 0.05.
    """
    numbers = pd.get_dummies(before, dtype=np.float64).astype(np.float64)
    rows = []
    for name in numbers.columns:
        values = numbers[name].to_numpy()
        deviation = float(values.std())
        found = effect(values, contacted, groups, confidence)
        standardised = found.value / deviation if deviation else 0.0
        rows.append((name, standardised, found.p))
    table = pd.DataFrame(rows, columns=["column", "standardised", "p"])
    table["p_holm"] = holm(table["p"].to_numpy(dtype=np.float64))
    return table, _together(numbers.to_numpy(), contacted, groups)


def _together(values: "np.ndarray", contacted: Flags, groups: Groups) -> float:
    centred = values - values.mean(axis=0)
    arm = contacted.astype(np.float64)
    sums = group_sums(centred, groups)
    sizes = group_sums(np.ones_like(arm), groups)
    treated = group_sums(arm, groups) / sizes > 0.5
    share = treated.mean()
    count = len(sums)
    difference = sums[treated].sum(axis=0) - share * sums.sum(axis=0)
    spread = np.cov(sums, rowvar=False) * count * share * (1 - share)
    inverse = np.linalg.pinv(np.atleast_2d(spread), hermitian=True)
    statistic = float(difference @ inverse @ difference)
    rank = int(np.linalg.matrix_rank(np.atleast_2d(spread), hermitian=True))
    return float(chi2.sf(statistic, rank))
