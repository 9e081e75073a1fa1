"""A month of the demo store and the one after it, as the pipeline keeps them, without one."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
from imports import ROOT
from scipy.special import expit, logit
from shop import TITLES

from retention.demo.next_month import NextMonth, draw_next_month, load_change
from retention.demo.store import decline_probability, draw_store, load_statistics
from retention.harness.files import write_json


def write_months(
    folder: Path, *, customers: int = 400, drift: float = 1.0, relation: float = 1.0, seed: int = 1
) -> pd.DataFrame:
    """Write what `expect` reads, and return next month's customers with `decline`.

    Half of the customers go on, as many are fresh. The model knows the truth, but for a little.
    """
    statistics, change = load_statistics(), load_change()
    before = draw_store(customers, seed, statistics)[0]
    asked = NextMonth(0.5, customers // 2, drift, relation)
    after = draw_next_month(customers, seed, statistics, asked, change)
    random = np.random.default_rng(seed)
    for name in ("data/score", "data/check", "metrics"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in ("params.yaml", "contract.yaml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "texts", folder / "texts", dirs_exist_ok=True)
    for table, place in ((before, "data"), (after, "data/score")):
        table["customer_id"] = table["customer_id"].astype(str)
        said = expit(
            logit(decline_probability(table, statistics)) + random.normal(0, 0.5, len(table))
        )
        scores = table[["customer_id"]].assign(probability=said, predicted_decline=said >= 0.5)
        scores.to_parquet(folder / place / "scores.parquet")
    hidden = ["probability", "protected"]
    before.drop(columns=hidden).to_parquet(folder / "data/customers.parquet")
    after.drop(columns=["probability", "decline"]).to_parquet(
        folder / "data/score/customers.parquet"
    )
    groups = before[["customer_id"]].assign(group=np.arange(len(before)))
    groups.to_parquet(folder / "data/folds.parquet")
    write_json(folder / "metrics/score.json", {"known": False})
    titles = {language: json.loads(words.model_dump_json()) for language, words in TITLES.items()}
    write_json(folder / "data/check/titles.json", titles)
    return after
