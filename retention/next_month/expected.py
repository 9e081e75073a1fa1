"""What the model is worth next month, before any outcome is known.

If probabilities are right, they say by themselves how well they will rank: outcomes are drawn from
them many times, and judged as the real ones will be (confidence-based estimation; Guillory et al.
2021, https://arxiv.org/abs/2107.03315; White et al. 2023). Whether they are right, training
customers tell, whose outcome is known and whom the scoring models never saw: each draw takes
another curve that agrees with them (`Recalibration`), learnt above all from those whose like next
month has more of (`resemblance`). An interval is one for the figure that will come, not for its
mean over all months: it also holds the luck of so many customers.

**What this can't see.** That the *relation* between columns and decline changes: a competitor, a
new tariff, a month in which everybody buys less. That customers come whose like the model never
saw, or columns that go together as they never did: there, nobody knows how right the model is
(`effective_share` says how few of the training customers speak for next month's). Only outcomes
show either (`retention.next_month.outcome`). Outcomes are drawn independently, those of the
customers of one group by a common chance: what befalls everybody at once widens nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from retention.next_month.recalibration import Known, Recalibration
from retention.statistics.intervals import TOO_FEW, Interval, alone

Floats = NDArray[np.float64]
Members = NDArray[np.bool_]
Positions = NDArray[np.intp]

FIGURES = ("roc_auc", "precision", "recall", "decline_rate")
AT_ONCE = 5_000_000  # cells of the matrix of outcomes


@dataclass(frozen=True)
class Simulation:
    """So many draws of the outcomes, the level of the intervals, and the seed."""

    draws: int
    confidence: float
    seed: int


@dataclass(frozen=True)
class Scored:
    """Customers of next month: `probability` of decline, and whether each is `called` declining.

    Those who share a number of `groups` share their luck too, as near-duplicates may; all (m,).
    """

    probability: Floats
    called: Members
    groups: Positions | None = None


def expected(scored: Scored, known: Known, setting: Simulation) -> dict[str, Any]:
    """Return ROC-AUC, precision, recall and decline rate as they are to be expected, and `called`.

    Each is {`value`, `low`, `high`}; alone where fewer than `TOO_FEW` of a class (for the
    precision, of those called) are expected, or known.
    """
    if not len(scored.probability):
        return {**{name: alone(np.nan) for name in FIGURES}, "called": 0}
    figures = Figures(scored)
    drawn = simulate(figures, scored, Recalibration(known), setting)
    declining = float(np.nanmean(drawn[:, -1])) * len(scored.probability)
    rarer = min(declining, len(scored.probability) - declining)
    rests_on = {"precision": figures.called, "decline_rate": np.inf}
    found = {
        name: _interval(values, setting.confidence)
        if known.enough and rests_on.get(name, rarer) >= TOO_FEW
        else alone(_mean(values))
        for name, values in zip(FIGURES, drawn.T, strict=True)
    }
    return {**found, "called": figures.called}


def expected_roc_auc(probability: Floats, weight: Floats | None = None) -> float:
    """Return the ROC-AUC of customers if their probabilities (n,) are true; nan if all are certain.

    P(p > p' | declined, stayed) + ½·P(p = p' | …) = Σᵢⱼ wᵢpᵢ·wⱼ(1 − pⱼ)·([pᵢ > pⱼ] + ½[pᵢ = pⱼ]),
    over its sum without the brackets; `weight` (n,) says how often each customer counts.
    """
    counts = np.ones(len(probability)) if weight is None else weight
    _, place = np.unique(probability, return_inverse=True)
    declining = np.bincount(place, weights=counts * probability)
    staying = np.bincount(place, weights=counts * (1 - probability))
    pairs = declining.sum() * staying.sum()
    below = np.cumsum(staying) - staying / 2
    return float(declining @ below / pairs) if pairs > 0 else np.nan


def simulate(
    figures: Callable[[Members], Floats],
    scored: Scored,
    curve: Recalibration,
    setting: Simulation,
) -> Floats:
    """Return figures of outcomes drawn again and again, (draws, figures).

    `figures` takes outcomes (k, m) and returns (k, figures).
    """
    return np.concatenate([figures(part) for part in _outcomes(scored, curve, setting)])


class Figures:
    """The figures of many outcomes (k, m) of the same scored customers: (k, 4), as `FIGURES`."""

    def __init__(self, scored: Scored) -> None:
        self._ranks = rankdata(scored.probability)
        self._called = scored.called
        self.called = int(scored.called.sum())

    def __call__(self, outcomes: Members) -> Floats:
        """Return the figures; nan where a class is missing, or nobody is called."""
        declined = outcomes.sum(axis=1).astype(np.float64)
        stayed = outcomes.shape[1] - declined
        hits = outcomes[:, self._called].sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            above = outcomes @ self._ranks - declined * (declined + 1) / 2
            return np.column_stack(
                [
                    above / (declined * stayed),
                    hits / np.float64(self.called),
                    hits / declined,
                    declined / outcomes.shape[1],
                ]
            )


def _outcomes(scored: Scored, curve: Recalibration, setting: Simulation) -> Iterator[Members]:
    """Yield drawn outcomes in parts, (k, m) each."""
    random = np.random.default_rng(setting.seed)
    size = len(scored.probability)
    step = max(1, AT_ONCE // size)
    places = np.arange(size)
    if scored.groups is not None:
        _, places = np.unique(scored.groups, return_inverse=True)
    for start in range(0, setting.draws, step):
        count = min(step, setting.draws - start)
        probability = curve.draws(scored.probability, count, random)
        yield random.random((count, places.max() + 1))[:, places] < probability


def _interval(values: Floats, confidence: float) -> Interval:
    """Return the mean of draws with the quantiles between which the share `confidence` lies."""
    known = values[~np.isnan(values)]
    low = float(np.quantile(known, (1 - confidence) / 2, method="lower"))
    high = float(np.quantile(known, (1 + confidence) / 2, method="higher"))
    return {"value": _mean(values), "low": low, "high": high}


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan
