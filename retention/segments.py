"""Segments: named rules over customers and their scores, and what is known of each."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from retention.columns import CUSTOMER_ID, DECLINE, PREDICTED, PROBABILITY, PROFIT
from retention.rules import Rule
from retention.scoring import rate_interval


def scored_customers(customers: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return the customers with their scores."""
    columns = scores[[CUSTOMER_ID, PROBABILITY, PREDICTED]]
    return customers.merge(columns, on=CUSTOMER_ID, validate="one_to_one")


def memberships(table: pd.DataFrame, rules: Mapping[str, Rule]) -> pd.DataFrame:
    """Return a boolean column for each segment, the rows as in `table`."""
    return pd.DataFrame({name: rule.holds(table) for name, rule in rules.items()})


def describe(table: pd.DataFrame, members: pd.DataFrame, confidence: float) -> dict[str, Any]:
    """Return by segment: customers, mean probability, observed decline, profit and its share.

    The profit is the sum over the segment, per month, in the unit of the shop's file. An empty
    segment has zeros and missing values.
    """
    total = table[PROFIT].sum()
    described = {}
    for name, inside in members.items():
        part = table[inside]
        described[str(name)] = {
            "customers": len(part),
            "probability": part[PROBABILITY].mean(),
            "decline_rate": rate_interval(int(part[DECLINE].sum()), len(part), confidence),
            "profit": part[PROFIT].sum(),
            "profit_share": part[PROFIT].sum() / total,
        }
    return described


def riskiest(members: pd.DataFrame, described: dict[str, Any]) -> "pd.Series[str]":
    """Return for each customer the segment with the highest observed decline, "" outside of all."""
    by_risk = sorted(
        (name for name in described if described[name]["customers"]),
        key=lambda name: -described[name]["decline_rate"]["value"],
    )
    found = pd.Series("", index=members.index, dtype="str")
    for name in reversed(by_risk):
        found[members[name].astype(bool)] = name
    return found
