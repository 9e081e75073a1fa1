"""A comparison as a picture: each outer split's difference, both ROC and reliability curves."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from retention.charts.style import DECLINED, NEUTRAL, STAYED, save, style, title
from retention.evaluation.calibration import calibration_points
from retention.harness.errors import UserError
from retention.revisions.compared import Revision, by_split
from retention.revisions.differences import SAME
from retention.revisions.words import conclusion, name
from retention.statistics.ranking import roc_points

BINS = 8
BEFORE, AFTER = STAYED, DECLINED


def draw(path: Path, before: Revision, after: Revision, report: Mapping[str, Any]) -> None:
    """Write the picture. Raises UserError where a revision keeps no outer folds."""
    if before.kept is None or after.kept is None:
        raise UserError(f"there is nothing to draw: {report['compared']['why']}")
    with style():
        figure, axes = plt.subplots(1, 3, figsize=(13, 4.2))
        title(figure, f"{name(report['before'])} → {name(report['after'])}: {conclusion(report)}")
        _differences(axes[0], before, after, report)
        confidence = report["compared"]["confidence"]
        for one, colour in ((before, BEFORE), (after, AFTER)):
            _curves(axes[1], axes[2], one, colour, confidence)
        for axis in axes[1:]:
            axis.plot([0, 1], [0, 1], color=NEUTRAL, linewidth=0.8, linestyle=":")
            axis.legend(loc="lower right")
        axes[1].set(xlabel="false positive rate", ylabel="true positive rate", title="ROC")
        axes[2].set(xlabel="predicted probability", ylabel="observed rate", title="Reliability")
        save(path, figure)


def _differences(axis: Axes, before: Revision, after: Revision, report: Mapping[str, Any]) -> None:
    """Draw the ROC-AUC of each split: differences where there are pairs, else both side by side."""
    [found] = [one for one in report["figures"] if one["figure"] == "roc_auc"]
    compared = report["compared"]
    if compared["how"] == "pairs":
        repeats = range(compared["repeats"])
        values = by_split(after, repeats)["roc_auc"] - by_split(before, repeats)["roc_auc"]
        repeat = np.repeat(np.arange(1, compared["repeats"] + 1), compared["folds"])
        axis.axhline(0, color=NEUTRAL, linewidth=0.8)
        axis.scatter(repeat, values, color=NEUTRAL, s=18, alpha=0.7)
        axis.axhline(found["difference"], color=AFTER)
        if found["verdict"] != SAME:
            axis.axhspan(found["low"], found["high"], color=AFTER, alpha=0.15, linewidth=0)
        axis.set(xlabel="repeat", ylabel="difference", title="ROC-AUC of each fold, after − before")
        axis.set_xticks(range(1, compared["repeats"] + 1))
        return
    for place, (one, colour) in enumerate(((before, BEFORE), (after, AFTER))):
        assert one.kept is not None  # noqa: S101 - for mypy
        values = by_split(one, range(len(one.kept.outer.fold)))["roc_auc"]
        axis.scatter(np.full(len(values), place), values, color=colour, s=18, alpha=0.7)
        axis.plot([place - 0.2, place + 0.2], [values.mean()] * 2, color=colour)
    axis.set(xlim=(-0.6, 1.6), ylabel="ROC-AUC", title="ROC-AUC of each fold, no pairs")
    axis.set_xticks([0, 1], ["before", "after"])


def _curves(roc: Axes, reliability: Axes, one: Revision, colour: str, confidence: float) -> None:
    """Draw both curves of the first repeat, in which each customer has one score."""
    assert one.kept is not None  # noqa: S101 - for mypy
    decline, probability = one.kept.outer.decline, one.kept.probability[0]
    points = roc_points(decline, probability, one.name)
    roc.plot(
        points["false_positive_rate"], points["true_positive_rate"], color=colour, label=one.name
    )
    bins = calibration_points(decline, probability, BINS, confidence)
    reach = np.abs(bins[["low", "high"]].to_numpy().T - bins["observed"].to_numpy())
    reliability.errorbar(
        bins["predicted"],
        bins["observed"],
        yerr=reach,
        color=colour,
        marker="o",
        markersize=4,
        linewidth=1,
        label=one.name,
    )
