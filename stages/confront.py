"""Confront the models with the truth behind the demo store, which no other store has.

Nothing that trains, tunes or chooses reads what is written here.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE, ID_AS_TEXT, PROBABILITY
from retention.demo.store import draw_customers, load_statistics
from retention.demo.truth import true_probability
from retention.harness.files import write_parquet
from retention.harness.stage import run
from retention.models.storage import load_model
from stages.parameters.confront import Params

DEMO = Path("data/demo")
COLUMNS = ["decline", "group", "probability", "truth"]


def main(params: Params) -> None:
    """Write data/confront/own.parquet and fresh.parquet, without a row for a real store."""
    own = fresh = pd.DataFrame(columns=COLUMNS, dtype="float64")
    if Path(params.source) == DEMO:
        customers = pd.read_parquet("data/customers.parquet")
        own = _own(customers)
        fresh = _fresh(customers[params.features.all], params)
    write_parquet(Path("data/confront/own.parquet"), own)
    write_parquet(Path("data/confront/fresh.parquet"), fresh)


def _own(customers: pd.DataFrame) -> pd.DataFrame:
    """Return the store's own customers, scored by outer models that never saw them."""
    folds, scores = (
        pd.read_parquet(path).set_index(CUSTOMER_ID).loc[customers[CUSTOMER_ID]]
        for path in ("data/folds.parquet", "data/scores.parquet")
    )
    return pd.DataFrame(
        {
            "decline": customers[DECLINE].to_numpy(),
            "group": folds["group"].to_numpy(),
            "probability": scores[PROBABILITY].to_numpy(),
            "truth": true_probability(customers, pd.read_csv(DEMO / "truth.csv", dtype=ID_AS_TEXT)),
        }
    )


def _fresh(features: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return fresh customers, drawn one by one, scored by the model that ships."""
    statistics = load_statistics(Path("retention/demo/store.json"))
    drawn = draw_customers(params.confront.customers, params.confront.seed, statistics)
    columns = drawn[params.features.all].astype(features.dtypes.to_dict())
    model = load_model(Path("models/model.skops"))
    return pd.DataFrame(
        {
            "decline": drawn[DECLINE].to_numpy(),
            "group": np.arange(len(drawn)),
            "probability": model.predict_proba(columns)[:, 1],
            "truth": drawn[PROBABILITY].to_numpy(),
        }
    )


if __name__ == "__main__":
    run(main, Params)
