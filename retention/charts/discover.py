"""Picture of the segments that were found by search."""

import textwrap
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from retention.charts.style import DECLINED, NEUTRAL, STAYED, save, show_percents, style, title
from retention.texts import Texts

_WIDTH = 86  # characters in a line of a label
_PALE = 0.3


def discovered(path: Path, segments: pd.DataFrame, overall: float, texts: Texts) -> None:
    """Draw each segment's rate of declines among training and hold-out customers.

    `segments` is data/discovered.csv; the highest training rate stands on top, and what doesn't
    hold up is pale. `overall` is the rate of all customers.
    """
    rows = segments.sort_values("training_rate", kind="stable", ignore_index=True)
    labels = [_label(row, texts) for _, row in rows.iterrows()]
    # As much room for a label as it has lines.
    heights = np.array([label.count("\n") + 1.7 for label in labels])
    places = np.cumsum(heights) - heights / 2
    with style():
        figure, axes = plt.subplots(figsize=(12, 0.17 * heights.sum() + 1.4))
        for part, colour, shift in (("training", STAYED, 0.3), ("holdout", DECLINED, -0.3)):
            label = texts.get("discovered", part)
            for holds in (True, False):
                chosen = rows["holds"].to_numpy(dtype=bool) == holds
                value, low, high = (
                    rows.loc[chosen, f"{part}_{figure}"].to_numpy(dtype=float)
                    for figure in ("rate", "low", "high")
                )
                axes.errorbar(
                    value,
                    places[chosen] + shift,
                    xerr=np.stack([value - low, high - value]),
                    fmt="o",
                    markersize=4,
                    color=colour,
                    alpha=1 if holds else _PALE,
                    capsize=2,
                    label=label if holds else None,
                )
        axes.axvline(
            overall,
            color=NEUTRAL,
            linestyle="--",
            linewidth=1,
            label=texts.get("charts", "all_customers"),
        )
        axes.set_yticks(places, labels)
        for tick, holds in zip(axes.get_yticklabels(), rows["holds"], strict=True):
            tick.set_alpha(1 if holds else 0.5)
        axes.set_xlim(-0.01, 1.01)
        show_percents(axes.xaxis, texts)
        axes.set_ylim(0, max(heights.sum(), 1))
        axes.grid(axis="x", alpha=0.3)
        axes.set_xlabel(texts.get("discovered", "pale"))
        title(figure, texts.get("discovered", "title"))
        figure.legend(loc="outside lower right", ncols=3)
        save(path, figure)


def _label(row: pd.Series, texts: Texts) -> str:
    size = texts.get("discovered", "size").format(
        customers=row["customers"], stability=texts.number(row["stability"])
    )
    return f"{textwrap.fill(row['description'], _WIDTH)}\n{size}"
