"""How customers who decline differ from those who stay: tables, before any model."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from retention.contract.columns import CATEGORY, DECLINE, PROFIT
from retention.statistics.intervals import rate_interval


def numbers_by_class(customers: pd.DataFrame, numbers: Sequence[str]) -> pd.DataFrame:
    """Return mean, sd and quartiles of each number by class: one row a column and class."""
    described = customers.groupby(DECLINE)[list(numbers)].describe().stack(level=0).reset_index()
    described = described.rename(columns={"level_1": "column", "25%": "q25", "50%": "median"})
    table = described.rename(columns={"75%": "q75", "std": "sd", "count": "customers"})
    order = {name: position for position, name in enumerate(numbers)}
    return (
        table[["column", DECLINE, "customers", "mean", "sd", "min", "q25", "median", "q75", "max"]]
        .sort_values(
            ["column", DECLINE], key=lambda key: key.map(order) if key.name == "column" else key
        )
        .reset_index(drop=True)
    )


def declines_by_category(
    customers: pd.DataFrame, categories: Sequence[str], confidence: float
) -> pd.DataFrame:
    """Return for each value of each category its customers and share of declines (Wilson)."""
    rows = []
    for column in categories:
        for value, declines in customers.groupby(column)[DECLINE]:
            rate = rate_interval(int(declines.sum()), len(declines), confidence)
            rows.append(
                {
                    "column": column,
                    "value": value,
                    "customers": len(declines),
                    "decline_rate": rate["value"],
                    "low": rate["low"],
                    "high": rate["high"],
                }
            )
    return pd.DataFrame(rows)


def portrait(
    customers: pd.DataFrame, numbers: Sequence[str], categories: Sequence[str]
) -> pd.DataFrame:
    """Return the portrait of the decliner, the largest difference first.

    `difference` is the difference of the class means in units of their pooled standard deviation
    (Cohen's d); a value of a category counts as a column of zeros and ones. It is missing for a
    column that never varies, and everywhere when one class has nobody.
    """
    table = pd.concat(
        [
            customers[list(numbers)],
            pd.get_dummies(customers[list(categories)], prefix_sep="=", dtype=float),
        ],
        axis=1,
    )
    groups = table.groupby(customers[DECLINE].to_numpy())
    mean, variance = groups.mean().reindex([0, 1]), groups.var().reindex([0, 1])
    size = groups.size().reindex([0, 1])
    pooled = (variance.mul(size - 1, axis=0)).sum() / (size.sum() - 2)
    difference = (mean.loc[1] - mean.loc[0]) / np.sqrt(pooled.where(pooled > 0))
    rows = pd.DataFrame(
        {
            "column": table.columns,
            "declined": mean.loc[1].to_numpy(),
            "stayed": mean.loc[0].to_numpy(),
            "difference": difference.to_numpy(),
        }
    )
    order = rows["difference"].abs().sort_values(ascending=False, kind="stable").index
    return rows.loc[order].reset_index(drop=True)


def favourite_categories(customers: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return decline and mean profit by favourite category, with intervals (Wilson, Student).

    Profit is in the unit of the shop's file, per customer and month.
    """
    rates = declines_by_category(customers, [CATEGORY], confidence)
    profit = customers.groupby(CATEGORY)[PROFIT].agg(["mean", "sem", "size"])
    reach = stats.t.ppf((1 + confidence) / 2, np.maximum(profit["size"] - 1, 1)) * profit["sem"]
    profits = pd.DataFrame(
        {
            "value": profit.index,
            "profit": profit["mean"].to_numpy(),
            "profit_low": (profit["mean"] - reach).to_numpy(),
            "profit_high": (profit["mean"] + reach).to_numpy(),
        }
    )
    joined = rates.drop(columns="column").merge(profits, on="value")
    table = joined.rename(columns={"value": CATEGORY})
    return table.sort_values("decline_rate", ascending=False, kind="stable", ignore_index=True)


def phik_tables(
    table: pd.DataFrame, numbers: Sequence[str], bins: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return φK and the significance (in standard deviations) of each pair of columns.

    Numbers are cut into `bins` of equal width; φK is 0 for independence, 1 for dependence
    (Baak et al. 2020, https://doi.org/10.1016/j.csda.2020.107043). The rows must not be resampled:
    ties inflate φK. The significance is the asymptotic one, which draws nothing at random. A column
    that never varies has missing values.
    """
    import phik  # takes a second, and one stage needs it

    varying = [column for column, values in table.items() if len(values.unique()) > 1]
    if len(varying) < 2:
        nothing = pd.DataFrame(np.nan, index=table.columns, columns=table.columns)
        return nothing, nothing
    settings = {
        "interval_cols": [column for column in numbers if column in varying],
        "bins": bins,
        "verbose": False,
        "njobs": 1,
    }
    correlation = phik.phik_matrix(table[varying], **settings)
    significance = phik.significance_matrix(
        table[varying], significance_method="asymptotic", **settings
    )
    order = {"index": table.columns, "columns": table.columns}
    return correlation.reindex(**order), significance.reindex(**order)


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
