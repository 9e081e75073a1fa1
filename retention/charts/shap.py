"""Pictures of SHAP values."""

import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import shap

from retention.charts.style import NEUTRAL, save, style, title
from retention.texts import Texts


def bar(path: Path, values: pd.DataFrame, texts: Texts) -> None:
    """Draw the mean absolute SHAP value of each column, the strongest on top."""
    strength = values.abs().mean().sort_values(kind="stable")
    with style():
        figure, axes = plt.subplots(figsize=(8, 0.32 * len(strength) + 1))
        bars = axes.barh(texts.columns(strength.index), strength, color=NEUTRAL)
        axes.bar_label(bars, fmt="%.3f", padding=3)
        title(figure, texts.get("charts", "shap_bar"))
        axes.margins(x=0.12)
        save(path, figure)


def beeswarm(
    path: Path, values: pd.DataFrame, features: pd.DataFrame, texts: Texts, seed: int
) -> None:
    """Draw every customer's SHAP values, coloured by the column's value; categories are grey."""
    data = features.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    explanation = shap.Explanation(
        values.to_numpy(), data=data, feature_names=texts.columns(values.columns)
    )
    with style():
        # shap spreads its points with numpy's global generator.
        np.random.seed(seed)  # noqa: NPY002
        figure, axes = plt.subplots()
        with warnings.catch_warnings():
            # Categories have no colour: shap looks for their range all the same.
            warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
            shap.plots.beeswarm(
                explanation,
                max_display=len(values.columns),
                ax=axes,
                plot_size=None,
                show=False,
                color_bar_label=texts.get("charts", "feature_value"),
            )
        figure.set_size_inches(9, 0.35 * len(values.columns) + 1.2)
        axes.set_xlabel(texts.get("charts", "shap_value"))
        title(figure, texts.get("charts", "shap_beeswarm"))
        colour_bar = figure.axes[-1]
        colour_bar.set_yticklabels([texts.get("charts", "low"), texts.get("charts", "high")])
        save(path, figure)
