"""Show probabilities before and after calibration, on customers of the training data."""

from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

from retention.contract.columns import DECLINE
from retention.evaluation.calibrators import calibrated_models, curves, judge_methods
from retention.folds import fold_columns
from retention.harness.files import read_json, write_csv, write_json
from retention.harness.stage import run
from retention.models.storage import load_model
from retention.selection.choice import BLEND
from stages.parameters.calibrate import Params


def main(params: Params) -> None:
    """Write metrics/calibration.json and plots/reliability.csv."""
    folds = pd.read_parquet("data/folds.parquet")
    training = ~folds["holdout"].to_numpy()
    folds = folds[training]
    decline = pd.read_parquet("data/customers.parquet")[DECLINE].to_numpy()[training]
    chosen = read_json(Path("metrics/choice.json"))["family"]
    families = list(params.families)

    tables = {name: pd.read_parquet(f"data/tune/{name}.parquet")[training] for name in families}
    models = {name: load_model(Path(f"models/candidates/{name}.skops")) for name in families}
    members = {name: [name] for name in families}
    if len(params.members) > 1:
        members[BLEND] = params.members
    by_repeat = [
        calibrated_models(
            {name: table[repeat].to_numpy() for name, table in tables.items()},
            models,
            members,
            decline,
            folds[repeat].to_numpy(),
        )
        for repeat in fold_columns(folds)
    ]

    work = [
        delayed(judge_methods)(
            [repeat[name] for repeat in by_repeat],
            decline,
            folds["group"].to_numpy(),
            bins=params.bins,
            samples=params.samples,
            confidence=params.confidence,
            seed=params.seed,
        )
        for name in members
    ]
    results = Parallel(n_jobs=-1, return_as="generator")(work)
    judged = tqdm(results, total=len(work), desc="calibrate", unit="model")
    write_json(Path("metrics/calibration.json"), dict(zip(members, list(judged), strict=True)))
    write_csv(
        Path("plots/reliability.csv"),
        curves(by_repeat[0][chosen], decline, params.bins, params.confidence),
        digits=4,
    )


if __name__ == "__main__":
    run(main, Params)
