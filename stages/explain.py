"""Explain each customer's probability of decline by the columns of the shop's data."""

from pathlib import Path

import pandas as pd

from retention.charts import shap as charts
from retention.columns import CUSTOMER_ID, DECLINE
from retention.folds import splits
from retention.importance import importance
from retention.models import load_model
from retention.outputs import write_json, write_parquet
from retention.shapley import Task, explain
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
    siblings = load_model(Path("models/out_of_fold.skops"))

    # As in the scores: the hold-out by the model, each fold by the sibling that left it out.
    parts = splits(folds["fold_1"].to_numpy())
    models = [model, *siblings]
    known = [features[~holdout], *(features.iloc[train] for train, _ in parts)]
    rows = [features[holdout], *(features.iloc[test] for _, test in parts)]
    tasks = [
        Task(
            task_model,
            task_rows,
            background.sample(
                min(params.explain.background, len(background)), random_state=params.seed
            ),
        )
        for task_model, task_rows, background in zip(models, rows, known, strict=True)
    ]
    found = explain(tasks, permutations=params.explain.permutations, seed=params.seed)

    values = pd.concat(
        [
            pd.DataFrame(part.values, columns=features.columns, index=task.rows.index).assign(
                base_value=part.base
            )
            for part, task in zip(found, tasks, strict=True)
        ]
    ).sort_index()
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
