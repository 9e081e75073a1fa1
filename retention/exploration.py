"""How customers who decline differ from those who stay: tables, before any model."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from retention.columns import DECLINE, PROFIT
from retention.scoring import rate_interval


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
    (Cohen's d); a value of a category counts as a column of zeros and ones.
    """
    table = pd.concat(
        [
            customers[list(numbers)],
            pd.get_dummies(customers[list(categories)], prefix_sep="=", dtype=float),
        ],
        axis=1,
    )
    groups = table.groupby(customers[DECLINE].to_numpy())
    mean, variance, size = groups.mean(), groups.var(), groups.size()
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
    rates = declines_by_category(customers, ["favourite_category"], confidence)
    profit = customers.groupby("favourite_category")[PROFIT].agg(["mean", "sem", "size"])
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
    table = joined.rename(columns={"value": "favourite_category"})
    return table.sort_values("decline_rate", ascending=False, kind="stable", ignore_index=True)
