"""One look for all pictures, and the same bytes on every run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from PIL import Image

from retention.harness.files import replace
from retention.texts import Texts

DECLINED = "#c8553d"
STAYED = "#3d6f8e"
NEUTRAL = "#6b6b6b"

_STYLE: Any = {
    "figure.dpi": 110,
    "figure.constrained_layout.use": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": "medium",
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "font.size": 9,
    "legend.frameon": False,
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in our style, and close what was drawn."""
    with mpl.rc_context(_STYLE):
        try:
            yield
        finally:
            plt.close("all")


def title(figure: Figure, text: str) -> None:
    """Write a picture's title over its whole width: labels of axes may be long."""
    figure.suptitle(text, x=0.01, ha="left", fontsize="large")


def show_numbers(axis: Axis, texts: Texts) -> None:
    """Write an axis's numbers in the reader's notation."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: texts.number(value)))


def show_percents(axis: Axis, texts: Texts) -> None:
    """Write an axis's shares as percentages, in the reader's notation."""
    axis.set_major_formatter(FuncFormatter(lambda share, _: texts.percent(share)))


def save(path: Path, figure: Figure) -> None:
    """Write a picture as PNG; the version of matplotlib stays out of it.

    Drawn here and once: `savefig` draws a picture with a layout twice.
    """
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    replace(path, lambda target: image.save(target, "png"))
