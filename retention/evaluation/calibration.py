"""How far predicted probabilities are from observed rates: as a curve, in one number, in two.

Shapes: `decline` and `probability` are (customers,); 1 is the decline, and probabilities are those
of the decline.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit, logit

from retention.statistics.intervals import (
    TOO_FEW,
    Interval,
    alone,
    fewest_groups,
    group_sums,
    rate_interval,
)
from retention.statistics.ranking import tied_mean

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Groups = NDArray[np.intp]

# Probabilities of 0 and 1 have no finite log-odds: these are ±13.8.
LEAST_PROBABILITY = 1e-6
# Knots of the smooth curve, as quantiles of the log-odds (Harrell 2015, section 2.4.6).
KNOTS = (0.05, 0.35, 0.65, 0.95)
# Keeps the smooth curve finite where its end has one class only; far too weak to shrink it.
RIDGE = 1e-3
STEPS = 30  # of Newton's method: it takes about eight
ENOUGH = 100  # draws for the mean of an index that varies by a third of itself


def log_odds(probability: Floats) -> Floats:
    """Return the log-odds of probabilities, those of 0 and 1 cut off at `LEAST_PROBABILITY`."""
    odds: Floats = logit(np.clip(probability, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY))
    return odds


def calibration_points(
    decline: Integers, probability: Floats, bins: int, confidence: float
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


def expected_calibration_error(decline: Integers, probability: Floats, bins: int) -> float:
    """Return ECE = Σ (n_b/n)·|mean p_b − rate_b|, between 0 and 1, over bins of equal size.

    The bins are those of `calibration_points`, of which it is the mean gap.

    It is biased upwards, the more the smaller the bins are: in a finite sample, rates differ from
    even the true probabilities. `ece_of_perfect` says by how much; an interval by resampling would
    be biased once more, and lie above the value.
    """
    return float(_ece(decline[None, :], probability, bins)[0])


def ece_of_perfect(probability: Floats, bins: int, samples: int, seed: int) -> float:
    """Return the mean ECE if these very probabilities were true: the figure's floor, not 0.

    Outcomes are drawn `samples` times from the probabilities, each customer independently. Where
    near-duplicates share their outcomes, the real floor is a little higher.
    """
    return float(_ece(_outcomes(probability, samples, seed), probability, bins).mean())


def integrated_calibration_index(decline: Integers, probability: Floats) -> float:
    """Return ICI = mean |p − c(p)|, c being the smooth curve of the outcome on the log-odds of p.

    (Austin & Steyerberg 2019, https://doi.org/10.1002/sim.8281.) The curve is a logistic regression
    on restricted cubic splines with four knots. No bins; a smaller floor than the ECE's, but one
    too, see `ici_of_perfect`.
    """
    return float(_ici(decline[None, :], probability)[0])


def ici_of_perfect(probability: Floats, samples: int, seed: int) -> float:
    """Return the mean ICI if these very probabilities were true, as `ece_of_perfect` does."""
    few = min(samples, ENOUGH)
    return float(_ici(_outcomes(probability, few, seed), probability).mean())


def brier_skill(decline: Integers, probability: Floats, base_rate: float | Floats) -> float:
    """Return 1 − Brier/Brier of the base rate: 1 is perfect, 0 no better than the rate for all.

    `base_rate` is the share of declines known beforehand, that is, of the training data: the rate
    of the judged customers themselves is a reference that nobody could have had. nan when the base
    rate alone makes no error.
    """
    reference = float(np.mean((base_rate - decline) ** 2))
    return 1 - float(np.mean((probability - decline) ** 2)) / reference if reference else np.nan


def in_the_large(
    decline: Integers, probability: Floats, groups: Groups, confidence: float
) -> Interval:
    """Return by how much the log-odds are too low on the whole: the offset at slope 1 (Cox 1958).

    log-odds(decline) = offset + log-odds(p). 0 is calibrated, below 0 says that the probabilities
    are too high. The interval is Wald's with errors that are summed by group (the sandwich of Liang
    & Zeger 1986), so that near-duplicates, and a customer who is scored in several repeats, count
    as one draw.
    """
    odds = log_odds(probability)
    if len(np.unique(decline)) < 2:
        return alone(np.nan)
    ones = np.ones((len(odds), 1))
    [[offset]] = logistic(ones, decline[None, :], odds)
    error = _last_error(ones, decline, odds + offset, groups)
    return _wald(float(offset), error, decline, groups, confidence)


def slope(decline: Integers, probability: Floats, groups: Groups, confidence: float) -> Interval:
    """Return the slope of the outcome's log-odds on the predicted ones (Cox 1958).

    log-odds(decline) = intercept + slope·log-odds(p). 1 is calibrated; below 1 says that the
    probabilities are too extreme, above 1 too timid, below 0 upside down. nan where the maximum of
    the likelihood is not finite: no two different probabilities, one class only, or a threshold
    that separates the classes. The interval is as in `in_the_large`.
    """
    odds = log_odds(probability)
    declined, stayed = odds[decline == 1], odds[decline == 0]
    # In one dimension, the estimate is finite exactly when the classes overlap.
    if (
        not (len(declined) and len(stayed))
        or declined.min() >= stayed.max()
        or stayed.min() >= declined.max()
    ):
        return alone(np.nan)
    line = np.column_stack([np.ones(len(odds)), odds])
    [weights] = logistic(line, decline[None, :], np.zeros(len(odds)))
    error = _last_error(line, decline, line @ weights, groups)
    return _wald(float(weights[1]), error, decline, groups, confidence)


def _outcomes(probability: Floats, samples: int, seed: int) -> Integers:
    random = np.random.default_rng(seed)
    return (random.random((samples, len(probability))) < probability).astype(np.int64)


def _ece(outcomes: Integers, probability: Floats, bins: int) -> Floats:
    """Return the ECE of each row of outcomes, (samples, n) → (samples,)."""
    n = len(probability)
    parts = np.array_split(np.argsort(probability, kind="stable"), bins)
    number = np.empty(n, dtype=np.intp)
    number[np.concatenate(parts)] = np.repeat(np.arange(bins), [len(part) for part in parts])
    # Tied customers share a common rate: each counts in every bin that has some of them.
    _, tie = np.unique(probability, return_inverse=True)
    share = np.zeros((tie.max() + 1, bins))
    np.add.at(share, (tie, number), 1)
    share = (share / share.sum(axis=1, keepdims=True))[tie]
    # (n_b/n)·|mean p_b − rate_b| is |Σ(p − rate)|/n over the bin: empty bins add nothing.
    gaps: Floats = np.abs((probability - outcomes) @ share).sum(axis=1) / n
    return gaps


def _ici(outcomes: Integers, probability: Floats) -> Floats:
    """Return the ICI of each row of outcomes, (samples, n) → (samples,)."""
    basis = restricted_cubic(log_odds(probability))
    smooth = expit(logistic(basis, outcomes, np.zeros(len(probability)), RIDGE) @ basis.T)
    index: Floats = np.abs(probability - smooth).mean(axis=1)
    return index


def restricted_cubic(x: Floats, at: Floats | None = None) -> Floats:
    """Return the basis of a cubic spline that is linear beyond its outer knots, (n,) → (n, k).

    The knots are those of `x`; the basis is that of its points, or of other ones, `at`.
    """
    knots = np.unique(np.quantile(x, KNOTS))
    spread = float(knots[-1] - knots[0])
    points = x if at is None else at
    if spread <= 0:
        return np.ones((len(points), 1))
    columns = [np.ones(len(points)), (points - x.mean()) / x.std()]
    cubes = [np.maximum(points - knot, 0) ** 3 for knot in knots]
    if len(knots) > 2:
        *inner, before, last = range(len(knots))
        gap = knots[last] - knots[before]
        for j in inner:
            left = (knots[last] - knots[j]) / gap
            right = (knots[before] - knots[j]) / gap
            columns.append((cubes[j] - left * cubes[before] + right * cubes[last]) / spread**2)
    return np.column_stack(columns)


def logistic(
    basis: Floats,
    outcomes: Integers,
    offset: Floats,
    ridge: float = 0.0,
    counted: Floats | None = None,
) -> Floats:
    """Return the weights of a logistic regression for each row of outcomes, by Newton's method.

    A step that would not lessen the loss is halved. Shapes: basis (n, k), outcomes (samples, n),
    offset (n,) → (samples, k). `counted` (n,) is how often each customer counts, once if not given.
    """
    n, k = basis.shape
    counts = np.ones(n) if counted is None else counted
    products = (basis[:, :, None] * basis[:, None, :]).reshape(n, k * k) * counts[:, None]
    penalty = ridge * np.eye(k)
    signs = 1 - 2 * outcomes

    def loss(weights: Floats) -> Floats:
        odds = weights @ basis.T + offset
        summed: Floats = np.logaddexp(0, signs * odds) @ counts
        penalised: Floats = summed + ridge / 2 * (weights**2).sum(axis=1)
        return penalised

    weights = np.zeros((len(outcomes), k))
    reached = loss(weights)
    for _ in range(STEPS):
        fitted = expit(weights @ basis.T + offset)
        pull = ((outcomes - fitted) * counts) @ basis - ridge * weights
        curvature = ((fitted * (1 - fitted)) @ products).reshape(-1, k, k) + penalty
        step = np.linalg.solve(curvature, pull[:, :, None])[:, :, 0]
        for _ in range(STEPS):
            longer = loss(weights + step) > reached + 1e-12 * np.abs(reached)
            if not longer.any():
                break
            step[longer] /= 2
        weights += step
        reached = loss(weights)
        if np.abs(step).max() < 1e-9:
            break
    return weights


def sandwich(
    basis: Floats,
    decline: Integers,
    odds: Floats,
    groups: Groups,
    ridge: float = 0.0,
    counted: Floats | None = None,
) -> Floats:
    """Return the covariance (k, k) of a fitted logistic regression's weights, summed by group."""
    counts = np.ones(len(decline)) if counted is None else counted
    fitted = expit(odds)
    curvature = (basis * (counts * fitted * (1 - fitted))[:, None]).T @ basis
    bread = np.linalg.inv(curvature + ridge * np.eye(basis.shape[1]))
    sums = group_sums(basis * (counts * (decline - fitted))[:, None], groups)
    count = len(sums)
    covariance: Floats = bread @ (sums.T @ sums) @ bread * count / max(count - 1, 1)
    return covariance


def _last_error(basis: Floats, decline: Integers, odds: Floats, groups: Groups) -> float:
    return float(np.sqrt(sandwich(basis, decline, odds, groups)[-1, -1]))


def _wald(
    value: float, error: float, decline: Integers, groups: Groups, confidence: float
) -> Interval:
    if fewest_groups(decline, groups) < TOO_FEW or not error > 0:
        return alone(value)
    reach = float(stats.norm.ppf((1 + confidence) / 2)) * error
    return {"value": value, "low": value - reach, "high": value + reach}
