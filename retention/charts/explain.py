"""Pictures of SHAP values, all in log-odds."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from numpy.typing import NDArray

from retention.charts.heat import contribution_map
from retention.charts.style import DECLINED, NEUTRAL, STAYED, save, show_numbers, style, title
from retention.contract.columns import CUSTOMER_ID, DECLINE, PREDICTED, PROBABILITY
from retention.texts import Texts

_DEPENDENCES = 6
_STEPS = 9  # bars in a waterfall, before those of all other columns together
_GROUPS = 10
_COLOURS = "coolwarm"
_JITTER = 0  # seed of how points are spread to be seen apart


def pictures(
    folder: Path, values: pd.DataFrame, customers: pd.DataFrame, scores: pd.DataFrame, texts: Texts
) -> None:
    """Draw all pictures of the stage.

    `values` are the SHAP values with `base_value`, `scores` as in data/scores.parquet. Rows are
    joined by customer id.
    """
    values, scores = (
        customers[[CUSTOMER_ID]].merge(table, on=CUSTOMER_ID, validate="one_to_one")
        for table in (values, scores)
    )
    log_odds = values.drop(columns=[CUSTOMER_ID, "base_value"])
    features, decline = customers[log_odds.columns], customers[DECLINE].to_numpy()
    probability = scores[PROBABILITY]
    shown = three_customers(scores, decline)
    bar(folder / "bar.png", log_odds, texts)
    beeswarm(folder / "beeswarm.png", log_odds, features, texts)
    dependence(folder / "dependence.png", log_odds, features, probability, texts)
    by_risk(folder / "heatmap.png", log_odds, probability, texts)
    waterfalls(folder / "customers.png", shown, values, features, scores, decline, texts)


def three_customers(scores: pd.DataFrame, decline: NDArray[np.int64]) -> dict[str, int]:
    """Return row numbers in data/scores.parquet: the best prediction, an open one, the worst.

    The open one is the least probable of the predicted declines (or, without any, the most
    probable customer): each outer model has a threshold of its own. Of equal ones, the first. The
    names are keys of the texts.
    """
    probability = scores[PROBABILITY].to_numpy()
    predicted = scores[PREDICTED].to_numpy(dtype=bool)
    miss = np.abs(probability - decline)
    open_one = np.argmin(
        np.where(predicted, probability, np.inf if predicted.any() else -probability)
    )
    return {
        "shap_right": int(np.argmin(miss)),
        "shap_at_threshold": int(open_one),
        "shap_wrong": int(np.argmax(miss)),
    }


def bar(path: Path, values: pd.DataFrame, texts: Texts) -> None:
    """Draw the mean absolute SHAP value of each column, the strongest on top."""
    strength = values.abs().mean().sort_values(kind="stable")
    with style():
        figure, axes = plt.subplots(figsize=(8, 0.32 * len(strength) + 1.3))
        bars = axes.barh(texts.columns(strength.index), strength, color=NEUTRAL)
        axes.bar_label(bars, [texts.number(value, 3) for value in strength], padding=3)
        axes.set_xlabel(texts.get("charts", "log_odds"))
        show_numbers(axes.xaxis, texts)
        title(figure, texts.get("charts", "shap_bar"))
        axes.margins(x=0.12)
        save(path, figure)


def beeswarm(path: Path, values: pd.DataFrame, features: pd.DataFrame, texts: Texts) -> None:
    """Draw every customer's SHAP values, coloured by the column's value; categories are grey.

    The columns that matter most stand on top. The colours end at the 5 % and 95 % quantiles.
    """
    order = values.abs().mean().sort_values(kind="stable").index
    with style():
        figure, axes = plt.subplots(figsize=(9, 0.35 * len(order) + 1.2))
        for place, column in enumerate(order):
            heights = place + 0.4 * swarm(values[column].to_numpy())
            if pd.api.types.is_numeric_dtype(features[column]):
                low, high = features[column].quantile([0.05, 0.95])
                shade = ((features[column] - low) / max(high - low, 1e-9)).clip(0, 1)
                axes.scatter(values[column], heights, 7, shade, cmap=_COLOURS, linewidths=0)
            else:
                axes.scatter(values[column], heights, 7, NEUTRAL, linewidths=0)
        axes.axvline(0, color=NEUTRAL, linewidth=0.8)
        axes.set_yticks(range(len(order)), texts.columns(order))
        axes.set_ylim(-0.6, len(order) - 0.4)
        axes.grid(axis="y", alpha=0.3, linestyle=":")
        axes.set_xlabel(texts.get("charts", "shap_value"))
        show_numbers(axes.xaxis, texts)
        bar = figure.colorbar(
            ScalarMappable(cmap=_COLOURS), ax=axes, label=texts.get("charts", "feature_value")
        )
        bar.set_ticks([0, 1], labels=[texts.get("charts", "low"), texts.get("charts", "high")])
        bar.outline.set_visible(False)
        title(figure, texts.get("charts", "shap_beeswarm"))
        save(path, figure)


def swarm(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much each point gives way to others of about the same value, from -1 to 1.

    As in shap's own beeswarm: the points of a hundredth of the range take turns above and below the
    line; a column's widest hundredth fills its room.
    """
    low, high = values.min(), values.max()
    part = np.round(100 * (values - low) / max(high - low, 1e-9)).astype(int)
    turn = pd.Series(part).groupby(part).cumcount().to_numpy()
    steps = np.ceil(turn / 2) * (turn % 2 * 2 - 1)
    spread: NDArray[np.float64] = steps / max(np.abs(steps).max(), 1)
    return spread


