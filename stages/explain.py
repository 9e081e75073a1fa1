"""Explain each customer's log-odds of decline by the columns of the shop's data."""

from dataclasses import asdict
from pathlib import Path

import pandas as pd
from scipy.special import logit

from retention.charts import shap as charts
from retention.contract.columns import CUSTOMER_ID, DECLINE, PROBABILITY
from retention.explanation.importance import (
    agreement,
    importance,
    permutation_losses,
    single_roc_auc,
    stability,
)
from retention.explanation.shapley import explain, unseen_tasks
from retention.harness.files import DATA_DIGITS, read_json, write_json, write_parquet
from retention.harness.stage import run
from retention.models.storage import load_model
from retention.texts import read_texts
from stages.parameters.explain import Params

PLOTS = Path("plots/shap")


def main(params: Params) -> None:
    """Write SHAP values, responses, metrics/importance.json and the pictures in plots/shap."""
    customers = pd.read_parquet("data/customers.parquet")
    folds = pd.read_parquet("data/folds.parquet")
    scores = pd.read_parquet("data/scores.parquet")
    features, decline = customers[params.features.all], customers[DECLINE].to_numpy()
    fold, holdout = folds["fold_1"].to_numpy(), folds["holdout"].to_numpy()
    model = load_model(Path("models/model.skops"))
    tasks = unseen_tasks(
        model,
        load_model(Path("models/out_of_fold.skops")),
        features,
        fold,
        background=params.explain.background,
    )
    found = explain(tasks, permutations=params.explain.permutations, seed=params.seed)
    values = found.values[features.columns]
    customer = customers[[CUSTOMER_ID]]
    write_parquet(Path("data/shap_values.parquet"), pd.concat([customer, found.values], axis=1))
    write_parquet(Path("data/responses.parquet"), pd.concat([customer, found.responses], axis=1))
    error = (found.values.sum(axis=1) - logit(scores[PROBABILITY])).abs().max()
    columns = importance(
        values,
        permutation_losses(
            model,
            features[holdout],
            decline[holdout],
            repeats=params.explain.importance_repeats,
            seed=params.seed,
        ),
        single_roc_auc(features, params.features.categories, decline, fold),
    )
    write_json(
        Path("metrics/importance.json"),
        {
            "additivity_error": error,
            "standard_error": found.standard_error,
            "members": {name: asdict(sampling) for name, sampling in found.members.items()},
            "agreement": agreement(columns),
            "stability": stability(values, fold),
            "columns": columns,
        },
        digits=DATA_DIGITS,  # an additivity error that four digits show would be a large one
    )
    texts = read_texts(params.language)
    probability = scores[PROBABILITY]
    threshold = read_json(Path("metrics/train.json"))["threshold"]
    shown = charts.three_customers(scores, decline, threshold)
    charts.bar(PLOTS / "bar.png", values, texts)
    charts.beeswarm(PLOTS / "beeswarm.png", values, features, texts, params.seed)
    charts.dependence(PLOTS / "dependence.png", values, features, probability, texts, params.seed)
    charts.by_risk(PLOTS / "heatmap.png", values, probability, texts)
    charts.waterfalls(
        PLOTS / "customers.png", shown, found.values, features, scores, decline, texts
    )


if __name__ == "__main__":
    run(main, Params)
