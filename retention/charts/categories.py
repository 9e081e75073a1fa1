"""Pictures of the favourite categories."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention.charts.style import DECLINED, NEUTRAL, STAYED, save, show_percents, style, title
from retention.texts import Texts

_CATEGORY = "favourite_category"


def categories(
    path: Path,
    table: pd.DataFrame,
    decline: float,
    trend: float,
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
            axes.axvline(overall, color=DECLINED, linestyle="--", linewidth=1, label=everybody)
            axes.set_xlabel(texts.get("charts", key))
            _percents(axes, texts)
        names = zip(table[_CATEGORY], table["customers"], strict=True)
        left.set_yticks(positions, [f"{texts.value(name)}, {count}" for name, count in names])
        left.margins(y=0.15)
        title(
            figure, texts.get("charts", "resilience").format(confidence=texts.percent(confidence))
        )
        figure.legend(*left.get_legend_handles_labels(), loc="outside lower right", ncols=3)
        save(path, figure)


def promo(
    path: Path, table: pd.DataFrame, promo_share: float, confidence: float, texts: Texts
) -> None:
    """Draw each category's declines by whether its customers buy mostly on promotion.

    `table` is that of `retention.segments.categories.promo_within_categories`.
    """
    names = list(table[_CATEGORY].unique())[::-1]
    places = {name: number for number, name in enumerate(names)}
    with style():
        figure, axes = plt.subplots(figsize=(9, 0.6 * len(names) + 1.4))
        for above, colour, key, shift in (
            (True, DECLINED, "promo_above", 0.13),
            (False, STAYED, "promo_below", -0.13),
        ):
            part = table[(table["promo"] == above) & (table["customers"] > 0)]
            positions = part[_CATEGORY].map(places).to_numpy() + shift
            label = texts.get("charts", key).format(share=texts.number(promo_share))
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
        _percents(axes, texts)
        title(figure, texts.get("charts", "promo").format(confidence=texts.percent(confidence)))
        figure.legend(loc="outside lower right", ncols=2)
        save(path, figure)


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


def _percents(axes: Axes, texts: Texts) -> None:
    show_percents(axes.xaxis, texts)
