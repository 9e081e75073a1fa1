"""How much faster the search is than scikit-learn's GridSearchCV: `python -m benchmarks.search`.

The same grids, folds and customers go through both, in one process each and in turn; the scores
have to agree, and the ratio of the times is printed. Without names of families, all of params.yaml.
`--table docs/models/search.csv` keeps the ratios, of which docs/models.md is made.

What is saved is preprocessing, clones and checks that plain search repeats for each candidate, and
fits that candidates share. What is left, by a profile on the default grids: the fits themselves,
more than half of our time (of extra trees and mixtures, nine tenths), and one preprocessing an
encoder, scaler and fold, a third. So the thinner a grid, the lower the ratio.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import stages  # noqa: F401 - one thread for linear algebra, before numpy comes

import numpy as np
import pandas as pd
from sklearn.model_selection import GridSearchCV

from retention.contract.columns import DECLINE
from retention.families import Candidate, read_grid
from retention.folds import Splits, splits
from retention.harness.files import write_csv
from retention.selection.pipeline import build, parts
from retention.models.preprocessing import Columns, preprocessing
from retention.selection.search import Race, search
from retention.harness.yaml12 import read_yaml


def plain_scores(
    family: str,
    candidates: list[Candidate],
    features: pd.DataFrame,
    decline: Any,
    folds: Splits,
    columns: Columns,
    seed: int,
) -> Any:
    """Return the ROC-AUC (candidates, folds) by GridSearchCV over whole pipelines."""
    grid = []
    for candidate in candidates:
        prepare, hyperparameters = parts(candidate)
        point = {f"model__{name}": [value] for name, value in hyperparameters.items()}
        grid.append({"preprocessing": [preprocessing(columns, **prepare)], **point})
    pipeline = build(family, candidates[0], columns=columns, seed=seed)
    found = GridSearchCV(pipeline, grid, scoring="roc_auc", cv=folds, refit=False)
    found.fit(features, decline)
    return np.stack(
        [found.cv_results_[f"split{number}_test_score"] for number in range(len(folds))], axis=1
    )


def main() -> None:
    """Time both searches family by family."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("families", nargs="*", help="families of params.yaml")
    parser.add_argument("--table", type=Path, help="CSV file to write")
    params, asked = read_yaml(Path("params.yaml")), parser.parse_args()
    families = asked.families or list(params["families"])
    customers = pd.read_parquet("data/customers.parquet")
    fold = pd.read_parquet("data/folds.parquet")["outer_1"].to_numpy()
    columns = Columns(params["features"]["numbers"], params["features"]["categories"])
    features, decline = customers[[*columns[0], *columns[1]]], customers[DECLINE].to_numpy()
    race = Race(**params["search"]["race"])

    total, ratios = np.zeros(3), []
    print(
        f"{'family':12} {'candidates':>10} {'plain s':>9} {'ours s':>9} {'ratio':>6} {'differ':>8}"
    )
    for family in families:
        grid = read_grid(family, params["families"][family])
        candidates = grid.candidates()
        start = time.perf_counter()
        plain = plain_scores(
            family, candidates, features, decline, splits(fold), columns, params["seed"]
        )
        middle = time.perf_counter()
        ours = search(
            family,
            candidates,
            features,
            decline,
            fold,
            columns=columns,
            seed=params["seed"],
            race=None if grid.answer == "average" else race,
        )
        seconds = np.array([middle - start, time.perf_counter() - middle, len(candidates)])
        total += seconds
        differ = np.nanmax(abs(ours.roc_auc - plain))
        ratios.append((family, len(candidates), seconds[0] / seconds[1]))
        print(_line(family, seconds, f"{differ:9.0e}"), flush=True)
        if plain.mean(axis=1).round(10).argmax() != ours.best:
            print(f"{family}: another candidate won than in the full search")
    print(_line("together", total, ""))
    ratios.append(("together", total[2], total[0] / total[1]))
    if asked.table is not None:
        header = ["family", "candidates", "plain / ours"]
        write_csv(asked.table, pd.DataFrame(ratios, columns=header), digits=1)


def _line(name: str, figures: Any, differ: str) -> str:
    plain, ours, candidates = figures
    return f"{name:12} {candidates:10.0f} {plain:9.1f} {ours:9.1f} {plain / ours:9.1f} {differ}"


if __name__ == "__main__":
    main()
