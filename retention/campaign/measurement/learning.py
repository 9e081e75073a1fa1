"""What a campaign says about an offer: from the declared assumptions to learnt ones.

Symbols as in `retention.campaign.worth`. Of an offer, the share kept γ, the take-up τ and the harm
η have the declared distributions as priors. A customer of the control group declines with the
probability q, one of the contact group with

    P = q·(1 − a·γ) + (1 − q)·a·η,      logit q = logit p + b

where p is the score known beforehand, b how far the month is off from it, common to all customers,
with the prior N(0, ½²): the control group keeps an error of the score from being taken for an
effect. Where it is known who took the offer, a customer who didn't decline did so with the
probability a·[q·γ + (1 − q)·(1 − η)·τ] / (1 − P); where only the effect on profit is known, it is
compared with what `worth` expects of γ, τ and η. Without either, the take-up stays as assumed.

Posteriors are computed on a grid, by Bayes' rule and nothing else, and written as Beta
distributions of the same mean and variance, which are the priors of the next campaign.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, xlog1py, xlogy

from retention.campaign.assumptions import Assumption, Beta, Fixed, OfferAssumptions

Floats = NDArray[np.float64]

_OFF = 0.5  # standard deviation of b
_CELL = 0.02  # customers whose scores differ by less count as alike
_SURE = 1e-3  # no score is nearer to 0 or 1 than this
_SHIFTS, _POINTS = 21, 30  # points of the grid: of b, and of each assumption
_FAR, _AROUND = 8, 5  # standard deviations around the mean that the two rounds look at
_LEAST = 1e-300  # of a probability whose logarithm is taken


class Seen(NamedTuple):
    """Customers of one arm, (n,) each.

    `weight` is 1 over the size of a customer's group of near-duplicates; `attention` is a, 0 for
    the control group; `taken` is whether the offer was taken, nan where that isn't known.
    """

    probability: Floats
    attention: Floats
    decline: Floats
    taken: Floats
    weight: Floats


class Money(NamedTuple):
    """The effect on profit of an offer, before the cost of contacts, and what it depends on.

    Expected is `kept`·γ − `harmed`·η − `cost_kept`·γ − `cost_stayed`·(1 − η)·τ; `error` is the
    standard error of `effect`, what isn't certain about these sums included.
    """

    effect: float
    error: float
    kept: float
    harmed: float
    cost_kept: float
    cost_stayed: float


@dataclass(frozen=True)
class Learnt:
    """An assumption after a campaign, with its interval, and its mean before and after."""

    assumption: Assumption
    before: float
    after: float
    low: float
    high: float


def learn(
    prior: OfferAssumptions,
    contacted: Seen,
    control: Seen,
    *,
    confidence: float,
    origin: str,
    money: Money | None = None,
) -> dict[str, Learnt]:
    """Return share_kept, take_up and harm of an offer after a campaign.

    Parameters
    ----------
    prior
        What was assumed.
    contacted
        Whoever was drawn to get this offer.
    control
        Whoever was drawn to get nothing, of all offers.
    confidence
        Level of the intervals.
    origin
        What the learnt distributions name as their origin.
    money
        The effect on profit, where it isn't known who took the offer.

    """
    priors = {"share_kept": prior.share_kept, "harm": prior.harm, "take_up": prior.take_up}
    evidence = _Evidence(_cells(contacted), *_shifts(control), money)
    # First as far as the priors reach, then once more where the first round found them to be.
    around = [(each.mean, _FAR * each.deviation) for each in priors.values()]
    for _ in range(2):
        grids = [
            _grid(each, mean - reach, mean + reach)
            for each, (mean, reach) in zip(priors.values(), around, strict=True)
        ]
        found = _marginals(evidence, grids)
        around = [
            (mean, max(_AROUND * deviation, grid.step))
            for (mean, deviation), grid in zip(found, grids, strict=True)
        ]
    return {
        name: _learnt(each, *moments, confidence, origin)
        for (name, each), moments in zip(priors.items(), _marginals(evidence, grids), strict=True)
    }


class _Grid(NamedTuple):
    """Values of an assumption, the logarithms of their prior probabilities, the largest step."""

    values: Floats  # (points,)
    log_weights: Floats
    step: float


def _grid(assumption: Assumption, low: float, high: float) -> _Grid:
    """Return points between low and high; denser near 0, where shares mostly are."""
    if isinstance(assumption, Fixed):
        return _Grid(np.array([assumption.value]), np.zeros(1), 0.0)
    edges = np.linspace(np.sqrt(max(low, 0.0)), np.sqrt(min(high, 1.0)), _POINTS + 1) ** 2
    values = (edges[1:] + edges[:-1]) / 2
    log_weights = assumption.log_density(values) + np.log(np.diff(edges))
    return _Grid(values, log_weights, float(np.diff(edges).max()))


@dataclass(frozen=True)
class _Evidence:
    """What was seen of an offer: its customers, the probabilities of b, the effect on profit."""

    cells: "_Cells"
    shifts: Floats
    shift_weights: Floats
    money: Money | None


def _marginals(evidence: _Evidence, grids: list[_Grid]) -> list[tuple[float, float]]:
    """Return mean and standard deviation of γ, η and τ."""
    kept, harm, take = (grid.values for grid in grids)
    log = _log_decline(evidence.cells, evidence.shifts, kept, harm)
    log += np.log(np.maximum(evidence.shift_weights, _LEAST))[:, None, None]
    weights = np.exp(log - log.max())
    # The take-up hardly depends on b: its mean is enough there.
    centre = float((weights.sum(axis=(1, 2)) * evidence.shifts).sum() / weights.sum())
    joint = np.log(np.maximum(weights.sum(axis=0), _LEAST))[:, :, None]
    joint = joint + _log_taken(evidence.cells, centre, kept, harm, take)
    if evidence.money is not None:
        joint += _log_money(evidence.money, kept, harm, take)
    for axis, grid in enumerate(grids):
        joint += np.expand_dims(grid.log_weights, [k for k in range(3) if k != axis])
    posterior = np.exp(joint - joint.max())
    posterior /= posterior.sum()
    moments = []
    for axis, grid in enumerate(grids):
        share = posterior.sum(axis=tuple(k for k in range(3) if k != axis))
        mean = float(share @ grid.values)
        moments.append((mean, float(np.sqrt(share @ (grid.values - mean) ** 2))))
    return moments


def _shifts(control: Seen) -> tuple[Floats, Floats]:
    """Return a grid of b, and its probabilities after the control group was seen."""
    wide = np.linspace(-4 * _OFF, 4 * _OFF, 161)
    log = -0.5 * (wide / _OFF) ** 2
    if len(control.probability):
        cells = _cells(control)
        log = log + _log_decline(cells, wide, np.zeros(1), np.zeros(1))[:, 0, 0]
    weights = np.exp(log - log.max())
    mean = float((weights * wide).sum() / weights.sum())
    deviation = float(np.sqrt((weights * (wide - mean) ** 2).sum() / weights.sum()))
    grid = mean + deviation * np.linspace(-3.5, 3.5, _SHIFTS)
    found = np.exp(np.interp(grid, wide, log - log.max(), left=-50, right=-50))
    return grid, found / found.sum()


class _Cells(NamedTuple):
    """Sums of weights over customers who are alike, (cells,) each."""

    score: Floats  # log-odds
    attention: Floats
    declined: Floats
    stayed: Floats
    took: Floats  # of whom it is known
    left: Floats


def _cells(seen: Seen) -> _Cells:
    step = np.rint(seen.probability / _CELL)
    keys = np.column_stack([step, seen.attention])
    _, cell = np.unique(keys, axis=0, return_inverse=True)

    def sums(values: Floats) -> Floats:
        return np.bincount(cell, weights=values * seen.weight).astype(np.float64)

    size = sums(np.ones_like(seen.weight))
    p = np.clip(sums(seen.probability) / size, _SURE, 1 - _SURE)
    known = ~np.isnan(seen.taken) & (seen.decline == 0)
    took = np.where(known, np.nan_to_num(seen.taken), 0.0)
    return _Cells(
        logit(p),
        sums(seen.attention) / size,
        sums(seen.decline),
        sums(1 - seen.decline),
        sums(took),
        sums(known - took),
    )


def _log_decline(cells: _Cells, shift: Floats, kept: Floats, harm: Floats) -> Floats:
    """Return the log-likelihood of the declines, (shifts, kept, harm)."""
    log = np.zeros((len(shift), len(kept), len(harm)))
    for score, attention, declined, stayed in zip(*cells[:4], strict=True):
        q = expit(score + shift)[:, None, None]
        p = q * (1 - attention * kept[:, None]) + (1 - q) * attention * harm
        log += xlogy(declined, p) + xlog1py(stayed, -p)
    return log


def _log_taken(cells: _Cells, shift: float, kept: Floats, harm: Floats, take: Floats) -> Floats:
    """Return the log-likelihood of who took the offer, (kept, harm, take-up)."""
    log = np.zeros((len(kept), len(harm), len(take)))
    gamma, eta = kept[:, None, None], harm[:, None]
    for score, attention, _, _, took, left in zip(*cells, strict=True):
        if not took + left:
            continue
        q = expit(score + shift)
        takes = attention * (q * gamma + (1 - q) * (1 - eta) * take)
        stays = 1 - q * (1 - attention * gamma) - (1 - q) * attention * eta
        share = np.clip(takes / stays, 1e-12, 1 - 1e-12)
        log += xlogy(took, share) + xlog1py(left, -share)
    return log


def _log_money(money: Money, kept: Floats, harm: Floats, take: Floats) -> Floats:
    """Return the log-likelihood of the effect on profit, (kept, harm, take-up)."""
    gamma, eta = kept[:, None, None], harm[:, None]
    expected = (money.kept - money.cost_kept) * gamma - money.harmed * eta
    expected = expected - money.cost_stayed * (1 - eta) * take
    return np.asarray(-0.5 * ((money.effect - expected) / money.error) ** 2, dtype=np.float64)


def _learnt(
    prior: Assumption, mean: float, deviation: float, confidence: float, origin: str
) -> Learnt:
    if isinstance(prior, Fixed):
        return Learnt(prior, prior.value, prior.value, prior.value, prior.value)
    strength = mean * (1 - mean) / deviation**2 - 1
    found = Beta(
        distribution="beta", alpha=mean * strength, beta=(1 - mean) * strength, origin=origin
    )
    low, high = found.quantile(np.array([(1 - confidence) / 2, (1 + confidence) / 2])).tolist()
    return Learnt(found, prior.mean, mean, low, high)
