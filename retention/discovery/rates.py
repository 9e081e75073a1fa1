"""Rates of declines, with intervals, from the raw counts that the stages wrote."""

import pandas as pd

from retention.statistics.intervals import rate_interval


def with_rates(table: pd.DataFrame, confidence: float, prefix: str = "") -> pd.DataFrame:
    """Add the `rate` of declines of each row, with `low` and `high` (Wilson).

    The names of the counts, `customers` and `declined`, and those of the rates begin with `prefix`.
    Rates of nobody are missing.
    """
    rates = [
        rate_interval(float(declined), int(customers), confidence)
        for declined, customers in zip(
            table[f"{prefix}declined"], table[f"{prefix}customers"], strict=True
        )
    ]
    names = {"rate": "value", "low": "low", "high": "high"}
    return table.assign(
        **{f"{prefix}{name}": [rate[key] for rate in rates] for name, key in names.items()}
    )


def with_sides(table: pd.DataFrame, confidence: float, prefix: str = "") -> pd.DataFrame:
    """Add `rate`, `low` and `high` of the risky side, `rest…` of the other, and the side's `share`.

    The counts' names begin with `prefix`: `unseen_` for customers whom a cut did not see.
    """
    inside = with_rates(table, confidence, prefix)
    rest = f"{prefix}rest_"
    outside = with_rates(table, confidence, rest)
    everybody = table[f"{prefix}customers"] + table[f"{rest}customers"]
    return table.assign(
        **{name: inside[f"{prefix}{name}"] for name in ("rate", "low", "high")},
        rest=outside[f"{rest}rate"],
        rest_low=outside[f"{rest}low"],
        rest_high=outside[f"{rest}high"],
        share=table[f"{prefix}customers"] / everybody.where(everybody > 0),
    )
