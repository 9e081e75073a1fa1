"""The picture of what a campaign brought: effects with their intervals, beside no effect."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

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

OUTCOMES = ("decline", "net")
_LINE = ["by", "part", "estimate"]
_GOOD, _BAD = STAYED, DECLINED


def picture(path: Path, effects: pd.DataFrame, confidence: float, texts: Texts) -> None:
    """Draw the effects on decline and, where it is known, on profit: overall, by offer, by segment.

    `effects` is as of `measurement.measure.lines`; without rows, the picture says that there was no
    control group. Effects whose interval lies on one side of 0 have a colour, by whether that is
    good for the shop. Parts of too few customers for an interval are left out.
    """
    shown = effects.groupby(_LINE)["low"].transform("count") > 0
    effects = effects[shown]
    outcomes = [name for name in OUTCOMES if (effects["outcome"] == name).any()]
    rows = len(effects[effects["outcome"] == outcomes[0]]) if outcomes else 1
    with style():
        figure, found = plt.subplots(
            1,
            max(1, len(outcomes)),
            figsize=(11 if len(outcomes) > 1 else 8, 0.36 * rows + 1.6),
            squeeze=False,
            sharey=True,
        )
        for axes, outcome in zip(found[0], outcomes, strict=False):
            _effects(axes, effects[effects["outcome"] == outcome], outcome, texts)
        if not outcomes:
            found[0][0].set_axis_off()
            found[0][0].text(0, 0.5, texts.get("measured", "no_control_picture"), wrap=True)
        words = texts.get("charts", "effects").replace("{confidence}", texts.percent(confidence))
        title(figure, words)
        save(path, figure)


def label(by: str, part: str, estimate: str, texts: Texts) -> str:
    """Return what a line of the table of effects is called."""
    if by == "offer":
        return texts.offer(part, "name")
    if by == "segment":
        return texts.segment(part)
    return texts.get("measured", estimate)


def _effects(axes: Axes, part: pd.DataFrame, outcome: str, texts: Texts) -> None:
    place, last, labels = 0.0, "", {}
    for line in part.to_dict("records"):
        place += 0.6 if last and line["by"] != last else 0.0
        last = line["by"]
        good = line["high"] < 0 if outcome == "decline" else line["low"] > 0
        bad = line["low"] > 0 if outcome == "decline" else line["high"] < 0
        colour = _GOOD if good else _BAD if bad else NEUTRAL
        marker = "D" if line["by"] == "all" else "o"
        if line["low"] == line["low"]:  # not nan: only this outcome may have too few
            axes.plot(line["value"], place, marker, color=colour)
            axes.plot([line["low"], line["high"]], [place, place], color=colour, linewidth=1.5)
        sizes = f"{line['contacted']} + {line['control']}"
        labels[place] = f"{label(line['by'], line['part'], line['estimate'], texts)}, {sizes}"
        place += 1
    axes.set_yticks(list(labels), list(labels.values()))
    axes.set_ylim(place - 0.4, -0.6)
    axes.axvline(0, color=NEUTRAL, linestyle="--", linewidth=1)
    axes.grid(axis="x", alpha=0.3)
    axes.set_xlabel(texts.get("measured", f"{outcome}_axis"))
    (show_percents if outcome == "decline" else show_numbers)(axes.xaxis, texts)
