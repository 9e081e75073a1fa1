"""Pictures of the cuts of numbers, and of how many of them a customer meets."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from retention.charts.style import DECLINED, NEUTRAL, STAYED, save, show_percents, style, title
from retention.discovery.cuts import ABOVE
from retention.texts import Texts

_PALE = 0.3
_DIGITS = 6  # a cut is shown as it is: rounded, it might pass a customer


def thresholds(
    path: Path,
    table: pd.DataFrame,
    reference: pd.DataFrame,
    overall: float,
    confidence: float,
    texts: Texts,
) -> None:
    """Draw the share of declines on both sides of each cut; cuts that don't hold are pale.

    `table` and `reference` as in data/cuts.csv and data/reference_cuts.csv; `overall` is the share
    of declines of all customers.
    """
    found = table[table["cut"].notna()].sort_values("holds", ascending=False, kind="stable")
    labels = [
        texts.get("cuts", "above" if direction == ABOVE else "at_most").format(
            column=texts.column(column), cut=texts.number(cut, _DIGITS)
        )
        for column, direction, cut in zip(
            found["column"], found["direction"], found["cut"], strict=True
        )
    ]
    names = [texts.segment(name) for name in reference["name"]]
    heights = [max(len(found), 1), len(reference)]
    with style():
        figure, (upper, lower) = plt.subplots(
            2, 1, figsize=(10.5, 0.36 * sum(heights) + 2.4), sharex=True, height_ratios=heights
        )
        _sides(upper, found, labels, found["holds"])
        _sides(lower, reference, names, reference["rate"].notna())
        for axes, rows in ((upper, found), (lower, reference)):
            _beside(axes, 8, texts.get("cuts", "side_share"), rows["share"], texts)
        _beside(upper, 80, texts.get("cuts", "found_again"), found["found_again"], texts)
        upper.set_title(texts.get("cuts", "found"))
        lower.set_title(texts.get("cuts", "reference"))
        for axes in (upper, lower):
            axes.axvline(overall, color=NEUTRAL, linestyle="--", linewidth=1)
        lower.set_xlabel(texts.get("charts", "favourite_decline"))
        show_percents(lower.xaxis, texts)
        lower.set_xlim(0, 1)
        handles = [
            Line2D([], [], color=DECLINED, marker="o", linestyle=""),
            Line2D([], [], color=STAYED, marker="o", linestyle=""),
            Line2D([], [], color=NEUTRAL, linestyle="--", linewidth=1),
        ]
        named = [
            texts.get("cuts", "risky_side"),
            texts.get("cuts", "other_side"),
            texts.get("charts", "all_customers"),
        ]
        figure.legend(handles, named, loc="outside lower right", ncols=3)
        title(figure, texts.get("cuts", "thresholds").format(confidence=texts.percent(confidence)))
        save(path, figure)


def rules_met(
    path: Path, by_count: Mapping[str, pd.DataFrame], confidence: float, texts: Texts
) -> None:
    """Draw the share of declines by the number of rules met, and how many customers these are.

    `by_count` has the rows of data/rules_met.csv for each way of counting.
    """
    with style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True)
        _counts(left, by_count["out_of_fold"], DECLINED, -0.13, texts.get("cuts", "out_of_fold"))
        _counts(left, by_count["holdout"], STAYED, 0.13, texts.get("cuts", "holdout"))
        _counts(right, by_count["reference"], NEUTRAL, 0.0, texts.get("charts", "all_customers"))
        left.set_title(texts.get("cuts", "found_rules"))
        right.set_title(texts.get("cuts", "reference"))
        left.set_ylabel(texts.get("charts", "favourite_decline"))
        show_percents(left.yaxis, texts)
        left.set_ylim(0, 1.1)
        left.set_yticks(np.linspace(0, 1, 6))
        for axes, drawn in ((left, "out_of_fold"), (right, "reference")):
            axes.set_xticks(by_count[drawn]["rules_met"])
            axes.set_xlabel(texts.get("cuts", "rules_met_axis"))
            axes.margins(x=0.08)
            axes.grid(axis="y", alpha=0.3)
            axes.legend(loc="upper left")
        title(figure, texts.get("cuts", "rules_met").format(confidence=texts.percent(confidence)))
        save(path, figure)


def _sides(axes: Axes, rows: pd.DataFrame, labels: list[str], holds: "pd.Series[bool]") -> None:
    """Draw a dumbbell a row, from the rate on the other side to that on the risky side."""
    places, sure = np.arange(len(rows)), holds.to_numpy(dtype=bool)
    for strength, drawn in ((1.0, sure), (_PALE, ~sure)):
        part, at = rows[drawn], places[drawn]
        axes.hlines(at, part["rest"], part["rate"], color=NEUTRAL, alpha=strength * 0.5)
        for value, low, high, colour in (
            ("rest", "rest_low", "rest_high", STAYED),
            ("rate", "low", "high", DECLINED),
        ):
            reach = np.stack([part[value] - part[low], part[high] - part[value]])
            axes.errorbar(
                part[value], at, xerr=reach, fmt="o", color=colour, alpha=strength, capsize=3
            )
    axes.set_yticks(places, labels)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(axis="x", alpha=0.3)


def _beside(axes: Axes, x: float, name: str, shares: "pd.Series[float]", texts: Texts) -> None:
    """Write a column of shares, so many points to the right of the rows."""
    axes.annotate(name, (1, 1), (x, 4), "axes fraction", "offset points", color=NEUTRAL)
    right_end = axes.get_yaxis_transform()
    for place, share in enumerate(shares):
        axes.annotate(
            texts.percent(round(share, 2)),
            (1, place),
            (x, 0),
            right_end,
            "offset points",
            va="center",
            color=NEUTRAL,
            annotation_clip=False,
        )


def _counts(axes: Axes, rows: pd.DataFrame, colour: str, shift: float, label: str) -> None:
    known = rows[rows["customers"] > 0]
    places = known["rules_met"] + shift
    reach = np.stack([known["rate"] - known["low"], known["high"] - known["rate"]])
    axes.errorbar(places, known["rate"], yerr=reach, fmt="o", color=colour, capsize=3, label=label)
    for place, high, customers in zip(places, known["high"], known["customers"], strict=True):
        axes.annotate(
            str(customers),
            (place, high),
            (0, 6),
            textcoords="offset points",
            ha="center",
            color=colour,
            fontsize="small",
        )
