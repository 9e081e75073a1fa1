"""Pictures of next month: what drifted and what that does, and how it came."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter

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
from retention.texts import Texts

PALE = "#c9c9c9"
_BINS = 20
_COLUMNS = 20  # so many are drawn, what costs most first
_SHAPES = 4  # so many of those that drifted are drawn as they are distributed


def nothing(path: Path, texts: Texts) -> None:
    """Write instead of a picture that outcomes are known, so that there is nothing to expect."""
    with style():
        figure = plt.figure(figsize=(8, 0.6))
        title(figure, texts.get("expect", "nothing"))
        save(path, figure)


def drift(
    path: Path,
    table: pd.DataFrame,
    training: pd.DataFrame,
    following: pd.DataFrame,
    texts: Texts,
) -> None:
    """Draw what each column's drift alone does to the expected figures, and what drifted.

    `table` has the columns of `retention.next_month.drift.ranked`; what didn't drift beyond chance
    is pale. Of what did, the values are drawn, those whom the model learnt from beside next
    month's.
    """
    rows = table.head(_COLUMNS).iloc[::-1]
    shown = table[table["drifted"]].head(_SHAPES)
    above = 0.28 * len(rows) + 1.2
    below = 2.6 if len(shown) else 0.0
    with style():
        figure = plt.figure(figsize=(11, above + below))
        title(figure, texts.get("expect", "columns"))
        parts = figure.subfigures(
            2 if below else 1, 1, squeeze=False, height_ratios=[above, below][: 2 if below else 1]
        )
        _costs(parts[0, 0].subplots(1, 2, sharey=True), rows, texts)
        if below:
            _shapes(parts[1, 0], shown, training, following, texts)
        save(path, figure)


def as_it_came(path: Path, found: Mapping[str, Any], confidence: float, texts: Texts) -> None:
    """Draw what came beside what was expected: the figures, and the declines by band of risk.

    `found` is what `retention.next_month.outcome.outcome` returns.
    """
    bands = pd.DataFrame(found["bands"])
    names = list(found["figures"])
    with style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6))
        for key, offset, colour in (("expected", 0.12, PALE), ("came", -0.12, DECLINED)):
            values = [found["figures"][name][key] for name in names]
            _points(left, values, offset, colour, key, texts)
        left.set_yticks(
            -np.arange(len(names)), [texts.get("expect", "figures", name) for name in names]
        )
        left.set_ylim(-len(names) + 0.5, 0.5)
        left.grid(axis="x", alpha=0.3)
        show_numbers(left.xaxis, texts)
        places = np.arange(len(bands))
        for value, low, high, offset, colour in (
            ("expected", "expected_low", "expected_high", -0.1, PALE),
            ("came", "low", "high", 0.1, DECLINED),
        ):
            errors = np.stack([bands[value] - bands[low], bands[high] - bands[value]])
            right.errorbar(
                places + offset, bands[value], yerr=errors.clip(0), fmt="o", color=colour, capsize=3
            )
        right.set_xticks(places, [_band(row, texts) for row in bands.to_dict("records")])
        right.set_xlabel(texts.get("expect", "band"))
        right.set_ylabel(texts.get("charts", "favourite_decline"))
        right.set_ylim(-0.02, 1.02)
        right.grid(axis="y", alpha=0.3)
        show_percents(right.yaxis, texts)
        text = texts.get("expect", "outcome").format(confidence=texts.percent(confidence))
        title(figure, text)
        figure.legend(loc="outside lower center", ncols=2)
        save(path, figure)


def _costs(axes: Any, rows: pd.DataFrame, texts: Texts) -> None:
    places = np.arange(len(rows))
    colours = np.where(rows["drifted"], DECLINED, PALE)
    shown = (("decline_rate", 100, show_numbers), ("roc_auc", 1, _show_thousandths))
    for each, (name, factor, show) in zip(axes, shown, strict=True):
        each.barh(places, factor * rows[name], color=colours)
        each.set_ylim(-0.7, len(rows) - 0.3)
        each.set_yticks(places, texts.columns(rows["column"]))
        each.set_xlabel(texts.get("expect", f"changes_{name}"))
        each.axvline(0, color=NEUTRAL, linewidth=0.8)
        each.grid(axis="x", alpha=0.3)
        show(each.xaxis, texts)


def _show_thousandths(axis: Axis, texts: Texts) -> None:
    axis.set_major_formatter(FuncFormatter(lambda value, _: texts.number(value, 3)))


def _shapes(
    figure: Any, shown: pd.DataFrame, training: pd.DataFrame, following: pd.DataFrame, texts: Texts
) -> None:
    grid = figure.subplots(1, len(shown), squeeze=False)[0]
    for axes, row in zip(grid, shown.to_dict("records"), strict=True):
        parts = training[row["column"]].dropna(), following[row["column"]].dropna()
        draw = _histograms if row["kind"] == "number" else _bars
        draw(axes, *parts, texts)
        axes.set_title(texts.column(row["column"]))
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)


def _points(
    axes: Axes,
    values: Sequence[Mapping[str, float]],
    offset: float,
    colour: str,
    key: str,
    texts: Texts,
) -> None:
    """Draw a point and its interval for each value that is known, from the top."""
    places = -np.arange(len(values)) + offset
    table = pd.DataFrame([dict(value) for value in values])
    table = table.reindex(columns=["value", "low", "high"]).astype(np.float64)
    errors = np.stack([table["value"] - table["low"], table["high"] - table["value"]])
    axes.errorbar(
        table["value"],
        places,
        xerr=np.nan_to_num(errors).clip(0),
        fmt="o",
        color=colour,
        capsize=3,
        label=texts.get("expect", key),
    )


def _histograms(axes: Axes, training: Any, following: Any, texts: Texts) -> None:
    both = np.concatenate([training, following])
    distinct = np.unique(both)
    edges: Any = (
        np.append(distinct, distinct[-1] + 1) - 0.5
        if len(distinct) <= _BINS and (distinct == distinct.round()).all()
        else np.histogram_bin_edges(both, _BINS)
    )
    for values, colour, key in ((training, STAYED, "training"), (following, DECLINED, "next")):
        weights = np.full(len(values), 1 / max(len(values), 1))
        label = texts.get("expect", key)
        axes.hist(values, edges, weights=weights, color=colour, alpha=0.55, label=label)
    show_numbers(axes.xaxis, texts)
    show_percents(axes.yaxis, texts)


def _bars(axes: Axes, training: Any, following: Any, texts: Texts) -> None:
    shares = pd.DataFrame(
        {
            "training": training.value_counts(normalize=True),
            "next": following.value_counts(normalize=True),
        }
    )
    shares = shares.fillna(0.0).sort_index(ascending=False)
    places = np.arange(len(shares))
    for key, offset, colour in (("training", 0.2, STAYED), ("next", -0.2, DECLINED)):
        label = texts.get("expect", key)
        axes.barh(places + offset, shares[key], 0.4, color=colour, alpha=0.55, label=label)
    axes.set_yticks(places, [texts.value(value) for value in shares.index])
    show_percents(axes.xaxis, texts)


def _band(row: Mapping[Any, Any], texts: Texts) -> str:
    between = f"{texts.number(row['from'])}–{texts.number(row['to'])}"
    return f"{between}\n{row['customers']}"
