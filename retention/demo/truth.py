"""The model beside the truth, which only a simulated store has.

On average over customers, nothing that sees the same columns ranks better than the true probability
of decline, and nothing has a lower Brier score or log loss: they are the ceiling (Bayes' rule;
Devroye, Györfi & Lugosi 1996, ch. 2). In one sample a model may pass it by chance, and on customers
that it learnt from it does so by memory.

Shapes: `decline`, `probability` and `truth` are (customers,); the latter two are the predicted and
the true probability of decline.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, log_loss

from retention.contract.columns import CUSTOMER_ID, PROBABILITY
from retention.harness.errors import UserError
from retention.statistics.intervals import Interval

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def true_probability(customers: pd.DataFrame, truth: pd.DataFrame) -> Floats:
    """Return the true probability of each customer, (customers,), from the table of `simulate`.

    Raises UserError for customers whom the table lacks.
    """
    known = truth.set_index(CUSTOMER_ID)[PROBABILITY].reindex(customers[CUSTOMER_ID])
    missing = int(known.isna().sum())
    if missing:
        raise UserError(
            f"data/demo/truth.csv lacks {missing} of the customers in data/customers.parquet: put "
            "your own files into data/raw, and make the demo store anew with `dvc repro --force "
            "simulate`."
        )
    return known.to_numpy(dtype=np.float64)


def confront(
    decline: Integers,
    probability: Floats,
    truth: Floats,
    interval: Callable[[Integers, Floats], Interval],
) -> dict[str, Any]:
    """Return the figures of the truth (`bayes`) and of the `model`, and how near the model comes.

    `share_of_bayes` is (A_model − ½)/(A_bayes − ½), with A the ROC-AUC that `interval` gives: 1 at
    the ceiling, 0 for a coin; nan when even the truth tells nothing. `probability_error` is the
    mean of |probability − truth|.
    """
    bayes, model = (_figures(decline, each, interval) for each in (truth, probability))
    best = bayes["roc_auc"]["value"] - 0.5
    return {
        "customers": len(decline),
        "bayes": bayes,
        "model": model,
        "share_of_bayes": (model["roc_auc"]["value"] - 0.5) / best if best > 0 else np.nan,
        "probability_error": float(np.abs(probability - truth).mean()),
    }


def reliability_against_truth(probability: Floats, truth: Floats, bins: int) -> pd.DataFrame:
    """Return the reliability curve without the noise of outcomes, over bins of equal size.

    Columns: `predicted` and `truth` (means of the bin), `low` and `high` (5 % and 95 % quantile of
    the truth in it), `customers`. Without customers it has no rows.
    """
    rows = []
    for part in np.array_split(np.argsort(probability, kind="stable"), bins):
        if not len(part):
            continue
        low, high = np.quantile(truth[part], [0.05, 0.95])
        rows.append((probability[part].mean(), truth[part].mean(), low, high, len(part)))
    return pd.DataFrame(rows, columns=["predicted", "truth", "low", "high", "customers"])


def _figures(
    decline: Integers, probability: Floats, interval: Callable[[Integers, Floats], Interval]
) -> dict[str, Any]:
    return {
        "roc_auc": interval(decline, probability),
        "brier": brier_score_loss(decline, probability),
        "log_loss": log_loss(decline, probability, labels=[0, 1]),
    }
