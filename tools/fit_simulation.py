"""Fit the demo store's model to a store: `python -m tools.fit_simulation FOLDER`.

Reads market_file.csv, market_money.csv, market_time.csv and money.csv of a store in FOLDER (the
shop's raw form) and writes retention/demo/store.json, the only thing the simulator depends on.
Deterministic. What leaves the store are summary statistics of three hidden types of customers: the
shares in at most ten intervals per number, with the tails pooled; the latent correlations; the
shares of the categories; log odds of decline; and mean profit by category.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import softmax
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

from retention.contract.columns import CUSTOMER_ID
from retention.demo.store import (
    BINARY,
    CATEGORY,
    LATENT,
    OUTLIER_REVENUE,
    STATISTICS_FILE,
    TYPO_PERIOD,
    TYPO_TIER,
    Floats,
    Integers,
    Margin,
    decline_rates,
    latent_values,
    log_kinds,
    parse_statistics,
)
from retention.demo.words import (
    ACTIVITY,
    DECLINED,
    MARKET_FILE,
    MARKET_MONEY,
    MARKET_TIME,
    MONEY,
    PERIODS,
    PROFIT,
)

# Rounding in the shop's files, in the column's unit; 1 where not named.
STEPS = {
    "marketing_per_month_6m": 0.1,
    "promo_share": 0.01,
    "revenue_previous": 0.5,
    "revenue_current": 0.1,
    PROFIT: 0.01,
}
# Two humps with an empty middle: intervals of equal counts would smear them.
PROMO_EDGES = (0.095, 0.145, 0.195, 0.245, 0.295, 0.345, 0.455, 0.845, 0.895, 0.945, 0.995)
# Shares of the store below the inner edges: narrow at the ends, where the risk is steep.
LEVELS = (0.04, 0.08, 0.2, 0.4, 0.6, 0.8, 0.92, 0.96)
# Numbers with no more values than this have an interval for each.
SINGLE_VALUES = 10
# The values beyond this share of the store at either end are moved into the outer intervals.
TAIL = 0.005
# Tuning: customers, spread as the whole store is, that are added to each interval on average. So no
# value is impossible in a type.
PSEUDO_COUNT = 0.75
# Tuning: inverse strength of the ridge penalty on the slopes of the steady type. The larger, the
# more of the decline can be told from the features.
RIDGE = 0.15
# A share of promotional purchases above this marks the second type that fades.
PROMO_HUMP = 0.5
ITERATIONS = 30


def read_store(folder: Path) -> pd.DataFrame:
    """One row per customer with English names, typos mended, impossible revenues left out."""
    table = pd.read_csv(folder / "market_file.csv").rename(columns=MARKET_FILE)
    table["service_tier"] = table["service_tier"].replace(TYPO_TIER, BINARY["service_tier"][0])
    profit = pd.read_csv(folder / "money.csv", sep=";", decimal=",").rename(columns=MONEY)
    parts = [
        _wide(folder / "market_money.csv", MARKET_MONEY, "revenue"),
        _wide(folder / "market_time.csv", MARKET_TIME, "minutes"),
        profit,
    ]
    for part in parts:
        table = table.merge(part, on=CUSTOMER_ID, validate="one_to_one")
    regular = (table[["revenue_before_previous", "revenue_previous"]] > 0).all(axis=1)
    return table[regular & (table["revenue_current"] < OUTLIER_REVENUE / 2)].reset_index(drop=True)


def fit(table: pd.DataFrame) -> dict[str, Any]:
    """Content of store.json for a table of `read_store`.

    Expectation maximisation over the hidden types (Dempster, Laird & Rubin, *JRSS B* 39, 1977). It
    starts from the steady customers, those who declined, and those who declined and buy mostly on
    promotion. The label takes part, so that a type is also what declines alike.
    """
    decline = (table[ACTIVITY] == DECLINED).to_numpy().astype(int)
    declined_on_promotion = (decline == 1) & (table["promo_share"].to_numpy() > PROMO_HUMP)
    start = np.eye(3)[decline + declined_on_promotion] + 0.05
    members = start / start.sum(axis=1, keepdims=True)
    for _ in range(ITERATIONS):
        content = _parameters(table, decline, members)
        statistics = parse_statistics(content)
        values = latent_values(table, statistics)
        joint = log_kinds(values, LATENT, table[CATEGORY], statistics)
        rates = [decline_rates(values, table[CATEGORY], kind) for kind in statistics.kinds]
        rate = np.column_stack(rates)
        members = softmax(joint + np.log(np.where(decline[:, None] == 1, rate, 1 - rate)), axis=1)
    return content


def _parameters(table: pd.DataFrame, decline: Integers, members: Floats) -> dict[str, Any]:
    """Return the best fit if customers belong to the types by the weights (n, types)."""
    coded = table.assign(**{name: (table[name] == BINARY[name][1]) * 1 for name in BINARY})
    margins = {name: _fit_margin(coded[name], members) for name in LATENT}
    profit = _fit_margin(table[PROFIT], np.ones((len(table), 1)))
    shift = table.groupby(CATEGORY)[PROFIT].mean() - table[PROFIT].mean()
    kinds = [_fit_kind(coded, decline, margins, members, kind) for kind in range(members.shape[1])]
    return {
        "kinds": kinds,
        "margins": {name: _margin_content(margin) for name, margin in margins.items()},
        "profit": _margin_content(profit),
        "profit_shift": {str(name): _rounded(each) for name, each in shift.items()},
        "tuning": {"pseudo_count": PSEUDO_COUNT, "ridge": RIDGE},
    }


def _fit_margin(values: pd.Series, members: Floats) -> Margin:
    """Shares of each type between common edges, half a step off the values that occur."""
    step = STEPS.get(str(values.name), 1.0)
    if values.name == "promo_share":
        edges = np.array(PROMO_EDGES)
    else:
        edges = (_edge_codes(np.rint(values.to_numpy(dtype=float) / step)) + 0.5) * step
    empty = Margin(step, edges, np.ones((1, len(edges) - 1)))
    inside = empty.clip(values.to_numpy(dtype=float))
    # An interval that happens to be empty in all types counts as one customer.
    pooled = np.maximum(np.histogram(inside, edges)[0], 1) / len(inside)
    added = PSEUDO_COUNT * len(pooled) * pooled
    counts = [np.histogram(inside, edges, weights=each)[0] + added for each in members.T]
    shares = _smoothed(np.array(counts), pooled)
    return Margin(step, edges, shares / shares.sum(axis=1, keepdims=True))


def _smoothed(counts: Floats, pooled: Floats) -> Floats:
    """Return counts (types, k) whose ratio to the whole store is averaged with the two neighbours'.

    The risk changes smoothly with a number; steps from chance would be a gift to a tree.
    """
    ratio = np.pad(counts / pooled, ((0, 0), (1, 1)), mode="edge")
    return np.asarray(pooled * (ratio[:, :-2] + 6 * ratio[:, 1:-1] + ratio[:, 2:]) / 8)


def _fit_kind(
    coded: pd.DataFrame,
    decline: Integers,
    margins: dict[str, Margin],
    members: Floats,
    kind: int,
) -> dict[str, Any]:
    weights = members[:, kind]
    categories = pd.get_dummies(coded[CATEGORY], dtype=float)
    counts = weights @ categories.to_numpy() + PSEUDO_COUNT
    correlation = _fit_correlation(coded, margins, weights, kind)
    if kind == 0:
        intercept, slopes = _fit_decline(coded, categories, decline, weights)
    else:
        rate = (weights @ decline + 0.5) / (weights.sum() + 1)
        intercept, slopes = _rounded(np.log(rate / (1 - rate))), {}
    return {
        "categories": dict(zip(categories, _rounded(counts / counts.sum()), strict=True)),
        "correlation": [_rounded(correlation[i, :i], 3) for i in range(len(LATENT))],
        "intercept": intercept,
        "slopes": slopes,
        "weight": _rounded(weights.mean()),
    }


def _fit_correlation(
    coded: pd.DataFrame, margins: dict[str, Margin], weights: Floats, kind: int
) -> Floats:
    columns = []
    for name in LATENT:
        values = margins[name].clip(coded[name].to_numpy(dtype=float))
        lower, upper = margins[name].interval(values, kind)
        columns.append(norm.ppf((lower + upper) / 2))
    covariance = np.cov(np.array(columns), aweights=weights)
    deviation = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(deviation, deviation))


def _fit_decline(
    coded: pd.DataFrame, categories: pd.DataFrame, decline: Integers, weights: Floats
) -> tuple[float, dict[str, float]]:
    """Intercept and slopes per unit of the log odds of decline, by penalised regression."""
    numbers = coded[list(LATENT)].astype(float)
    mean, deviation = numbers.mean(), numbers.std()
    design = np.hstack([(numbers - mean) / deviation, categories])
    model = LogisticRegression(C=RIDGE, max_iter=1000).fit(design, decline, sample_weight=weights)
    slopes = model.coef_[0, : len(LATENT)] / deviation
    intercept = model.intercept_[0] - slopes @ mean
    named = {**slopes, **dict(zip(categories, model.coef_[0, len(LATENT) :], strict=True))}
    return _significant(intercept), {name: _significant(each) for name, each in named.items()}


def _wide(path: Path, headers: dict[str, str], quantity: str) -> pd.DataFrame:
    table = pd.read_csv(path).rename(columns=headers)
    names = {**PERIODS, TYPO_PERIOD: "previous"}
    table["column"] = f"{quantity}_" + table["period"].map(names)
    return table.pivot(index=CUSTOMER_ID, columns="column", values=quantity).reset_index()


def _edge_codes(codes: Floats) -> Floats:
    """Codes after which an interval ends (the first one: before which the lowest begins)."""
    low, high = np.quantile(codes, [TAIL, 1 - TAIL], method="nearest")
    if high - low < SINGLE_VALUES:
        return np.arange(low - 1, high + 1)
    # No edge needs the exact value of a customer.
    coarse = 10 ** max(0, int(np.log10(high - low)) - 2)
    low, high = np.floor(low / coarse) * coarse, np.ceil(high / coarse) * coarse
    inner = np.rint(np.quantile(codes, LEVELS) / coarse) * coarse
    return np.unique([low - 1, *inner[(inner >= low) & (inner < high)], high])


def _margin_content(margin: Margin) -> dict[str, Any]:
    return {
        "edges": [round(float(each), 3) for each in margin.edges],
        "shares": [_rounded(each) for each in margin.shares],
        "step": margin.step,
    }


def _rounded(values: Any, decimals: int = 4) -> Any:
    return np.round(values, decimals).tolist()


def _significant(value: float, digits: int = 5) -> float:
    return float(f"{value:.{digits}g}")


def main() -> None:
    """Fit the store in the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with the four files of a store")
    content = fit(read_store(parser.parse_args().folder))
    # Declared, not fitted: these stay as they are.
    declared = json.loads(STATISTICS_FILE.read_text(encoding="utf-8"))
    content |= {name: declared[name] for name in ("answers", "next_month")}
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    STATISTICS_FILE.write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
