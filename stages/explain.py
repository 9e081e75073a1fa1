"""Explain each customer's log-odds of decline by the columns of the shop's data."""

from dataclasses import asdict
from pathlib import Path

import pandas as pd
from scipy.special import logit

from retention.contract.columns import CUSTOMER_ID, DECLINE, PROBABILITY
from retention.explanation.importance import (
    agreement,
    importance,
    single_roc_auc,
    stability,
    unseen_permutation_losses,
)
from retention.explanation.shapley import explain, outer_tasks
from retention.harness.files import write_json, write_parquet
from retention.harness.stage import run
from retention.models.storage import load_model
from stages.parameters.explain import Params

DATA = Path("data/explain")
DIGITS = 9  # an additivity error that fewer would show is a large one


def main(params: Params) -> None:
    """Write SHAP values, responses and figures of all columns, by models new to each customer."""
    customers = pd.read_parquet("data/customers.parquet")
    folds = pd.read_parquet("data/folds.parquet")
    scores = pd.read_parquet("data/scores.parquet")
    customer = customers[[CUSTOMER_ID]]
    fold = customer.merge(folds, on=CUSTOMER_ID, validate="one_to_one")["outer_1"].to_numpy()
    probability = customer.merge(scores, on=CUSTOMER_ID, validate="one_to_one")[PROBABILITY]
    features, decline = customers[params.features.all], customers[DECLINE].to_numpy()
    models = load_model(Path("models/outer.skops"))
    tasks = outer_tasks(models, features, fold, background=params.explain.background)
    found = explain(tasks, permutations=params.explain.permutations, seed=params.seed)
    values = found.values[features.columns]
    columns = importance(
        values,
        unseen_permutation_losses(
            models,
            features,
            decline,
            fold,
            repeats=params.explain.importance_repeats,
            seed=params.seed,
        ),
        single_roc_auc(features, params.features.categories, decline, fold),
    )
    write_parquet(DATA / "shap_values.parquet", pd.concat([customer, found.values], axis=1))
    write_parquet(DATA / "responses.parquet", pd.concat([customer, found.responses], axis=1))
    write_json(
        DATA / "figures.json",
        {
            "additivity_error": (found.values.sum(axis=1) - logit(probability)).abs().max(),
            "standard_error": found.standard_error,
            "members": {name: asdict(sampling) for name, sampling in found.members.items()},
            "agreement": agreement(columns),
            "stability": stability(values, fold),
            "columns": columns,
        },
        digits=DIGITS,
    )


if __name__ == "__main__":
    run(main, Params)
