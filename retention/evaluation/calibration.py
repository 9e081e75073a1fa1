"""How far predicted probabilities are from observed rates: as a curve, in one number, in two.

Shapes: `decline` and `probability` are (customers,); 1 is the decline, and probabilities are those
of the decline.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from retention.statistics.intervals import Interval, group_bootstrap_interval, rate_interval
from retention.statistics.ranking import tied_mean

# Probabilities of 0 and 1 have no finite log-odds: these are ±13.8.
LEAST_PROBABILITY = 1e-6


def calibration_points(
    decline: NDArray[np.int64], probability: NDArray[np.float64], bins: int, confidence: float
) -> pd.DataFrame:
    """Return the reliability curve over bins of equal size, with Wilson intervals.

    Customers of equal probability who fall into two bins count in both with their common rate, see
    `tied_mean`. Columns: `predicted` (mean probability of the bin), `observed`, `low`, `high`,
    `customers`.
    """
    rate = tied_mean(decline, probability)
    rows = []
    for part in np.array_split(np.argsort(probability, kind="stable"), bins):
        if not len(part):
            continue
        observed = rate_interval(float(rate[part].sum()), len(part), confidence)
        rows.append(
            {
                "predicted": probability[part].mean(),
                "observed": observed["value"],
                "low": observed["low"],
                "high": observed["high"],
                "customers": len(part),
            }
        )
    return pd.DataFrame(rows)


def expected_calibration_error(
    decline: NDArray[np.int64], probability: NDArray[np.float64], bins: int
) -> float:
    """Return ECE = Σ (n_b/n)·|mean p_b − rate_b|, between 0 and 1, over bins of equal size.

    The bins are those of `calibration_points`, of which it is the mean gap.

    It is biased upwards, the more the smaller the bins are: in a finite sample, rates differ from
    even the true probabilities. `ece_of_perfect` says by how much.
    """
    gap = probability - tied_mean(decline, probability)
    # (n_b/n)·|mean p_b − rate_b| is |Σ(p − rate)|/n over the bin: empty bins add nothing.
    parts = np.array_split(gap[np.argsort(probability, kind="stable")], bins)
    return float(sum(abs(part.sum()) for part in parts) / len(gap))


def ece_of_perfect(probability: NDArray[np.float64], bins: int, samples: int, seed: int) -> float:
    """Return the mean ECE if these very probabilities were true: the figure's floor, not 0.

    Outcomes are drawn `samples` times from the probabilities, each customer independently. Where
    near-duplicates share their outcomes, the real floor is a little higher.
    """
    random = np.random.default_rng(seed)
    errors = [
        expected_calibration_error(
            (random.random(len(probability)) < probability).astype(np.int64), probability, bins
        )
        for _ in range(samples)
    ]
    return float(np.mean(errors))


def ece_interval(
    decline: NDArray[np.int64],
    probability: NDArray[np.float64],
    groups: NDArray[np.intp],
    bins: int,
    samples: int,
    confidence: float,
    seed: int,
) -> Interval:
    """Return the ECE with its percentile interval over resampled groups of near-duplicates.

    The ECE is biased upwards in small samples, and that of a resample once more: the interval lies
    too high, may lie above `value`, and never has 0 in it. It shows the spread. Whether the
    probabilities may be perfectly calibrated is to be read against `ece_of_perfect`, or from
    `calibration_slope_intercept`.
    """
    return group_bootstrap_interval(
        lambda drawn, scores: expected_calibration_error(drawn, scores, bins),
        decline,
        probability,
        groups,
        samples=samples,
        confidence=confidence,
        seed=seed,
    )


def brier_skill(
    decline: NDArray[np.int64], probability: NDArray[np.float64], base_rate: float
) -> float:
    """Return 1 − Brier/Brier of the base rate: 1 is perfect, 0 no better than the rate for all.

    `base_rate` is the share of declines known beforehand, that is, of the training data: the rate
    of the judged customers themselves is a reference that nobody could have had. nan when the base
    rate alone makes no error.
    """
    reference = float(np.mean((base_rate - decline) ** 2))
    return 1 - float(np.mean((probability - decline) ** 2)) / reference if reference else np.nan


def calibration_slope_intercept(
    decline: NDArray[np.int64], probability: NDArray[np.float64]
) -> dict[str, float]:
    """Return `slope` and `intercept` of the outcome's log-odds on the predicted ones.

    log-odds(decline) = intercept + slope·log-odds(p), by logistic regression without a penalty (Cox
    1958, Biometrika 45, 562-565). Calibrated probabilities have 1 and 0; a slope below 1 says that
    they are too extreme, above 1 too timid, below 0 upside down. The intercept belongs to the
    fitted slope: alone it doesn't say that probabilities are too low or too high on the whole.

    Both are nan where the maximum of the likelihood is not finite: no two different probabilities,
    one class only, or a threshold that separates the classes.
    """
    odds = logit(np.clip(probability, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY))
    declined, stayed = odds[decline == 1], odds[decline == 0]
    # In one dimension, the estimate is finite exactly when the classes overlap.
    if (
        not (len(declined) and len(stayed))
        or declined.min() >= stayed.max()
        or stayed.min() >= declined.max()
    ):
        return {"slope": np.nan, "intercept": np.nan}
    fitted = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)
    fitted.fit(odds.reshape(-1, 1), decline)
    return {"slope": float(fitted.coef_[0, 0]), "intercept": float(fitted.intercept_[0])}
