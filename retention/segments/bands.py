"""Where risk and profit meet: customers by bands of both."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from retention.contract.columns import DECLINE, PROBABILITY, PROFIT
from retention.segments.declared import profit_at_risk
from retention.statistics.intervals import rate_interval

BAND_COLUMNS = [
    "risk",
    "profit_quantile",
    "profit_from",
    "profit_to",
    "customers",
    "probability",
    "decline_rate",
    "low",
    "high",
    "profit",
    "profit_at_risk",
]


def risk_profit_matrix(
    table: pd.DataFrame,
    risk_cuts: Sequence[float],
    profit_quantiles: Sequence[float],
    confidence: float,
) -> pd.DataFrame:
    """Return one row for each band of risk and band of profit, empty ones included.

    A customer on a cut is in the band above it, as in `probability >= threshold`.

    Parameters
    ----------
    table
        Customers with their scores: the probability is that of models that did not see them.
    risk_cuts
        Probabilities, rising.
    profit_quantiles
        Shares of the customers, rising: the cuts are these quantiles of profit.
    confidence
        Level of the intervals.

    Returns
    -------
    pandas.DataFrame
        `risk` and `profit_quantile`: the bands, as `from..to` of probabilities and of quantiles;
        `profit_from`, `profit_to`: the band's limits in the unit of the shop's file; `customers`;
        `probability`, the mean; `decline_rate`, `low`, `high`: observed (Wilson); `profit`, the sum
        per month; `profit_at_risk`. No rows where no profit is known.

    """
    if table[PROFIT].isna().all():
        return pd.DataFrame(columns=BAND_COLUMNS)
    cuts = table[PROFIT].quantile(list(profit_quantiles)).to_numpy()
    limits = [table[PROFIT].min(), *cuts, table[PROFIT].max()]
    risk = np.searchsorted(risk_cuts, table[PROBABILITY], side="right")
    profit = np.searchsorted(cuts, table[PROFIT], side="right")
    rows = []
    for risk_number, risk_band in enumerate(_bands(risk_cuts)):
        for profit_number, profit_band in enumerate(_bands(profit_quantiles)):
            part = table[(risk == risk_number) & (profit == profit_number)]
            rate = rate_interval(int(part[DECLINE].sum()), len(part), confidence)
            rows.append(
                {
                    "risk": risk_band,
                    "profit_quantile": profit_band,
                    "profit_from": limits[profit_number],
                    "profit_to": limits[profit_number + 1],
                    "customers": len(part),
                    "probability": part[PROBABILITY].mean(),
                    "decline_rate": rate["value"],
                    "low": rate["low"],
                    "high": rate["high"],
                    "profit": part[PROFIT].sum(),
                    "profit_at_risk": profit_at_risk(part),
                }
            )
    return pd.DataFrame(rows, columns=BAND_COLUMNS)


def _bands(cuts: Sequence[float]) -> list[str]:
    return [f"{low:g}..{high:g}" for low, high in pairwise([0, *cuts, 1])]
