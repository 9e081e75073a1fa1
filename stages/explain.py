"""Explain each customer's probability of decline by the columns of the shop's data."""

from pathlib import Path

import pandas as pd

from retention.charts import shap as charts
from retention.columns import CUSTOMER_ID, DECLINE
from retention.importance import importance
from retention.models import load_model
from retention.outputs import write_json, write_parquet
from retention.shapley import explain, unseen_tasks
from retention.stage import run
from retention.texts import read_texts
from stages.parameters.explain import Params


def main(params: Params) -> None:
    """Write data/shap_values.parquet, metrics/importance.json and the pictures of SHAP values."""
    customers = pd.read_parquet("data/customers.parquet")
    folds = pd.read_parquet("data/folds.parquet")
    scores = pd.read_parquet("data/scores.parquet")
    features, holdout = customers[params.features.all], folds["holdout"].to_numpy()
    model = load_model(Path("models/model.skops"))
    tasks = unseen_tasks(
        model,
        load_model(Path("models/out_of_fold.skops")),
        features,
        folds["fold_1"].to_numpy(),
        background=params.explain.background,
        seed=params.seed,
    )
    values = explain(tasks, permutations=params.explain.permutations, seed=params.seed)
    error = (values.sum(axis=1) - scores["probability"]).abs().max()
    shap_values = values[features.columns]
    write_parquet(
        Path("data/shap_values.parquet"),
        pd.concat([customers[[CUSTOMER_ID]], values], axis=1),
    )
    write_json(
        Path("metrics/importance.json"),
        {
            "additivity_error": error,
            "columns": importance(
                shap_values,
                model,
                features[holdout],
                customers.loc[holdout, DECLINE].to_numpy(),
                repeats=params.explain.importance_repeats,
                seed=params.seed,
            ),
        },
    )
    texts = read_texts(params.language)
    charts.bar(Path("plots/shap/bar.png"), shap_values, texts)
    charts.beeswarm(Path("plots/shap/beeswarm.png"), shap_values, features, texts, params.seed)


if __name__ == "__main__":
    run(main, Params)