def dependence(
    path: Path,
    values: pd.DataFrame,
    features: pd.DataFrame,
    probability: "pd.Series[float]",
    texts: Texts,
) -> None:
    """Draw the SHAP values of the strongest columns over the columns' values.

    A line, or points for categories, gives the mean predicted probability on an axis of its own.
    """
    strongest = values.abs().mean().sort_values(ascending=False, kind="stable").index[:_DEPENDENCES]
    random = np.random.default_rng(_JITTER)
    low, high = values[strongest].min().min(), values[strongest].max().max()
    with style():
        rows = -(-len(strongest) // 3)
        figure, grid = plt.subplots(
            rows, 3, figsize=(12, 3.4 * rows + 0.5), sharey=True, squeeze=False
        )
        for axes, column in zip(grid.flat, strongest, strict=False):
            if pd.api.types.is_numeric_dtype(features[column]):
                where, means = _over_numbers(axes, features[column], values[column], probability)
                show_numbers(axes.xaxis, texts)
                form = "-"
            else:
                where, means = _over_categories(
                    axes, features[column], values[column], probability, texts, random
                )
                form = "D"
            axes.axhline(0, color=NEUTRAL, linewidth=0.8)
            axes.set_xlabel(texts.column(column))
            axes.set_ylim(low - 0.05 * (high - low + 1e-9), high + 0.05 * (high - low + 1e-9))
            beside = axes.twinx()
            beside.plot(where, means, form, color=DECLINED, alpha=0.9)
            beside.set_ylim(0, 1)
            beside.tick_params(axis="y", colors=DECLINED)
            show_numbers(beside.yaxis, texts)
            if axes in grid[:, -1]:
                beside.set_ylabel(texts.get("charts", "shap_mean_probability"), color=DECLINED)
        for axes in grid.flat[len(strongest) :]:
            axes.set_visible(False)
        for axes in grid[:, 0]:
            axes.set_ylabel(texts.get("charts", "log_odds"))
            show_numbers(axes.yaxis, texts)
        title(figure, texts.get("charts", "shap_dependence"))
        save(path, figure)


def _over_numbers(
    axes: Axes, column: "pd.Series[float]", values: "pd.Series[float]", probability: pd.Series
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw the points; return mean value and mean probability by value, or by tenth of them."""
    axes.scatter(column, values, 7, STAYED, alpha=0.4, linewidths=0)
    if column.nunique() <= _GROUPS:
        group: pd.Series = column
    else:
        group = pd.qcut(column, _GROUPS, labels=False, duplicates="drop")
    means = pd.DataFrame({"column": column, "probability": probability}).groupby(group).mean()
    return means["column"].to_numpy(), means["probability"].to_numpy()


def _over_categories(
    axes: Axes,
    column: pd.Series,
    values: "pd.Series[float]",
    probability: pd.Series,
    texts: Texts,
    random: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw the points side by side; return place and mean probability of each category."""
    names = sorted(column.unique())
    place = column.map({name: number for number, name in enumerate(names)}).to_numpy(dtype=float)
    spread = random.uniform(-0.25, 0.25, len(column))
    axes.scatter(place + spread, values, 7, STAYED, alpha=0.4, linewidths=0)
    labels = [texts.value(str(name)) for name in names]
    axes.set_xticks(range(len(names)), labels, rotation=20, ha="right", rotation_mode="anchor")
    axes.tick_params(axis="x", labelsize="x-small")
    means = probability.groupby(place).mean()
    return means.index.to_numpy(dtype=float), means.to_numpy()


def by_risk(
    path: Path, values: pd.DataFrame, probability: "pd.Series[float]", texts: Texts
) -> None:
    """Draw the mean SHAP value of each column in tenths of the customers by probability."""
    rank = probability.rank(method="first").to_numpy() - 1
    groups = min(_GROUPS, len(values))
    tenth = (rank * groups // len(values)).astype(int)
    order = values.abs().mean().sort_values(ascending=False, kind="stable").index
    means = values[order].groupby(tenth).mean().iloc[::-1]
    chances = probability.groupby(tenth).agg(["min", "max"]).iloc[::-1]
    names = [f"{texts.number(low)}–{texts.number(high)}" for low, high in chances.to_numpy()]
    with style():
        figure, axes = plt.subplots(figsize=(0.5 * len(order) + 3.5, 0.36 * groups + 2.8))
        contribution_map(axes, means, names, texts)
        axes.set_ylabel(texts.column("probability"))
        title(figure, texts.get("charts", "shap_by_risk"))
        save(path, figure)


def waterfalls(
    path: Path,
    customers: dict[str, int],
    values: pd.DataFrame,
    features: pd.DataFrame,
    scores: pd.DataFrame,
    decline: NDArray[np.int64],
    texts: Texts,
) -> None:
    """Draw how single customers' log-odds come about, from the base value to the prediction.

    `customers` maps a key of the texts, a panel's name, to a row number; `values` has `base_value`.
    """
    with style():
        figure, panels = plt.subplots(
            len(customers), 1, figsize=(8, 2.9 * len(customers) + 0.5), sharex=True
        )
        for axes, (name, row) in zip(panels, customers.items(), strict=True):
            _waterfall(axes, values.iloc[row], features.iloc[row], texts)
            axes.set_title(
                texts.get("charts", name).format(
                    customer=scores[CUSTOMER_ID].iloc[row],
                    probability=texts.number(scores[PROBABILITY].iloc[row], 3),
                    outcome=texts.get("classes", "declined" if decline[row] else "stayed"),
                )
            )
        panels[-1].set_xlabel(texts.get("charts", "shap_log_odds"))
        show_numbers(panels[-1].xaxis, texts)
        title(figure, texts.get("charts", "shap_customers"))
        save(path, figure)


def _waterfall(axes: Axes, values: pd.Series, known: pd.Series, texts: Texts) -> None:
    single = values[known.index].astype(float)
    order = single.abs().sort_values(ascending=False, kind="stable").index
    steps = single[order[:_STEPS]].to_list()
    labels = [f"{texts.column(column)} = {_shown(known[column], texts)}" for column in order]
    labels = labels[:_STEPS]
    if len(order) > _STEPS:
        steps.append(float(single[order[_STEPS:]].sum()))
        labels.append(texts.get("charts", "shap_others"))
    # From below upwards, the strongest last, as the sum grows from the base to the prediction.
    widths = np.array(steps[::-1])
    starts = float(values["base_value"]) + np.concatenate([[0.0], np.cumsum(widths)[:-1]])
    colours = [DECLINED if width > 0 else STAYED for width in widths]
    bars = axes.barh(labels[::-1], widths, left=starts, color=colours)
    signed = [("+" if width > 0 else "") + texts.number(width) for width in widths]
    axes.bar_label(bars, signed, padding=3, fontsize="x-small")
    for level, colour in ((starts[0], NEUTRAL), (starts[-1] + widths[-1], "black")):
        axes.axvline(level, color=colour, linestyle="--", linewidth=1)
    axes.tick_params(axis="y", labelsize="small")
    # Otherwise a bar that reaches the edge leaves no room for its number.
    axes.use_sticky_edges = False
    axes.margins(x=0.1)


def _shown(value: object, texts: Texts) -> str:
    return texts.value(value) if isinstance(value, str) else texts.number(float(str(value)))
