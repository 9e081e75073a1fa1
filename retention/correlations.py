"""Which columns go together: φK between columns of any kind, Spearman between numbers."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
import phik


def phik_tables(
    table: pd.DataFrame, numbers: Sequence[str], bins: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return φK and the significance (in standard deviations) of each pair of columns.

    Numbers are cut into `bins` of equal width; φK is 0 for independence, 1 for dependence
    (Baak et al. 2020, https://doi.org/10.1016/j.csda.2020.107043). The rows must not be resampled:
    ties inflate φK. The significance is the asymptotic one, which draws nothing at random.
    """
    settings = {"interval_cols": list(numbers), "bins": bins, "verbose": False, "njobs": 1}
    order = list(table.columns)
    correlation = phik.phik_matrix(table, **settings)
    significance = phik.significance_matrix(table, significance_method="asymptotic", **settings)
    return correlation.loc[order, order], significance.loc[order, order]


def pairs_above(matrix: pd.DataFrame, limit: float, measure: str) -> pd.DataFrame:
    """Return the pairs whose absolute value is above the limit, the largest first.

    Columns: `measure`, `first`, `second`, `value`.
    """
    names, values = list(matrix.columns), matrix.to_numpy(dtype=np.float64)
    rows = [
        {"measure": measure, "first": names[i], "second": names[j], "value": values[i, j]}
        for i, j in itertools.combinations(range(len(names)), 2)
        if abs(values[i, j]) > limit
    ]
    pairs = pd.DataFrame(rows, columns=["measure", "first", "second", "value"])
    return pairs.sort_values("value", key=abs, ascending=False, kind="stable", ignore_index=True)
