"""Heat maps with something written in each cell."""

from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from retention.texts import Texts

_DARK = 0.45  # luminance below which black can't be read


def heat_map(
    axes: Axes,
    values: NDArray[np.float64],
    cells: Sequence[Sequence[str]],
    *,
    colours: str,
    low: float,
    high: float,
    size: float,
    label: str,
    texts: Texts,
) -> None:
    """Draw `values`, shape (rows, columns), with `cells` written in; a missing value stays white.

    `low` and `high` are the ends of the colours, `size` is that of the text, `label` says what the
    colours mean.
    """
    picture = axes.imshow(values, cmap=colours, vmin=low, vmax=high, aspect="auto")
    scaled = np.asarray(picture.norm(np.nan_to_num(values, nan=low)))
    shades = np.asarray(mpl.colormaps[colours](scaled))[..., :3]
    dark = (shades @ [0.299, 0.587, 0.114] < _DARK) & ~np.isnan(values)
    for row, line in enumerate(cells):
        for column, text in enumerate(line):
            colour = "white" if dark[row, column] else "black"
            cell = axes.text(
                column, row, text, ha="center", va="center", color=colour, fontsize=size
            )
            cell.set_in_layout(False)  # inside the axes: measuring hundreds takes seconds
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    form = FuncFormatter(lambda value, _: texts.number(value))
    bar = plt.colorbar(picture, ax=axes, format=form, label=label)
    bar.outline.set_visible(False)


def contribution_map(
    axes: Axes, contributions: pd.DataFrame, rows: Sequence[str], texts: Texts
) -> None:
    """Draw mean SHAP values in log-odds, red where a column raises the risk; `rows` are labels."""
    values = contributions.to_numpy()
    reach = max(float(np.nan_to_num(np.abs(values)).max()), 1e-9)
    heat_map(
        axes,
        values,
        [["" if np.isnan(value) else texts.number(value) for value in row] for row in values],
        colours="RdBu_r",
        low=-reach,
        high=reach,
        size=7,
        label=texts.get("charts", "log_odds"),
        texts=texts,
    )
    labels = texts.columns(contributions.columns)
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), rows)
