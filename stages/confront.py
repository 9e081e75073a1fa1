"""Confront the model with the truth behind the demo store, which no other store has.

Nothing that trains, tunes or chooses reads what is written here.
"""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from retention.contract.columns import DECLINE, IN_SAMPLE, PROBABILITY
from retention.demo.store import draw_customers, load_statistics
from retention.demo.truth import confront, reliability_against_truth, true_probability
from retention.harness.files import write_csv, write_json
from retention.harness.stage import run
from retention.models.storage import load_model
from retention.selection.training import decline_probability
from retention.statistics.intervals import group_bootstrap_interval
from retention.statistics.ranking import delong_interval, roc_auc
from stages.parameters.confront import Params

DEMO = Path("data/demo")


def main(params: Params) -> None:
    """Write metrics/ceiling.json and plots/ceiling.csv, without figures for a real store."""
    figures: dict[str, Any] = {"known": Path(params.source) == DEMO}
    predicted = truth = np.empty(0)
    if figures["known"]:
        customers = pd.read_parquet("data/customers.parquet")
        figures |= _own(customers, params)

        statistics = load_statistics(Path("retention/demo/store.json"))
        fresh = draw_customers(params.confront.customers, params.confront.seed, statistics)
        features = customers[params.features.all]
        columns = fresh[params.features.all].astype(features.dtypes.to_dict())
        predicted = decline_probability(load_model(Path("models/model.skops")), columns)
        truth = fresh[PROBABILITY].to_numpy()
        # Drawn one by one, without near-duplicates, so that DeLong's interval fits.
        interval = partial(delong_interval, confidence=params.confidence)
        figures["fresh"] = confront(fresh[DECLINE].to_numpy(), predicted, truth, interval)

    write_json(Path("metrics/ceiling.json"), figures)
    curve = reliability_against_truth(predicted, truth, params.confront.bins)
    write_csv(Path("plots/ceiling.csv"), curve, digits=4)


def _own(customers: pd.DataFrame, params: Params) -> dict[str, Any]:
    """Return the figures of the store's own customers, and of those whom the model learnt from."""
    groups = pd.read_parquet("data/folds.parquet")["group"].to_numpy()
    scores = pd.read_parquet("data/scores.parquet")
    truth = true_probability(customers, pd.read_csv("data/demo/truth.csv"))
    decline, everybody = customers[DECLINE].to_numpy(), np.full(len(customers), True)
    trained = (scores["scored"] == "out_of_fold").to_numpy()
    figures = {}
    for name, rows, column in (
        ("own", everybody, PROBABILITY),
        # Where the model passes the truth here, that is memory.
        ("in_sample", trained, IN_SAMPLE),
    ):
        interval = partial(
            group_bootstrap_interval,
            roc_auc,
            groups=groups[rows],
            samples=params.bootstrap_samples,
            confidence=params.confidence,
            seed=params.confront.seed,
        )
        probability = scores[column].to_numpy()
        figures[name] = confront(decline[rows], probability[rows], truth[rows], interval)
    return figures


if __name__ == "__main__":
    run(main, Params)
