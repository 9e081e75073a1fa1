"""Keep the figures of an example: `python -m tools.example examples/telco`, in the clone it ran in.

Writes figures.csv into that folder, from metrics/; `python -m tools.docs` puts it into the README.
"""

import argparse
import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from retention.harness.files import read_json, write_csv
from tools.tables import ROOT, interval, number, table

TELCO = ROOT / "examples/telco"
METRICS = Path("metrics")
DIGITS = 4


def figures() -> pd.DataFrame:
    """Return what came out of a run: figure, value, and its interval where it has one."""
    prepare, evaluate, offer = (
        read_json(METRICS / f"{name}.json") for name in ("prepare", "evaluate", "offer")
    )
    rules = evaluate["against_rules"]["named"]
    rows = [
        ("customers", {"value": prepare["customers"]}),
        ("share of declines", {"value": prepare["decline_rate"]}),
        ("nested ROC-AUC", evaluate["roc_auc"]),
        *((f"nested ROC-AUC, {n}", one["roc_auc"]) for n, one in evaluate["families"].items()),
        ("ahead of the named rules", {**rules, "value": rules["difference"]}),
        ("calibration slope", evaluate["calibration"]["slope"]),
        ("Brier score", {"value": evaluate["brier"]}),
        ("customers on the list", {"value": offer["customers"]}),
    ]
    return pd.DataFrame([{"figure": name, **_figure(one)} for name, one in rows])


def _figure(one: Mapping[str, Any]) -> dict[str, Any]:
    return {part: one.get(part) for part in ("value", "low", "high")}


def kept(folder: Path) -> str:
    """Return the figures of an example as a table."""
    rows = []
    with (folder / "figures.csv").open(encoding="utf-8", newline="") as file:
        for figure, *found in list(csv.reader(file))[1:]:
            value, low, high = (float(one) if one else None for one in found)
            if low is not None:
                rows.append((figure, interval({"value": value, "low": low, "high": high})))
            elif value is not None:
                rows.append((figure, number(value, 0 if value.is_integer() else 3)))
    return table(("", "value [95 % interval]"), rows)


def main() -> None:
    """Write the figures of the run in this folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="of the example")
    write_csv(parser.parse_args().folder / "figures.csv", figures(), digits=DIGITS)


if __name__ == "__main__":
    main()
