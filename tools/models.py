"""The tables of docs/models.md, from what was measured once (docs/models/*.csv)."""

import csv

from tools.tables import ROOT, table

TABLES = (
    "real",
    "segments",
    "loop",
    "search",
    "answers",
    "grids",
    "thinned",
    "combination",
    "insurance",
    "calibration",
    "bounded",
)


def measured(name: str) -> str:
    """Return a table of docs/models/ as it stands there."""
    with (ROOT / f"docs/models/{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    return table(header, rows)
