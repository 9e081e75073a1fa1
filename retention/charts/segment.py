"""Pictures of the declared segments, of bands of risk and profit, and of favourite categories."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention.charts.heat import contribution_map, heat_map
from retention.charts.style import (
    DECLINED,
    NEUTRAL,
    STAYED,
    save,
    show_numbers,
    show_percents,
    style,
    title,
)
from retention.contract.columns import CATEGORY, CUSTOMER_ID, DECLINE, PROBABILITY, PROFIT
from retention.statistics.intervals import rate_interval
from retention.texts import Texts


def pictures(
    folder: Path,
    customers: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    summary: Mapping[str, Any],
    confidence: float,
    texts: Texts,
) -> None:
    """Draw all pictures of the stage.

    `tables` are those of the stage by name, `summary` is data/segment/category_summary.json.
    """
    declined, trend = customers[DECLINE], summary["trend"]["value"]
    known = customers[[CUSTOMER_ID, DECLINE]].merge(
        tables["members"], on=CUSTOMER_ID, validate="one_to_one"
    )
    members = known[tables["reasons"]["segment"]]
    decline_rates(folder / "decline_rates.png", declined, members, confidence, texts)
    reasons(folder / "reasons.png", tables["reasons"].set_index("segment"), texts)
    if len(tables["risk_profit"]):  # the shop knows a profit
        risk_and_profit(folder / "risk_and_profit.png", known, texts)
        matrix(folder / "matrix.png", tables["risk_profit"], confidence, texts)
    if len(tables["categories"]):
        categories(
            folder / "categories.png",
            tables["categories"],
            declined.mean(),
            trend,
            confidence,
            texts,
        )
    if len(tables["within_categories"]):
        label = texts.segment("within_categories")
        within(
            folder / "within_categories.png",
            tables["within_categories"],
            label,
            confidence,
            texts,
        )


def decline_rates(
    path: Path, declined: "pd.Series[int]", members: pd.DataFrame, confidence: float, texts: Texts
) -> None:
    """Draw the share of declines of each segment that has customers, with its Wilson interval.

    `members` has a column of zeros and ones a segment, rows as in `declined`.
    """
    inside = members.astype(bool).loc[:, ::-1]
    found = {name: declined[flags] for name, flags in inside.items() if flags.any()}
    rates = pd.DataFrame(
        [rate_interval(int(part.sum()), len(part), confidence) for part in found.values()],
        columns=["value", "low", "high"],
    )
    labels = [f"{texts.segment(str(name))}, {len(part)}" for name, part in found.items()]
    with style():
        figure, axes = plt.subplots(figsize=(9, 0.4 * len(found) + 1.2))
        errors = np.stack([rates["value"] - rates["low"], rates["high"] - rates["value"]])
        axes.errorbar(rates["value"], labels, xerr=errors, fmt="o", color=DECLINED, capsize=3)
        label = texts.get("charts", "all_customers")
        axes.axvline(declined.mean(), color=NEUTRAL, linestyle="--", linewidth=1, label=label)
        axes.set_xlim(0, 1)
        show_percents(axes.xaxis, texts)
        axes.grid(axis="x", alpha=0.3)
        title(figure, texts.get("charts", "segments"))
        figure.legend(loc="outside upper right")
        save(path, figure)


def risk_and_profit(path: Path, table: pd.DataFrame, texts: Texts) -> None:
    """Draw each customer's probability of decline and profit, coloured by what happened."""
    with style():
        figure, axes = plt.subplots(figsize=(8, 4.5))
        for decline, colour, name in ((0, STAYED, "stayed"), (1, DECLINED, "declined")):
            part = table[table[DECLINE] == decline]
            label = texts.get("classes", name)
            axes.scatter(part[PROBABILITY], part[PROFIT], 10, colour, alpha=0.6, label=label)
        show_numbers(axes.xaxis, texts)
        axes.set_xlabel(texts.column(PROBABILITY))
        axes.set_ylabel(texts.column(PROFIT))
        title(figure, texts.get("charts", "risk_profit"))
        figure.legend(loc="outside upper right", ncols=2)
        save(path, figure)


def reasons(path: Path, contributions: pd.DataFrame, texts: Texts) -> None:
    """Draw the mean SHAP value (log-odds) of each column in each segment.

    An empty segment stays white. The columns that matter most over all segments come first.
    """
    order = contributions.abs().mean().sort_values(ascending=False, kind="stable").index
    names = [texts.segment(str(name)) for name in contributions.index]
    with style():
        figure, axes = plt.subplots(
            figsize=(0.5 * len(order) + 5, max(0.36 * len(contributions) + 2.4, 3.2))
        )
        contribution_map(axes, contributions[order], names, texts)
        title(figure, texts.get("charts", "segment_reasons"))
        save(path, figure)


