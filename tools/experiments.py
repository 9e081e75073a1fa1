"""The tables of docs/experiments.md: ready experiments, and how often a comparison is wrong."""

import csv
from collections.abc import Callable

from tools.tables import ROOT, interval, number, table

FOLDER = ROOT / "docs" / "experiments"
VERDICTS = ("log_loss", "brier", "in_the_large", "precision", "recall")


def ready() -> str:
    """Return the ready experiments against the default, as they were compared last."""
    if not (FOLDER / "ready.csv").exists():
        return "Not run yet: `python -m tools.experiment --all` does, and `make docs` after it."
    rows = []
    for one in _read("ready"):
        values = {key: float(one[key] or "nan") for key in ("before", "after", "smallest")}
        ends = {key: float(one[name]) for key, name in _ENDS if one[name]}
        found = interval(ends, 4) if len(ends) == len(_ENDS) else "–"
        others = [
            f"{name.replace('_', ' ')} {one[name]}"
            for name in VERDICTS
            if one[name] not in ("within noise", "the same")
        ]
        rows.append(
            [
                f"`{one['experiment']}`",
                number(values["after"], 4),
                found,
                one["roc_auc"],
                number(values["smallest"], 4) if one["smallest"] else "–",
                ", ".join(others) or "–",
            ]
        )
    header = ["experiment", "ROC-AUC", "difference", "verdict", "visible", "other figures"]
    default = number(float(next(iter(_read("ready")))["before"]), 4)
    return f"The default has {default}.\n\n" + table(header, rows)


_ENDS = (("value", "difference"), ("low", "low"), ("high", "high"))


def noise() -> str:
    """Return how often two runs were said to differ."""
    rows = [
        [
            one["case"],
            one["customers"],
            f"{float(one['any figure']):.1%}",
            f"{float(one['ROC-AUC']):.1%}",
            one["true difference"] or "0",
            f"{float(one['power']):.1%}" if one["power"] else "",
        ]
        for one in _read("noise")
    ]
    header = ["case", "customers", "any figure differs", "ROC-AUC differs", "true difference"]
    return table([*header, "power"], rows)


def _read(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


BLOCKS: dict[str, Callable[[], str]] = {"noise": noise, "ready": ready}
