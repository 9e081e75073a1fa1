"""Figures and picture of the segments that were found by search."""

import textwrap
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from retention.charts.style import DECLINED, NEUTRAL, STAYED, save, show_percents, style, title
from retention.discovery.found import SUBGROUP
from retention.discovery.rates import with_rates
from retention.discovery.words import descriptions
from retention.texts import Texts

_WIDTH = 86  # characters in a line of a label
_PALE = 0.3


def picture(
    path: Path,
    found: pd.DataFrame,
    reasons: pd.DataFrame,
    overall: float,
    confidence: float,
    texts: Texts,
) -> dict[str, Any]:
    """Draw the segments, and return the figures of metrics/discover.json.

    `found` and `reasons` are the tables of data/discover/, `overall` is the rate of all customers.
    """
    segments = with_rates(with_rates(found, confidence), confidence, "unseen_")
    discovered(path, segments, descriptions(found, reasons, texts), overall, texts)
    return figures(segments)


def figures(found: pd.DataFrame) -> dict[str, Any]:
    """Return what metrics/discover.json has of segments with their rates and those of unseen ones.

    Clusters are counted apart: they differ by construction, and hold nothing.
    """
    rules = found[found["kind"] == SUBGROUP]
    shown = [
        "kind",
        "customers",
        "rate",
        "unseen_rate",
        "folds_found",
        "stability",
        "holds",
        "adds",
    ]
    return {
        "subgroups": len(rules),
        "hold": int((rules["holds"] == True).sum()),  # noqa: E712 - missing is not true
        "add_to_their_parts": int((rules["adds"] == True).sum()),  # noqa: E712
        "of_several_conditions": int((rules["conditions"] > 1).sum()),
        "clusters": len(found) - len(rules),
        "found": {
            str(row["name"]): {name: _plain(row[name]) for name in shown}
            for row in found.to_dict("records")
        },
    }


def _plain(value: Any) -> Any:
    return None if not isinstance(value, str) and pd.isna(value) else value


def discovered(
    path: Path, segments: pd.DataFrame, described: list[str], overall: float, texts: Texts
) -> None:
    """Draw each segment's rate of declines among all its members and among unseen ones.

    `segments` as in `figures`, `described` their words; the highest rate stands on top, and
    subgroups that don't hold are pale. `overall` is the rate of all customers.
    """
    rows = segments.assign(description=described)
    rows = rows.sort_values("rate", kind="stable", ignore_index=True)
    sure = ((rows["kind"] != SUBGROUP) | (rows["holds"] == True)).to_numpy(dtype=bool)  # noqa: E712
    labels = [_label(row, texts) for _, row in rows.iterrows()]
    # As much room for a label as it has lines.
    heights = np.array([label.count("\n") + 1.7 for label in labels])
    places = np.cumsum(heights) - heights / 2
    with style():
        figure, axes = plt.subplots(figsize=(12, 0.17 * heights.sum() + 1.4))
        for part, prefix, colour, shift in (
            ("searched", "", STAYED, 0.3),
            ("unseen", "unseen_", DECLINED, -0.3),
        ):
            for strength, drawn in ((1.0, sure), (_PALE, ~sure)):
                value, low, high = (
                    rows.loc[drawn, f"{prefix}{figure}"].to_numpy(dtype=float)
                    for figure in ("rate", "low", "high")
                )
                axes.errorbar(
                    value,
                    places[drawn] + shift,
                    xerr=np.stack([value - low, high - value]),
                    fmt="o",
                    markersize=4,
                    color=colour,
                    alpha=strength,
                    capsize=2,
                    label=texts.get("discovered", part) if strength == 1.0 else None,
                )
        axes.axvline(
            overall,
            color=NEUTRAL,
            linestyle="--",
            linewidth=1,
            label=texts.get("charts", "all_customers"),
        )
        axes.set_yticks(places, labels)
        for tick, holds in zip(axes.get_yticklabels(), sure, strict=True):
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
