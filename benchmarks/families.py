"""Which families, grids and subsets of columns were tried, and what each is worth, nested.

`python -m benchmarks.families TABLE`, after `dvc repro`, learns every grid of
benchmarks/families.yaml in the outer splits of the first repeat, and writes a CSV table: each one's
ROC-AUC beside those of params.yaml, and what the blend gains from it as one more member of equal
share (a member: against the blend without it). docs/models.md is made from such tables.
"""

import argparse
from pathlib import Path
from typing import Any

import stages  # noqa: F401 - one thread for linear algebra, before numpy comes

import numpy as np
import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.families import read_grid
from retention.folds import splits
from retention.harness.files import write_csv
from retention.harness.yaml12 import read_yaml
from retention.models.preprocessing import Columns
from retention.selection.nested import nest, split_name
from retention.selection.procedure import Combining, Learning, combine
from retention.selection.search import Race
from retention.statistics.paired import corrected_difference
from retention.statistics.ranking import roc_auc

TRIED = Path(__file__).with_suffix(".yaml")
CONFIDENCE = 0.95


def main() -> None:
    """Measure everything that was tried, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path, help="the CSV file to write")
    target = parser.parse_args().table
    params = read_yaml(Path("params.yaml"))
    columns = Columns(params["features"]["numbers"], params["features"]["categories"])
    customers = pd.read_parquet("data/customers.parquet")
    folds = pd.read_parquet("data/folds.parquet")
    features, decline = customers[[*columns[0], *columns[1]]], customers[DECLINE].to_numpy()
    outer = folds[["outer_1"]].to_numpy()
    race = Race(**params["search"]["race"])
    learning = Learning(columns, params["split"]["folds"], params["seed"], race)

    scores = {}
    for name in params["families"]:
        known = pd.read_parquet(f"data/nest/{name}.parquet").set_index(CUSTOMER_ID)
        scores[name] = known.loc[customers[CUSTOMER_ID]]
    for name, tried in read_yaml(TRIED).items():
        content = {**params["families"].get(tried["family"], {}), **tried["grid"]}
        grid = read_grid(tried["family"], content)
        groups = folds["group"].to_numpy()
        found = nest(tried["family"], grid, features, decline, groups, outer, learning)
        scores[name] = found.scores

    def blended(shares: dict[str, float]) -> Any:
        combining = Combining(shares, {}, params["train"]["pull"], params["train"]["threshold"])
        by_split = []
        for number, (train, test) in enumerate(splits(outer[:, 0])):
            unseen = np.stack([scores[name][split_name(1, number)].to_numpy() for name in shares])
            blend = combine(unseen[:, train], decline[train], combining).blend
            by_split.append(roc_auc(decline[test], blend.combine(unseen[:, test])))
        return np.array(by_split)

    members = params["choose"]["members"]
    whole = blended(members)
    rows = [_row("blend", "blend", whole, None)]
    for name in scores:
        inside = name in members and len(members) > 1
        others = {other: share for other, share in members.items() if other != name}
        changed = blended(others if inside else {**members, name: max(members.values())})
        gain = whole - changed if inside else changed - whole
        role = "member" if inside else "default" if name in params["families"] else "tried"
        compared = corrected_difference(gain, params["split"]["folds"], CONFIDENCE)
        rows.append(_row(name, role, blended({name: 1.0}), compared))
    ranked = sorted(rows, key=lambda row: -float(str(row["roc_auc"])))
    write_csv(target, pd.DataFrame(ranked), digits=4)


def _row(name: str, role: str, values: Any, gain: Any) -> dict[str, object]:
    return {
        "family": name,
        "role": role,
        "roc_auc": values.mean(),
        "sd": values.std(ddof=1),
        "blend_gains": "" if gain is None else gain.value,
        "low": "" if gain is None else gain.low,
        "high": "" if gain is None else gain.high,
    }


if __name__ == "__main__":
    main()
