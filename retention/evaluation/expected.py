"""What a model is worth among customers whose outcome nobody knows yet, by its own probabilities.

Where probabilities are calibrated they say how well they rank: outcomes are drawn from them, and
judged. Two things are uncertain, and both are drawn: which customers decline, given their
probabilities; and the calibration, learnt from so many known customers. For each draw the known
customers' groups of near-duplicates are resampled, log-odds(decline) = a + b·log-odds(p) is fitted
to their unseen probabilities, and next month's are corrected by that line.

It can't see the relation itself changing: where the same customers would decline more often next
month for reasons that no column shows, everything here is too good (or too bad) by that. A shift of
who the customers are, it sees.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit

from retention.evaluation.calibration import log_odds
from retention.statistics.intervals import Interval

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_STEPS = 12  # Newton's, of a concave likelihood in two unknowns
_RIDGE = 1e-3  # keeps a resample without any error finite


@dataclass(frozen=True)
class Known:
    """Customers whose outcome is known: (n,) each, probabilities of models that never saw them."""

    decline: Integers
    probability: Floats
    groups: NDArray[np.intp]


def expected_figures(
    probability: Floats,
    threshold: float,
    known: Known,
    *,
    confidence: float,
    draws: int,
    seed: int,
) -> dict[str, Interval]:
    """Return `decline_rate`, `roc_auc`, `precision` and `recall` to be expected, with intervals.

    `probability` (m,) are those of next month's customers, `threshold` that from which on a decline
    is predicted. An interval holds what will be seen in the share `confidence` of months, if the
    relation stays: it counts both uncertainties. Missing where no draw has a figure, such as a
    precision without anybody predicted.
    """
    random = np.random.default_rng(seed)
    lines = _calibrations(known, draws, random)
    odds, predicted = log_odds(probability), probability >= threshold
    ranks = stats.rankdata(probability)
    rows = []
    for intercept, slope in lines:
        declined = random.random(len(odds)) < expit(intercept + slope * odds)
        rows.append(_seen(declined, predicted, ranks))
    table = pd.DataFrame(rows)
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    return {str(name): _interval(values, tails) for name, values in table.items()}


def _seen(
    declined: NDArray[np.bool_], predicted: NDArray[np.bool_], ranks: Floats
) -> Mapping[str, float]:
    hits, m = int((declined & predicted).sum()), int(declined.sum())
    n = len(declined) - m
    above = ranks[declined].sum() - m * (m + 1) / 2  # Mann and Whitney's U
    return {
        "decline_rate": m / len(declined),
        "roc_auc": above / (m * n) if m and n else np.nan,
        "precision": hits / predicted.sum() if predicted.any() else np.nan,
        "recall": hits / m if m else np.nan,
    }


def _interval(values: "pd.Series[float]", tails: list[float]) -> Interval:
    if values.isna().all():
        return {"value": np.nan, "low": np.nan, "high": np.nan}
    low, high = np.nanquantile(values, tails)
    return {"value": float(values.mean()), "low": float(low), "high": float(high)}


def _calibrations(known: Known, draws: int, random: np.random.Generator) -> Floats:
    """Return intercept and slope of resampled known customers, (draws, 2), by Newton's method."""
    _, group = np.unique(known.groups, return_inverse=True)
    count = int(group.max()) + 1
    weights = random.multinomial(count, np.full(count, 1 / count), size=draws)[:, group]
    odds, decline = log_odds(known.probability), known.decline
    found = np.zeros((draws, 2))  # from where Newton's steps don't overshoot
    for _ in range(_STEPS):
        fitted = expit(found[:, :1] + found[:, 1:] * odds)
        error = weights * (decline - fitted)
        spread = weights * fitted * (1 - fitted)
        gradient = np.stack([error.sum(1), error @ odds], axis=1)
        gradient -= _RIDGE * (found - [0.0, 1.0])
        middle, cross, square = spread.sum(1), spread @ odds, spread @ odds**2
        curvature = np.stack([middle, cross, cross, square], axis=1).reshape(-1, 2, 2)
        found = found + np.linalg.solve(curvature + _RIDGE * np.eye(2), gradient[..., None])[..., 0]
    return found
