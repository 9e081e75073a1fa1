"""The model beside the truth, which only a simulated store has: from data/confront/.

On average over customers, nothing that sees the same columns ranks better than the true probability
of decline, and nothing has a lower Brier score or log loss: they are the ceiling (Bayes' rule;
Devroye, Györfi & Lugosi 1996, ch. 2). In one sample a model may pass it by chance.

A table has a row per customer: `decline`, `group` (the number that near-duplicates share),
`probability` by a model that never saw the customer, and the true one, `truth`.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.statistics.intervals import mean_interval
from retention.statistics.ranking import delong_interval

# Where the bands of predicted probability end. A customer on a border is in the band above it.
BANDS = (0.0, 0.05, 0.2, 0.5, 0.7, 0.95, 1.0)
BINS = 20  # of the curve
LEAST_PROBABILITY = 1e-15  # log loss of a certain mistake is not infinite, as in scikit-learn


# What is held against the truth, by the name of its table: the outer models on the store's own
# customers, whom they never saw, and the model that ships on fresh ones.
MODELS = {"own": "outer models, own customers", "fresh": "model that ships, fresh customers"}


def confrontation(
    own: pd.DataFrame, fresh: pd.DataFrame, confidence: float
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return the figures of both tables, and their curves (`model`, and the columns of `curve`).

    Without customers, which a real store has none of, only that nothing is `known`.
    """
    tables = {"own": own, "fresh": fresh} if len(own) else {}
    found = {name: figures(table, confidence) for name, table in tables.items()}
    curves = [curve(table, confidence).assign(model=MODELS[name]) for name, table in tables.items()]
    columns = ["model", "predicted", "truth", "low", "high", "customers"]
    points = pd.concat(curves)[columns] if curves else pd.DataFrame(columns=columns)
    return {"known": bool(tables), **found}, points


def figures(table: pd.DataFrame, confidence: float) -> dict[str, Any]:
    """Return the figures of the truth (`bayes`) and of the `model`, and how near the model comes.

    `share_of_bayes` is (A_model − ½)/(A_bayes − ½), with A the ROC-AUC: 1 at the ceiling, 0 for a
    coin; nan when even the truth tells nothing. `probability_error` is the mean of |probability −
    truth|. `bias` is that of `bias_by_band`.
    """
    bayes, model = (_figures(table, name, confidence) for name in ("truth", "probability"))
    best = bayes["roc_auc"]["value"] - 0.5
    return {
        "customers": len(table),
        "bayes": bayes,
        "model": model,
        "share_of_bayes": (model["roc_auc"]["value"] - 0.5) / best if best > 0 else np.nan,
        "probability_error": float((table["probability"] - table["truth"]).abs().mean()),
        "bias": bias_by_band(table, confidence),
    }


def bias_by_band(table: pd.DataFrame, confidence: float) -> dict[str, dict[str, float]]:
    """Return by how much probabilities are too high in each band of them, against the truth.

    By band, named by its ends: `customers`, mean `predicted`, and the `value` of predicted − true
    with the interval of such a mean over other customers (`mean_interval`), the model being given.
    A slope of 1 can't see a bias in the middle that the ends make up for.
    """
    band = np.clip(np.searchsorted(BANDS, table["probability"], side="right"), 1, len(BANDS) - 1)
    found = {}
    for number, (low, high) in enumerate(pairwise(BANDS), start=1):
        part = table[band == number]
        bias = (part["probability"] - part["truth"]).to_numpy()
        found[f"{low:.2f}-{high:.2f}"] = {
            "customers": len(part),
            "predicted": part["probability"].mean(),
            **mean_interval(bias, part["group"].to_numpy(), confidence),
        }
    return found


def curve(table: pd.DataFrame, confidence: float, bins: int = BINS) -> pd.DataFrame:
    """Return the reliability curve without the noise of outcomes, over bins of equal size.

    Columns: `predicted` and `truth` (means of the bin), `low` and `high` (interval of the mean
    truth), `customers`. Without customers it has no rows.
    """
    rows = []
    for rows_of_bin in np.array_split(np.argsort(table["probability"], kind="stable"), bins):
        part = table.iloc[rows_of_bin]
        if not len(part):
            continue
        mean = mean_interval(part["truth"].to_numpy(), part["group"].to_numpy(), confidence)
        rows.append((part["probability"].mean(), *mean.values(), len(part)))
    return pd.DataFrame(rows, columns=["predicted", "truth", "low", "high", "customers"])


def _figures(table: pd.DataFrame, name: str, confidence: float) -> dict[str, Any]:
    decline, probability = table["decline"].to_numpy(), table[name].to_numpy()
    groups = table["group"].to_numpy()
    return {
        "roc_auc": delong_interval(decline, probability, confidence, groups),
        "brier": float(np.mean((probability - decline) ** 2)),
        "log_loss": _log_loss(decline, probability),
    }


def _log_loss(decline: NDArray[np.int64], probability: NDArray[np.float64]) -> float:
    likelihood = np.where(decline == 1, probability, 1 - probability)
    return float(-np.log(np.maximum(likelihood, LEAST_PROBABILITY)).mean())
