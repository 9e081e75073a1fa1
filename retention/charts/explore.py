"""Pictures of how the classes differ, and of which columns go together."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention.charts.heat import heat_map
from retention.charts.style import DECLINED, NEUTRAL, STAYED, save, show_percents, style, title
from retention.contract.columns import CATEGORY, DECLINE
from retention.texts import Texts

_ROWS_OF_CHARTS = 4  # charts beside one another


def pictures(
    folder: Path,
    customers: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    bins: int,
    confidence: float,
    texts: Texts,
) -> None:
    """Draw all pictures of the stage from its tables by name; histograms have so many `bins`."""
    columns = list(tables["numbers"]["column"].unique())
    numbers(folder / "numbers.png", customers, columns, bins, texts)
    categories(folder / "categories.png", tables["categories"], texts)
    portrait(folder / "portrait.png", tables["portrait"], texts)
    if len(tables["favourite_category"]):
        favourite_categories(
            folder / "favourite_category.png", tables["favourite_category"], confidence, texts
        )
    for key in ("phik", "spearman"):
        associations(folder / f"{key}.png", tables[key].set_index("column"), key, texts)


def numbers(
    path: Path, customers: pd.DataFrame, columns: Sequence[str], bins: int, texts: Texts
) -> None:
    """Draw a histogram of each number, each class scaled to 1."""
    with style():
        lines = -(-len(columns) // _ROWS_OF_CHARTS)
        figure, grid = plt.subplots(
            lines, _ROWS_OF_CHARTS, figsize=(12, 2.4 * lines), squeeze=False
        )
        for axes in grid.flat[len(columns) :]:
            axes.axis("off")
        for axes, column in zip(grid.flat, columns, strict=False):
            known = customers[customers[column].notna()]
            values = known[column]
            distinct = np.sort(values.unique())
            edges = (
                np.append(distinct, distinct[-1] + 1) - 0.5
                if len(distinct) <= bins and (distinct == distinct.round()).all()
                else np.histogram_bin_edges(values, bins)
            )
            for decline, colour, name in ((0, STAYED, "stayed"), (1, DECLINED, "declined")):
                part = values[known[DECLINE] == decline]
                weights = np.full(len(part), 1 / max(len(part), 1))
                label = texts.get("classes", name)
                axes.hist(part, edges, weights=weights, color=colour, alpha=0.55, label=label)
            axes.set_title(texts.column(column))
        grid[0, 0].set_ylabel(texts.get("charts", "share"))
        handles, labels = grid[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper right", ncols=2)
        title(figure, texts.get("charts", "numbers"))
        save(path, figure)


def categories(path: Path, table: pd.DataFrame, texts: Texts) -> None:
    """Draw the share of declines of each value of each category, with its interval."""
    columns = list(table["column"].unique())
    sizes = [int((table["column"] == column).sum()) for column in columns]
    with style():
        figure, grid = plt.subplots(
            len(columns),
            1,
            figsize=(8, 0.45 * sum(sizes) + 1.4),
            sharex=True,
            squeeze=False,
            height_ratios=sizes,
        )
        for axes, column in zip(grid.flat, columns, strict=True):
            _rates(axes, table[table["column"] == column], "value", "decline_rate", texts)
            axes.set_title(texts.column(column))
        show_percents(grid.flat[-1].xaxis, texts)
        grid.flat[-1].set_xlabel(texts.get("charts", "favourite_decline"))
        title(figure, texts.get("charts", "categories"))
        save(path, figure)


def portrait(path: Path, table: pd.DataFrame, texts: Texts) -> None:
    """Draw the differences between who declined and who stayed."""
    rows = table.iloc[::-1]
    labels = [_label(column, texts) for column in rows["column"]]
    with style():
        figure, axes = plt.subplots(figsize=(8, 0.3 * len(rows) + 1))
        colours = [DECLINED if value > 0 else STAYED for value in rows["difference"]]
        axes.barh(labels, rows["difference"], color=colours)
        axes.axvline(0, color=NEUTRAL, linewidth=0.8)
        title(figure, texts.get("charts", "portrait"))
        save(path, figure)


def favourite_categories(path: Path, table: pd.DataFrame, confidence: float, texts: Texts) -> None:
    """Draw decline and profit by favourite category, side by side."""
    rows = table.iloc[::-1]
    with style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2), sharey=True)
        _rates(left, rows, CATEGORY, "decline_rate", texts)
        _rates(right, rows, CATEGORY, "profit", texts, low="profit_low", high="profit_high")
        show_percents(left.xaxis, texts)
        left.set_xlabel(texts.get("charts", "favourite_decline"))
        right.set_xlabel(texts.get("charts", "favourite_profit"))
        text = texts.get("charts", "favourite").format(confidence=texts.percent(confidence))
        title(figure, text)
        save(path, figure)


def associations(path: Path, matrix: pd.DataFrame, key: str, texts: Texts) -> None:
    """Draw a square matrix of associations, its values written in.

    `key` is the measure's name in the texts; only Spearman's has signs. A missing value, of a
    column that never varies, stays white.
    """
    labels, values = texts.columns(matrix.columns), matrix.to_numpy(dtype=np.float64)
    size = 0.55 * len(labels) + 3
    signed = key == "spearman"
    with style():
        figure, axes = plt.subplots(figsize=(size + 1.5, size))
        heat_map(
            axes,
            values,
            [["" if np.isnan(value) else texts.number(value) for value in row] for row in values],
            colours="RdBu_r" if signed else "Reds",
            low=-1 if signed else 0,
            high=1,
            size=7,
            label="",
            texts=texts,
        )
        axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(labels)), labels)
        title(figure, texts.get("charts", key))
        save(path, figure)


def _rates(
    axes: Axes,
    rows: pd.DataFrame,
    name: str,
    value: str,
    texts: Texts,
    low: str = "low",
    high: str = "high",
) -> None:
    labels = [texts.value(text) for text in rows[name]]
    errors = np.stack([rows[value] - rows[low], rows[high] - rows[value]])
    axes.errorbar(rows[value], labels, xerr=errors, fmt="o", color=NEUTRAL, capsize=3)
    axes.margins(y=0.25)
    axes.grid(axis="x", alpha=0.3)


def _label(column: str, texts: Texts) -> str:
    name, _, value = column.partition("=")
    return f"{texts.column(name)} = {texts.value(value)}" if value else texts.column(name)
