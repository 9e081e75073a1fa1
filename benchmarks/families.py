"""Which families and subsets of columns were tried, and what each is worth.

`python -m benchmarks.families TABLE`, after `dvc repro`, searches every grid of
benchmarks/families.yaml on the folds that `tune` used, and writes a CSV table: the ROC-AUC of each
one's best candidate beside the families of params.yaml, and what the blend gains from it (a member
of the blend: against the blend without it). docs/models.md is made from such tables.
"""

import argparse
from pathlib import Path
from typing import Any

import stages  # noqa: F401 - one thread for linear algebra, before numpy comes

import numpy as np
import pandas as pd

from retention.selection.choice import best_roc_auc, blend_roc_auc, read_candidates
from retention.contract.columns import DECLINE
from retention.statistics.paired import corrected_difference
from retention.models.blend import unseen_scores
from retention.families import read_grid
from retention.folds import fold_columns, splits
from retention.harness.files import write_csv
from retention.selection.pipeline import build
from retention.selection.search import search
from retention.harness.yaml12 import read_yaml

TRIED = Path(__file__).with_suffix(".yaml")
CONFIDENCE = 0.95


def main() -> None:
    """Measure everything that was tried, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path, help="the CSV file to write")
    target = parser.parse_args().table
    params = read_yaml(Path("params.yaml"))
    seed, known = params["seed"], params["families"]
    columns = (params["features"]["numbers"], params["features"]["categories"])
    customers = pd.read_parquet("data/customers.parquet")
    table = pd.read_parquet("data/folds.parquet")
    features, decline = customers[[*columns[0], *columns[1]]], customers[DECLINE].to_numpy()
    folds = {name: table[name].to_numpy() for name in fold_columns(table)}
    repeats = list(folds.values())

    roc_auc, unseen, candidates = {}, {}, {}
    for name in known:
        found = read_candidates(Path(f"data/tune/{name}.csv"))
        roc_auc[name], candidates[name] = best_roc_auc(found), len(found)
        unseen[name] = pd.read_parquet(f"data/tune/{name}.parquet")[[*folds]].to_numpy().T
    for name, tried in read_yaml(TRIED).items():
        family = tried["family"]
        content = {**known.get(family, {}), **tried["grid"]}
        grid = read_grid(family, content).candidates()
        where = [split for fold in repeats for split in splits(fold)]
        searched = search(family, grid, features, decline, where, columns=columns, seed=seed)
        best = build(family, grid[searched.best], columns=columns, seed=seed)
        roc_auc[name], candidates[name] = searched.roc_auc[searched.best], len(grid)
        unseen[name] = np.array([unseen_scores(best, features, decline, fold) for fold in repeats])

    def blend(names: list[str]) -> Any:
        stacked = [
            np.stack([unseen[name][number] for name in names]) for number in range(len(repeats))
        ]
        return blend_roc_auc(stacked, decline, repeats)

    members = params["choose"]["members"]
    whole = blend(members)
    rows = [_row("blend", "blend", 0, whole, None)]
    for name, values in roc_auc.items():
        inside = name in members
        others = [other for other in members if other != name]
        changed = blend(others) if inside else blend([*members, name])
        gain = corrected_difference(
            whole - changed if inside else changed - whole, len(set(repeats[0])) - 1, CONFIDENCE
        )
        role = "member" if inside else "default" if name in known else "tried"
        rows.append(_row(name, role, candidates[name], values, gain))
    ranked = sorted(rows, key=lambda row: -float(str(row["roc_auc"])))
    write_csv(target, pd.DataFrame(ranked), digits=4)


def _row(name: str, role: str, candidates: int, values: Any, gain: Any) -> dict[str, object]:
    return {
        "family": name,
        "role": role,
        "candidates": candidates or "",
        "roc_auc": values.mean(),
        "sd": values.std(ddof=1),
        "blend_gains": "" if gain is None else gain.value,
        "low": "" if gain is None else gain.low,
        "high": "" if gain is None else gain.high,
    }


if __name__ == "__main__":
    main()
