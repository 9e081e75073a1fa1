"""The tables of docs/next-month.md, from what was measured once (docs/next_month/*.csv)."""

import csv
from collections.abc import Callable
from functools import partial

from retention.next_month.expected import FIGURES
from retention.next_month.outcome import QUESTIONS
from tools.tables import ROOT, number, table

WORDS = {
    "roc_auc": "ROC-AUC",
    "precision": "precision",
    "recall": "recall",
    "decline_rate": "decline rate",
}


Rows = list[dict[str, str]]
FOLDER = ROOT / "docs/next_month"


def measured(name: str, make: Callable[[Rows], str]) -> str:
    """Return the table of a topic."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return make(list(csv.DictReader(lines)))


def _percent(share: str) -> str:
    return f"{number(100 * float(share), 1)} %" if share else "–"


def expected(found: Rows) -> str:
    """Return how often each figure came within its interval, and how wide and how far off."""
    rows = [
        [
            row["month"],
            row["model"],
            row["training"],
            row["next"],
            row["months"],
            *(_percent(row[name]) for name in FIGURES),
            number(float(row["roc_auc_width"])),
            number(float(row["decline_rate_off"])),
        ]
        for row in sorted(found, key=lambda row: row["month"] != "the same")
    ]
    header = ["next month", "model", "known", "next", "months"]
    header += [WORDS[name] for name in FIGURES]
    return table([*header, "width of ROC-AUC", "decline rate off by"], rows)


def drift(found: Rows) -> str:
    """Return in how many months something was seen."""
    shown = ["anything", "columns", "whole", "rows taken as independent", "unadjusted"]
    rows = [
        [
            "declared" if float(row["drift"]) else "none",
            row["customers"],
            f"{number(100 * float(row['going on']), 0)} %",
            row["months"],
            *(_percent(row[name]) for name in [*shown, "psi above 0.1"]),
        ]
        for row in sorted(found, key=lambda row: float(row["drift"]))
    ]
    return table(["drift", "customers", "going on", "months", *shown, "PSI above 0.1"], rows)


def outcome(found: Rows) -> str:
    """Return in how many months learning anew was called for."""
    rows = [
        [
            row["month"],
            row["training"],
            row["next"],
            row["months"],
            *(_percent(row[name]) for name in ("anew", *QUESTIONS)),
        ]
        for row in found
    ]
    return table(["next month", "known", "next", "months", "learn anew", *QUESTIONS], rows)


BLOCKS = {
    make.__name__: partial(measured, make.__name__, make) for make in (expected, drift, outcome)
}
