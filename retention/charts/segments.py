"""Pictures of the segments."""

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from retention.charts.heat import contribution_map
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
from retention.contract.columns import DECLINE, PROFIT
from retention.texts import Texts


def decline_rates(path: Path, described: dict[str, Any], overall: float, texts: Texts) -> None:
    """Draw the observed share of declines of each segment that has customers."""
    names = [name for name, segment in described.items() if segment["customers"]][::-1]
    rates = [described[name]["decline_rate"] for name in names]
    values = np.array([rate["value"] for rate in rates])
    errors = np.array(
        [[rate["value"] - rate["low"], rate["high"] - rate["value"]] for rate in rates]
    ).reshape(-1, 2)
    labels = [f"{texts.segment(name)}, {described[name]['customers']}" for name in names]
    with style():
        figure, axes = plt.subplots(figsize=(9, 0.4 * len(names) + 1.2))
        axes.errorbar(values, labels, xerr=errors.T, fmt="o", color=DECLINED, capsize=3)
        label = texts.get("charts", "all_customers")
        axes.axvline(overall, color=NEUTRAL, linestyle="--", linewidth=1, label=label)
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
            axes.scatter(part["probability"], part[PROFIT], 10, colour, alpha=0.6, label=label)
        show_numbers(axes.xaxis, texts)
        axes.set_xlabel(texts.column("probability"))
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