def matrix(path: Path, table: pd.DataFrame, confidence: float, texts: Texts) -> None:
    """Draw the table of `retention.segments.bands`: high risk on top, high profit right.

    The colour is the profit at risk.
    """
    risks, profits = list(table["risk"].unique())[::-1], list(table["profit_quantile"].unique())
    rows = {(row["risk"], row["profit_quantile"]): row for row in table.to_dict("records")}
    values = table.pivot(index="risk", columns="profit_quantile", values="profit_at_risk")
    shown = values.loc[risks, profits].to_numpy()
    cells = [[_cell(rows[risk, profit], texts) for profit in profits] for risk in risks]
    with style():
        figure, axes = plt.subplots(figsize=(2.2 * len(profits) + 2, 1.05 * len(risks) + 1.5))
        heat_map(
            axes,
            shown,
            cells,
            colours="Reds",
            low=0,
            high=max(shown.max(), 1e-9),
            size=8,
            label=texts.get("charts", "profit_at_risk"),
            texts=texts,
        )
        axes.set_yticks(range(len(risks)), [_band(risk, texts) for risk in risks])
        labels = [_profits(rows[risks[0], profit], texts) for profit in profits]
        axes.set_xticks(range(len(profits)), labels)
        axes.set_ylabel(texts.column("probability"))
        axes.set_xlabel(texts.get("charts", "profit_bands"))
        title(figure, texts.get("charts", "matrix").format(confidence=texts.percent(confidence)))
        save(path, figure)


def categories(
    path: Path,
    table: pd.DataFrame,
    decline: float,
    trend: float | None,
    confidence: float,
    texts: Texts,
) -> None:
    """Draw each category's declines and the trend of its revenue, the most resilient on top.

    `table` is that of `segments.categories.category_segments`, `decline` and `trend` are those
    of all customers.
    """
    positions = np.arange(len(table))
    with style():
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(10, 0.45 * len(table) + 1.6), sharey=True
        )
        for resilient, colour, key in ((True, STAYED, "resilient"), (False, NEUTRAL, "other")):
            part = (table["resilient"] == resilient).to_numpy()
            label = texts.get("charts", key)
            _points(left, table[part], positions[part], "decline_rate", "", colour, label)
            _points(right, table[part], positions[part], "trend", "trend_", colour, label)
        for axes, overall, key in ((left, decline, "favourite_decline"), (right, trend, "trend")):
            everybody = texts.get("charts", "all_customers")
            if overall is not None:  # nobody's revenue can be compared with none
                axes.axvline(overall, color=DECLINED, linestyle="--", linewidth=1, label=everybody)
            axes.set_xlabel(texts.get("charts", key))
            show_percents(axes.xaxis, texts)
        names = zip(table[CATEGORY], table["customers"], strict=True)
        left.set_yticks(positions, [f"{texts.value(name)}, {count}" for name, count in names])
        left.margins(y=0.15)
        title(
            figure, texts.get("charts", "resilience").format(confidence=texts.percent(confidence))
        )
        figure.legend(*left.get_legend_handles_labels(), loc="outside lower right", ncols=3)
        save(path, figure)


def within(path: Path, table: pd.DataFrame, segment: str, confidence: float, texts: Texts) -> None:
    """Draw each category's declines inside a segment, which is called so, and outside of it.

    `table` is that of `retention.segments.categories.within_categories`.
    """
    names = list(table[CATEGORY].unique())[::-1]
    places = {name: number for number, name in enumerate(names)}
    with style():
        figure, axes = plt.subplots(figsize=(9, 0.6 * len(names) + 1.4))
        for inside, colour, label, shift in (
            (True, DECLINED, segment, 0.13),
            (False, STAYED, texts.get("charts", "within_others"), -0.13),
        ):
            part = table[(table["inside"] == inside) & (table["customers"] > 0)]
            positions = part[CATEGORY].map(places).to_numpy() + shift
            _points(axes, part, positions, "decline_rate", "", colour, label)
            for high, position, count in zip(
                part["high"], positions, part["customers"], strict=True
            ):
                axes.annotate(
                    str(count),
                    (high, position),
                    xytext=(5, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=7,
                )
        axes.set_yticks(range(len(names)), [texts.value(name) for name in names])
        axes.set_xlim(-0.02, 1.05)
        axes.margins(y=0.1)
        axes.set_xlabel(texts.get("charts", "favourite_decline"))
        show_percents(axes.xaxis, texts)
        title(figure, texts.get("charts", "within").format(confidence=texts.percent(confidence)))
        figure.legend(loc="outside lower right", ncols=2)
        save(path, figure)


def _cell(row: Mapping[Any, Any], texts: Texts) -> str:
    if not row["customers"]:
        return texts.get("charts", "matrix_empty")
    rate, low, high = (texts.number(100 * row[key], 0) for key in ("decline_rate", "low", "high"))
    return texts.get("charts", "matrix_cell").format(
        customers=row["customers"],
        rate=rate,
        low=low,
        high=high,
        at_risk=texts.number(row["profit_at_risk"], 0),
    )


def _band(band: str, texts: Texts) -> str:
    return " – ".join(texts.number(float(limit)) for limit in band.split(".."))


def _profits(row: Mapping[Any, Any], texts: Texts) -> str:
    return f"{texts.number(row['profit_from'])} – {texts.number(row['profit_to'])}"


def _points(
    axes: Axes,
    rows: pd.DataFrame,
    positions: np.ndarray,
    value: str,
    limits: str,
    colour: str,
    label: str,
) -> None:
    """Draw values with their limits, the columns `<limits>low` and `<limits>high`."""
    if rows.empty:
        return
    middle, low, high = (rows[name].to_numpy() for name in (value, f"{limits}low", f"{limits}high"))
    errors = np.stack([middle - low, high - middle])
    axes.errorbar(middle, positions, xerr=errors, fmt="o", color=colour, capsize=3, label=label)
    axes.grid(axis="x", alpha=0.3)
