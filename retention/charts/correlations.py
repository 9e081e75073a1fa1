"""Heat maps with numbers."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from retention.charts.style import save, style, title
from retention.texts import Texts


def heat_map(path: Path, matrix: pd.DataFrame, name: str, texts: Texts, *, signed: bool) -> None:
    """Draw a square matrix, its values written in; `signed` ones from -1 to 1, others from 0."""
    labels = texts.columns(matrix.columns)
    size = 0.55 * len(labels) + 3
    with style():
        figure, axes = plt.subplots(figsize=(size + 1.5, size))
        picture = axes.imshow(
            matrix, cmap="RdBu_r" if signed else "Reds", vmin=-1 if signed else 0, vmax=1
        )
        for row, values in enumerate(matrix.to_numpy()):
            for column, value in enumerate(values):
                colour = "white" if abs(value) > 0.6 else "black"
                axes.text(
                    column, row, f"{value:.2f}", ha="center", va="center", color=colour, fontsize=7
                )
        axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(labels)), labels)
        title(figure, name)
        axes.spines[:].set_visible(False)
        figure.colorbar(picture, shrink=0.6)
        save(path, figure)
