"""Show what more customers would bring: the learning curve of the chosen model."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import DECLINE
from retention.evaluation.learning_curve import curve, entry_shares, last_gains, learn
from retention.harness.files import read_json, write_csv, write_json
from retention.harness.stage import run
from retention.models.storage import load_model
from stages.parameters.learn import Params


def main(params: Params) -> None:
    """Write plots/learning_curve.csv and metrics/learning_curve.json."""
    customers = pd.read_parquet("data/customers.parquet")
    folds = pd.read_parquet("data/folds.parquet")
    chosen = read_json(Path("metrics/choice.json"))["members"]
    members = {name: load_model(Path(f"models/candidates/{name}.skops")) for name in chosen}
    decline, fold = customers[DECLINE].to_numpy(), folds["fold_1"].to_numpy()

    shares = params.learn.shares
    entry = entry_shares(decline, folds["group"].to_numpy(), fold, params.learn.seed)
    learnt = learn(members, customers[params.features.all], decline, fold, entry, shares)
    points = curve(learnt, params.confidence)

    write_csv(Path("plots/learning_curve.csv"), points, digits=4)
    write_json(
        Path("metrics/learning_curve.json"),
        {
            **last_gains(learnt, params.confidence),
            # Shares that leave too few customers to learn from.
            "skipped_shares": sorted(set(shares) - set(learnt["share"])),
        },
    )


if __name__ == "__main__":
    run(main, Params)
