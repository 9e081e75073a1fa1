"""The tables of docs/models.md, from what `python -m benchmarks.families` wrote."""

import csv

from tools.tables import ROOT, number, table


def tried(store: str) -> str:
    """Return the table of a store, the best family first."""
    with (ROOT / f"docs/models/{store}.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    header = ["family", "role", "candidates", "ROC-AUC (sd over folds)", "blend gains"]
    return table(
        header,
        [
            [
                row["family"],
                row["role"],
                row["candidates"],
                f"{number(float(row['roc_auc']))} ({number(float(row['sd']))})",
                _gain(row),
            ]
            for row in found
        ],
    )


def _gain(row: dict[str, str]) -> str:
    if not row["blend_gains"]:
        return ""
    value, low, high = (number(float(row[key]), 4) for key in ("blend_gains", "low", "high"))
    return f"{value} [{low}; {high}]"
