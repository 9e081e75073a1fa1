"""Search a family's grid by cross-validation: `python -m stages.tune FAMILY`."""

from pathlib import Path

import pandas as pd

from retention.columns import DECLINE
from retention.families import read_grid
from retention.folds import fold_columns, splits
from retention.models import save_model
from retention.outputs import write_csv, write_json
from retention.pipeline import build
from retention.scoring import roc_points
from retention.search import out_of_fold_scores, search
from retention.stage import run_item
from stages.parameters.tune import Params


def main(params: Params, family: str) -> None:
    """Write the family's candidates, its best one, that one's ROC curve and the fit times."""
    candidates = read_grid(family, params.grid).candidates()
    customers = pd.read_parquet("data/customers.parquet")
    folds = pd.read_parquet("data/folds.parquet")
    features, decline = customers[params.features.all], customers[DECLINE].to_numpy()
    columns = (params.features.numbers, params.features.categories)
    repeats = [splits(folds[name].to_numpy()) for name in fold_columns(folds)]

    found = search(
        family,
        candidates,
        features,
        decline,
        [split for repeat in repeats for split in repeat],
        columns=columns,
        seed=params.seed,
    )
    best = build(family, candidates[found.best], columns=columns, seed=params.seed)
    tested, scores = out_of_fold_scores(best, features, decline, repeats[0])
    training = (~folds["holdout"]).to_numpy()
    best.fit(features[training], decline[training])

    save_model(Path(f"models/candidates/{family}.skops"), best)
    write_csv(Path(f"data/tune/{family}.csv"), found.table())
    write_csv(Path(f"plots/tune/{family}.csv"), roc_points(decline[tested], scores, family))
    write_json(
        Path(f"metrics/tune/{family}.json"),
        {
            "candidates": len(candidates),
            "roc_auc": found.roc_auc[found.best].mean(),
            "sd": found.roc_auc[found.best].std(ddof=1),
        },
    )
    # Seconds differ on every run, so this table is no output of the pipeline.
    write_csv(Path(f"logs/tune/{family}.csv"), found.times())


if __name__ == "__main__":
    run_item(main, Params)
