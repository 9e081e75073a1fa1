"""Search a family's grid by cross-validation: `python -m stages.tune FAMILY`."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import DECLINE
from retention.families import read_grid
from retention.folds import fold_columns, splits
from retention.harness.files import write_csv, write_json, write_parquet
from retention.harness.stage import run_item
from retention.models.blend import unseen_scores
from retention.models.storage import save_model
from retention.selection.pipeline import build
from retention.selection.search import search
from retention.statistics.ranking import roc_points
from stages.parameters.tune import Params


def main(params: Params, family: str) -> None:
    """Write the candidates, the best one, its unseen scores and ROC curve, and the fit times."""
    candidates = read_grid(family, params.grid).candidates()
    customers = pd.read_parquet("data/customers.parquet")
    folds = pd.read_parquet("data/folds.parquet")
    features, decline = customers[params.features.all], customers[DECLINE].to_numpy()
    columns = (params.features.numbers, params.features.categories)
    repeats = {name: folds[name].to_numpy() for name in fold_columns(folds)}

    found = search(
        family,
        candidates,
        features,
        decline,
        [split for fold in repeats.values() for split in splits(fold)],
        columns=columns,
        seed=params.seed,
    )
    best = build(family, candidates[found.best], columns=columns, seed=params.seed)
    unseen = pd.DataFrame(
        {name: unseen_scores(best, features, decline, fold) for name, fold in repeats.items()}
    )
    training = (~folds["holdout"]).to_numpy()
    best.fit(features[training], decline[training])

    save_model(Path(f"models/candidates/{family}.skops"), best)
    write_csv(Path(f"data/tune/{family}.csv"), found.table())
    write_parquet(Path(f"data/tune/{family}.parquet"), unseen)
    curve = roc_points(decline[training], unseen.loc[training, "fold_1"].to_numpy(), family)
    write_csv(Path(f"plots/tune/{family}.csv"), curve)
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
