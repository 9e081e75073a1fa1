"""Favourite categories as segments: resilience, profit, a series by period, who declines within."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from retention.contract.columns import CATEGORY, DECLINE, PROFIT
from retention.exploration import favourite_categories
from retention.segments.declared import profit_at_risk
from retention.statistics.intervals import Interval, rate_interval
from retention.statistics.significance import fisher_p, holm


def category_segments(
    table: pd.DataFrame, periods: Sequence[str], confidence: float
) -> pd.DataFrame:
    """Return what is known of each favourite category's customers, the most declining first.

    `periods` are the columns of a series, the oldest first, or none.

    Returns
    -------
    pandas.DataFrame
        `category`, `customers`; `decline_rate`, `low`, `high` (Wilson); `p`: Fisher's
        exact test of its declines against all other customers', `p_adjusted` by Holm over the
        categories; `resilient`: significantly fewer declines than the others, at 1 - `confidence`;
        `profit` with its limits: mean per customer and month (Student); `profit_at_risk`:
        Σ probability x profit; the means of the `periods`; `trend` with its limits: change of
        the mean from the first period to the last, as a share. Missing where a category has too
        few customers, or all.

    """
    found = favourite_categories(table, confidence)
    declined = table[DECLINE].to_numpy() == 1
    rows: list[dict[str, Any]] = []
    for category in found[CATEGORY]:
        inside = (table[CATEGORY] == category).to_numpy()
        part = table[inside]
        trend = trend_of(part, periods, confidence)
        rows.append(
            {
                "p": fisher_p(inside, declined),
                "fewer": declined[inside].mean() < declined.mean(),
                "profit_at_risk": profit_at_risk(part),
                **{period: part[period].mean() for period in periods},
                "trend": trend["value"],
                "trend_low": trend["low"],
                "trend_high": trend["high"],
            }
        )
    more = pd.DataFrame(rows)
    more.insert(1, "p_adjusted", holm(more["p"].to_numpy()))
    more.insert(2, "resilient", (more["p_adjusted"] < 1 - confidence) & more.pop("fewer"))
    rates = [CATEGORY, "customers", "decline_rate", "low", "high"]
    return pd.concat(
        [found[rates], more.iloc[:, :3], found.drop(columns=rates), more.iloc[:, 3:]], axis=1
    )


def within_categories(
    table: pd.DataFrame, inside: "pd.Series[bool]", confidence: float
) -> pd.DataFrame:
    """Return declines within each category of those `inside` some segment and of the others.

    Two rows a category: `inside` tells them apart. `decline_rate`,
    `low`, `high`: observed (Wilson), missing without customers. `p`: Fisher's exact test between
    the two, `p_adjusted` by Holm over the categories; the same in both rows.
    """
    groups = dict(list(table.groupby(CATEGORY)))
    flags = {name: inside.loc[part.index].to_numpy(dtype=bool) for name, part in groups.items()}
    p = np.array(
        [fisher_p(flags[name], part[DECLINE].to_numpy() == 1) for name, part in groups.items()]
    )
    adjusted = holm(p)
    rows = []
    for number, (name, part) in enumerate(groups.items()):
        for side in (True, False):
            declines = part.loc[flags[name] == side, DECLINE]
            rate = rate_interval(int(declines.sum()), len(declines), confidence)
            rows.append(
                {
                    CATEGORY: name,
                    "inside": side,
                    "customers": len(declines),
                    "decline_rate": rate["value"],
                    "low": rate["low"],
                    "high": rate["high"],
                    "p": p[number],
                    "p_adjusted": adjusted[number],
                }
            )
    return pd.DataFrame(rows)


def profit_difference(table: pd.DataFrame) -> dict[str, float]:
    """Return Kruskal and Wallis's H, and its p, that profit is alike in all categories.

    Missing with one category only, or with the same profit everywhere.
    """
    groups = [part.to_numpy() for _, part in table.groupby(CATEGORY)[PROFIT]]
    if len(groups) < 2 or table[PROFIT].nunique() < 2:
        return {"kruskal_wallis": np.nan, "p": np.nan}
    test = stats.kruskal(*groups)
    return {"kruskal_wallis": float(test.statistic), "p": float(test.pvalue)}


def relative_change(
    before: "pd.Series[float]", after: "pd.Series[float]", confidence: float
) -> Interval:
    """Return by which share the mean of the same customers changed, with Student's interval.

    The ratio of means r = ȳ/x̄ has the standard error s(y - r·x) / (x̄·√n) (linearised: Cochran
    1977, Sampling Techniques, 6.4). One customer has no interval; all is missing where the mean
    was 0 before.
    """
    mean = before.mean() if len(before) else 0.0
    if not mean:
        return {"value": np.nan, "low": np.nan, "high": np.nan}
    ratio = after.mean() / mean
    count = len(before)
    error = (after - ratio * before).std(ddof=1) / (mean * np.sqrt(count))  # nan for one customer
    reach = stats.t.ppf((1 + confidence) / 2, max(count - 1, 1)) * error
    value = ratio - 1
    return {"value": float(value), "low": float(value - reach), "high": float(value + reach)}


def trend_of(table: pd.DataFrame, periods: Sequence[str], confidence: float) -> Interval:
    """Return the `relative_change` from the first period to the last; missing without any."""
    if not periods:
        return {"value": np.nan, "low": np.nan, "high": np.nan}
    return relative_change(table[periods[0]], table[periods[-1]], confidence)


def summarise(
    table: pd.DataFrame, categories: pd.DataFrame, periods: Sequence[str], confidence: float
) -> dict[str, Any]:
    """Return what is known of all categories together, from customers and `category_segments`."""
    return {
        "profit": profit_difference(table),
        "trend": trend_of(table, periods, confidence),
        "categories": len(categories),
        "resilient": int(categories["resilient"].sum()),
    }
