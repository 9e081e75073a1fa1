"""Figures and pictures of the cuts of numbers, and of how many of them a customer meets."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from retention.charts.style import DECLINED, NEUTRAL, STAYED, save, show_percents, style, title
from retention.contract.columns import DECLINE
from retention.discovery.rates import with_rates, with_sides
from retention.discovery.words import cut_text
from retention.statistics.intervals import Interval
from retention.statistics.ranking import delong_interval
from retention.texts import Texts

_PALE = 0.3


def pictures(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    customers: pd.DataFrame,
    confidence: float,
    texts: Texts,
) -> dict[str, Any]:
    """Draw the cuts and the rules met, and return the figures of metrics/cut.json.

    `tables` are those of data/cut/ by name; `customers` have their outcome, group of
    near-duplicates, and how many rules they meet, found and named ones.
    """
    cuts = with_sides(tables["cuts"], confidence, "unseen_")
    reference = with_sides(tables["reference"], confidence)
    met = with_rates(tables["rules_met"], confidence)
    decline = customers[DECLINE].to_numpy()
    roc_auc = {
        name: delong_interval(
            decline,
            customers[name].to_numpy(dtype=np.float64),
            confidence,
            customers["group"].to_numpy(),
        )
        for name in ("found", "named")
    }
    thresholds(folder / "thresholds.png", cuts, reference, decline.mean(), confidence, texts)
    rules_met(folder / "rules_met.png", met, confidence, texts)
    return figures(cuts, reference, met, roc_auc)


def figures(
    cuts: pd.DataFrame,
    reference: pd.DataFrame,
    rules_met: pd.DataFrame,
    roc_auc: Mapping[str, Interval],
) -> dict[str, Any]:
    """Return what metrics/cut.json has of tables with their rates, and the ROC-AUC of the counts.

    By column the cut, with the rates of customers whom it did not see; by name the reference rules,
    on everybody; by way of counting rules the rate of declines for each number of them.
    """
    shown = ["cut", "direction", "rate", "rest", "found_again", "holds"]
    return {
        "columns": cuts.set_index("column")[shown].to_dict("index"),
        "reference": reference.set_index("name")[["rate", "rest"]].to_dict("index"),
        "rules_met": {
            str(name): {
                "roc_auc": roc_auc[str(name)],
                "rate": {str(row.rules_met): row.rate for row in counts.itertuples()},
            }
            for name, counts in rules_met.groupby("counted", sort=False)
        },
    }


def thresholds(
    path: Path,
    table: pd.DataFrame,
    reference: pd.DataFrame,
    overall: float,
    confidence: float,
    texts: Texts,
) -> None:
    """Draw the share of declines on both sides of each cut; cuts that don't hold are pale.

    `table` and `reference` are those of data/cut/ `with_sides`; `overall` is the share of declines
    of all customers.
    """
    found = table[table["cut"].notna()].sort_values("holds", ascending=False, kind="stable")
    labels = [
        cut_text(row["column"], row["direction"], row["cut"], texts)
        for row in found.to_dict("records")
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


def rules_met(path: Path, table: pd.DataFrame, confidence: float, texts: Texts) -> None:
    """Draw the share of declines by the number of rules met, and how many customers these are.

    `table` is data/cut/rules_met.csv `with_rates`.
    """
    ways = {name: table[table["counted"] == name] for name in ("found", "named")}
    with style():
        figure, panels = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True)
        for axes, (name, colour, label, heading) in zip(
            panels,
            (
                ("found", DECLINED, texts.get("cuts", "unseen"), "found_rules"),
                ("named", NEUTRAL, texts.get("charts", "all_customers"), "reference"),
            ),
            strict=True,
        ):
            _counts(axes, ways[name], colour, label)
            axes.set_title(texts.get("cuts", heading))
            axes.set_xticks(ways[name]["rules_met"])
            axes.set_xlabel(texts.get("cuts", "rules_met_axis"))
            axes.margins(x=0.08)
            axes.grid(axis="y", alpha=0.3)
            axes.legend(loc="upper left")
        panels[0].set_ylabel(texts.get("charts", "favourite_decline"))
        show_percents(panels[0].yaxis, texts)
        panels[0].set_ylim(0, 1.1)
        panels[0].set_yticks(np.linspace(0, 1, 6))
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


def _counts(axes: Axes, rows: pd.DataFrame, colour: str, label: str) -> None:
    known = rows[rows["customers"] > 0]
    places = known["rules_met"]
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
