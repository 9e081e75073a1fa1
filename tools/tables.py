"""Tables and numbers in Markdown."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table in Markdown; the first column is text, the others are numbers."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def number(value: float, digits: int = 3) -> str:
    """Return a number with so many decimals, a zero without a sign."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text


def interval(figure: Mapping[str, Any], digits: int = 3) -> str:
    """Return `value [low; high]`; the value may be called `mean`."""
    value = figure["mean"] if "mean" in figure else figure["value"]
    low, high = number(figure["low"], digits), number(figure["high"], digits)
    return f"{number(value, digits)} [{low}; {high}]"
