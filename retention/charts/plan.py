"""The plan in pictures: what every budget would bring, and which assumption matters most."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from retention.charts.style import DECLINED, NEUTRAL, STAYED, save, show_numbers, style, title
from retention.texts import Texts

_SHOWN = 12  # assumptions


def pictures(
    folder: Path, tables: Mapping[str, pd.DataFrame], texts: Texts, *, in_money: bool
) -> None:
    """Draw curve.png and tornado.png; neither where there is nothing to draw.

    Of the tables, `curve` and `offers` are those of `planning.curve`, with `own` marking the shop's
    budget among the points, `tornado` is that of `ranges.tornado`. Not `in_money`, increments count
    decliners who are kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    increment = texts.get("charts", "increment" if in_money else "increment_kept")
    if len(tables["curve"]) > 1:
        _curve(folder / "curve.png", tables["curve"], tables["offers"], increment, texts)
    if len(tables["tornado"]):
        _tornado(folder / "tornado.png", tables["tornado"].head(_SHOWN), increment, texts)


def _curve(
    path: Path, points: pd.DataFrame, offers: pd.DataFrame, increment: str, texts: Texts
) -> None:
    with style():
        figure, (above, below) = plt.subplots(
            2, 1, figsize=(8.5, 6.5), sharex=True, height_ratios=[3, 2]
        )
        title(figure, texts.get("charts", "budget_curve"))
        above.plot(points["budget"], points["increment"], color=STAYED, marker="o", markersize=3)
        above.set_ylabel(increment)
        _mark(above, points, texts)
        table = offers.pivot_table(
            index="budget", columns="offer", values="customers", sort=False, fill_value=0
        )
        table = table.loc[:, (table > 0).any()]
        colours = plt.get_cmap("tab10")(np.arange(table.shape[1]))
        below.stackplot(
            table.index.to_numpy(),
            table.to_numpy().T,
            labels=[texts.offer(str(name), "name") for name in table.columns],
            colors=colours,
        )
        below.set_ylabel(texts.get("charts", "customers"))
        below.set_xlabel(texts.get("charts", "budget"))
        handles, labels = below.get_legend_handles_labels()
        figure.legend(
            handles[::-1], labels[::-1], loc="outside lower center", ncols=2, fontsize="small"
        )
        for axis in (above.xaxis, above.yaxis, below.yaxis):
            show_numbers(axis, texts)
        save(path, figure)


def _mark(axes: Axes, points: pd.DataFrame, texts: Texts) -> None:
    """Mark the shop's own budget, and where more money brings nothing."""
    last = points.iloc[-1]
    axes.plot(last["budget"], last["increment"], marker="o", color=DECLINED, linestyle="none")
    axes.annotate(
        texts.get("charts", "stops_paying").format(
            budget=texts.number(last["budget"], 1), increment=texts.number(last["increment"], 1)
        ),
        (last["budget"], last["increment"]),
        xytext=(-6, -44),  # below the curve, which is flat here
        textcoords="offset points",
        ha="right",
    )
    for _, own in points[points["own"]].iterrows():
        axes.axvline(own["budget"], color=NEUTRAL, linestyle="--", linewidth=1)
        axes.annotate(
            texts.get("charts", "own_budget").format(
                budget=texts.number(own["budget"], 1),
                increment=texts.number(own["increment"], 1),
                price=texts.number(own["price"], 2),
            ),
            (own["budget"], own["increment"]),
            xytext=(6, -14),
            textcoords="offset points",
        )


def _tornado(path: Path, tornado: pd.DataFrame, increment: str, texts: Texts) -> None:
    with style():
        figure, axes = plt.subplots(figsize=(9.5, 0.45 * len(tornado) + 1.4))
        title(figure, texts.get("charts", "tornado"))
        place = np.arange(len(tornado))[::-1]
        # Where all assumptions are at their means, every bar has the same value.
        for end, colour, label in (("at_low", STAYED, "low"), ("at_high", DECLINED, "high")):
            other = "at_high" if end == "at_low" else "at_low"
            middle = (tornado[end] + tornado[other]) / 2
            axes.barh(
                place,
                tornado[end] - middle,
                left=middle,
                color=colour,
                height=0.6,
                label=texts.get("charts", f"assumption_{label}"),
            )
        labels = [texts.assumption(str(name)) for name in tornado["assumption"]]
        axes.set_yticks(place, [label.replace(": ", ":\n", 1) for label in labels])
        axes.set_xlabel(increment)
        show_numbers(axes.xaxis, texts)
        figure.legend(loc="outside lower center", ncols=2)
        save(path, figure)
