"""Refit the chosen candidate with calibrated probabilities, and score every customer."""

import math
from pathlib import Path

import numpy as np
import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE, IN_SAMPLE, PREDICTED, PROBABILITY
from retention.harness.files import DATA_DIGITS, read_json, write_json, write_parquet
from retention.harness.stage import run
from retention.models.blend import Blend
from retention.models.storage import load_model, save_model
from retention.selection.training import decline_probability, fit_out_of_fold, threshold
from stages.parameters.train import Params


def main(params: Params) -> None:
    """Write the model, its out-of-fold siblings, data/scores.parquet and metrics/train.json."""
    customers = pd.read_parquet("data/customers.parquet")
    folds = pd.read_parquet("data/folds.parquet")
    chosen = read_json(Path("metrics/choice.json"))["members"]
    members = {name: load_model(Path(f"models/candidates/{name}.skops")) for name in chosen}
    features, decline = customers[params.features.all], customers[DECLINE].to_numpy()
    fold, holdout = folds["fold_1"].to_numpy(), folds["holdout"].to_numpy()

    siblings = fit_out_of_fold(members, features, decline, fold)
    model = Blend(members).fit(features[~holdout], decline[~holdout], fold[~holdout])
    by_model = decline_probability(model, features)
    probability = np.where(holdout, by_model, siblings.probability)
    cut = threshold(decline[~holdout], probability[~holdout], params.train.threshold)
    # The cut is some customer's own probability: rounded up in the metrics, it would lose that one.
    cut = math.floor(cut * 10**DATA_DIGITS) / 10**DATA_DIGITS

    save_model(Path("models/model.skops"), model)
    save_model(Path("models/out_of_fold.skops"), siblings.models)
    write_parquet(
        Path("data/scores.parquet"),
        pd.DataFrame(
            {
                CUSTOMER_ID: customers[CUSTOMER_ID],
                PROBABILITY: probability,
                PREDICTED: probability >= cut,
                "scored": np.where(holdout, "holdout", "out_of_fold"),
                # The model's own opinion of customers it learnt from: only to show how it flatters.
                IN_SAMPLE: by_model,
            }
        ),
    )
    write_json(
        Path("metrics/train.json"),
        {
            "customers": int((~holdout).sum()),
            "threshold": cut,
            "weights": dict(zip(model.members_, model.weights_, strict=True)),
        },
        digits=DATA_DIGITS,
    )


if __name__ == "__main__":
    run(main, Params)
