"""Show probabilities before and after calibration, on customers of the training data."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

from retention.calibrators import calibrated, curves, judge_methods, plain_probability
from retention.choice import BLEND
from retention.columns import DECLINE
from retention.folds import fold_columns
from retention.models import load_model
from retention.outputs import read_json, write_csv, write_json
from retention.stage import run
from stages.parameters.calibrate import Params


def main(params: Params) -> None:
    """Write metrics/calibration.json and plots/reliability.csv."""
    folds = pd.read_parquet("data/folds.parquet")
    training = ~folds["holdout"].to_numpy()
    folds = folds[training]
    decline = pd.read_parquet("data/customers.parquet")[DECLINE].to_numpy()[training]
    chosen = read_json(Path("metrics/choice.json"))["family"]
    families = list(params.families)
    repeats = fold_columns(folds)

    tables = [pd.read_parquet(f"data/tune/{name}.parquet")[training] for name in families]
    models = [load_model(Path(f"models/candidates/{name}.skops")) for name in families]
    members = {name: [position] for position, name in enumerate(families)}
    if len(params.members) > 1:
        members[BLEND] = [families.index(name) for name in params.members]
    probabilities: dict[str, list[dict[str, Any]]] = {name: [] for name in members}
    for repeat in repeats:
        scores = np.stack([table[repeat].to_numpy() for table in tables])
        plain = np.stack(
            [plain_probability(model, row) for model, row in zip(models, scores, strict=True)]
        )
        for name, rows in members.items():
            fold = folds[repeat].to_numpy()
            probabilities[name].append(calibrated(scores[rows], plain[rows], decline, fold))

    work = [
        delayed(judge_methods)(
            found,
            decline,
            folds["group"].to_numpy(),
            bins=params.bins,
            samples=params.samples,
            confidence=params.confidence,
            seed=params.seed,
        )
        for found in probabilities.values()
    ]
    results = Parallel(n_jobs=-1, return_as="generator")(work)
    judged = tqdm(results, total=len(work), desc="calibrate", unit="model")
    write_json(
        Path("metrics/calibration.json"), dict(zip(probabilities, list(judged), strict=True))
    )
    write_csv(
        Path("plots/reliability.csv"),
        curves(probabilities[chosen][0], decline, params.bins, params.confidence),
        digits=4,
    )


if __name__ == "__main__":
    run(main, Params)
