"""Segments: named rules over customers and their scores, and what is known of each."""

from typing import Any

import pandas as pd

from retention.contract.columns import (
    CUSTOMER_ID,
    DECLINE,
    PREDICTED,
    PROBABILITY,
    PROFIT,
)
from retention.statistics.intervals import rate_interval


def profit_at_risk(table: pd.DataFrame) -> float:
    """Return Σ probability x profit of scored customers, per month, in the unit of the shop's file.

    It is what would go if every decline lost the customer's whole profit, so an upper bound.
    """
    return float((table[PROBABILITY] * table[PROFIT]).sum(min_count=min(len(table), 1)))


def describe(table: pd.DataFrame, members: pd.DataFrame, confidence: float) -> dict[str, Any]:
    """Return by segment its customers, predicted and observed decline, and profit.

    `probability` is the mean, `predicted_share` the share of predicted declines, `decline_rate` the
    observed share (Wilson). `profit` is the sum over the segment, per month, in the unit of the
    shop's file; `profit_share` is its share of the whole shop's. An empty segment has zeros and
    missing values.
    """
    total = table[PROFIT].sum(min_count=1)
    described = {}
    for name, inside in members.items():
        part = table[inside]
        profit = part[PROFIT].sum(min_count=min(len(part), 1))  # of nobody 0, of nothing known nan
        described[str(name)] = {
            "customers": len(part),
            "probability": part[PROBABILITY].mean(),
            "predicted_share": part[PREDICTED].mean(),
            "decline_rate": rate_interval(int(part[DECLINE].sum()), len(part), confidence),
            "profit": profit,
            "profit_share": profit / total,
            "profit_at_risk": profit_at_risk(part),
        }
    return described


def mean_contributions(
    table: pd.DataFrame, members: pd.DataFrame, shap_values: pd.DataFrame
) -> pd.DataFrame:
    """Return the mean SHAP value of each column (log-odds) over each segment's customers.

    Shape (segments, columns); an empty segment has missing values.
    """
    values = shap_values.set_index(CUSTOMER_ID).drop(columns="base_value")
    values = values.loc[table[CUSTOMER_ID]]
    means = {name: values[inside.to_numpy(dtype=bool)].mean() for name, inside in members.items()}
    return pd.DataFrame(means).T


def typical_reasons(contributions: pd.DataFrame, count: int) -> dict[str, dict[str, float]]:
    """Return by segment the columns that raise its predictions most, and by how much on average.

    At most `count` of the `mean_contributions`, the strongest first; columns that don't raise the
    predictions are no reasons.
    """
    found = {}
    for name, means in contributions.iterrows():
        strongest = means.sort_values(ascending=False, kind="stable").head(count)
        found[str(name)] = {str(key): float(value) for key, value in strongest.items() if value > 0}
    return found


def riskiest(members: pd.DataFrame, described: dict[str, Any]) -> "pd.Series[str]":
    """Return for each customer the segment that surely declines most, "" outside of all.

    That is the one with the highest low end of its decline's interval: by the observed share, the
    smallest segments would win by luck.
    """
    by_risk = sorted(
        (name for name in described if described[name]["customers"]),
        key=lambda name: -described[name]["decline_rate"]["low"],
    )
    found = pd.Series("", index=members.index, dtype="str")
    for name in reversed(by_risk):
        found[members[name].astype(bool)] = name
    return found
