"""The control group: who is on the list and gets nothing, and what a campaign can find out with it.

Groups of near-duplicates stay in one arm: the offer to one of them may be seen by the other. Every
group has the same chance of being in the control group, and the strata (offer, segment, risk) are
each split as evenly as whole groups allow: the groups are put in a random order within their
stratum, strata side by side, and every so many-th of them is taken (systematic sampling, Cochran
1977, chapter 8).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from retention.harness.errors import UserError
from retention.statistics.intervals import group_sums

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Groups = NDArray[np.intp]

POWER = 0.8


class AtStake(NamedTuple):
    """Profit of each customer over the horizon, (n,), and the share of it that a decline takes."""

    profit: Floats
    share_lost: float

    def varies(self, probability: Floats) -> tuple[float, float]:
        """Return the standard deviation of the profits to come, and what is known of the variance.

        A profit V of which a decline takes the share s has the mean V(1 − s·p) and the variance
        (V·s)²·p(1 − p) around it. What is known beforehand is how these means differ.
        """
        lost = self.share_lost * self.profit
        known = float(np.var(self.profit - lost * probability))
        whole = known + float(np.mean(lost**2 * probability * (1 - probability)))
        return float(np.sqrt(whole)), known / whole if whole > 0 else 0.0


def draw_control(strata: Sequence[NDArray[Any]], groups: Groups, share: float, seed: int) -> Flags:
    """Return who is in the control group, (n,).

    Parameters
    ----------
    strata
        Columns (n,) of anything that can be sorted, the one to be balanced best first. A group that
        spans several strata counts in that of its first customer.
    groups
        Group of near-duplicates of each customer, (n,).
    share
        Of the groups, at least 0 and below 1; with 0 there is no control group.
    seed
        What draws the order within strata.

    """
    _, first, member = np.unique(groups, return_index=True, return_inverse=True)
    random = np.random.default_rng(seed)
    codes = [np.unique(column, return_inverse=True)[1][first] for column in strata]
    order = np.lexsort([random.random(len(first)), *codes[::-1]])
    steps = np.floor(np.arange(len(first) + 1) * share + random.random())
    taken = np.empty(len(first), dtype=bool)
    taken[order] = np.diff(steps) > 0
    return np.asarray(taken[member], dtype=bool)


def independent(groups: Groups) -> float:
    """Return how many independent customers so many in groups are worth: n² / Σ n_g²."""
    sizes = group_sums(np.ones(len(groups)), groups)
    return float(sizes.sum() ** 2 / (sizes**2).sum())


def smallest_difference(
    rate: float, contacted: float, control: float, confidence: float, explained: float = 0.0
) -> float:
    """Return the fall of a rate that would be seen with a power of 80 %.

    nan without a control, and where even a fall to nothing wouldn't be seen.

    By the arcsine transformation (Cohen 1988, chapter 6), φ = 2·arcsin√rate, of which the
    difference between two groups has the standard error √(1/contacted + 1/control). Adjusting for
    a score that explains a share of the variance, known beforehand, shortens it by √(1 − explained)
    (Deng, Xu, Kohavi & Walker 2013, https://doi.org/10.1145/2433396.2433413).

    Parameters
    ----------
    rate
        Of decline in the control group.
    contacted, control
        Independent customers in each arm.
    confidence
        Of the two-sided interval.
    explained
        Share of the outcome's variance that the score explains: 0 is the raw comparison.

    """
    if not contacted or not control:
        return float("nan")
    reach = _reach(confidence) * np.sqrt((1 / contacted + 1 / control) * (1 - explained))
    angle = 2 * np.arcsin(np.sqrt(rate)) - reach
    return float(rate - np.sin(angle / 2) ** 2) if angle >= 0 else float("nan")


def smallest_amount(
    deviation: float, contacted: float, control: float, confidence: float, explained: float = 0.0
) -> float:
    """Return the difference of a mean amount that would be seen with a power of 80 %.

    `deviation` is the standard deviation of the amount; the others are as in `smallest_difference`.
    """
    if not contacted or not control:
        return float("nan")
    error = deviation * np.sqrt((1 / contacted + 1 / control) * (1 - explained))
    return float(_reach(confidence) * error)


def share_for(
    customers: float, rate: float, difference: float, confidence: float, explained: float = 0.0
) -> float:
    """Return the smallest share of the list as a control group that shows such a fall of the rate.

    nan where even a half of the list doesn't.
    """

    def seen(share: float) -> float:
        parts = customers * (1 - share), customers * share
        return smallest_difference(rate, *parts, confidence, explained)

    if not seen(0.5) <= difference:
        return float("nan")
    low, high = 0.0, 0.5
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if seen(middle) <= difference else (middle, high)
    return high


def control_share(
    probability: Floats, groups: Groups, share: float, smallest: float | None, confidence: float
) -> float:
    """Return the share of a list that gets nothing: `share`, or as little as shows an effect.

    `smallest` is the fall of the rate of declines that has to show, after the adjustment by the
    score. Raises UserError when even a half of the list doesn't show it.
    """
    if smallest is None or not len(probability):
        return share
    customers, rate = independent(groups), float(probability.mean())
    explained = explained_by(probability)
    found = share_for(customers, rate, smallest, confidence, explained)
    if np.isnan(found):
        half = customers / 2
        seen = smallest_difference(rate, half, half, confidence, explained)
        below = "" if np.isnan(seen) else f" below {seen:.3f}"
        raise UserError(
            f"params.yaml: 'offer.smallest_effect' is {smallest:g}, but of {len(probability)} "
            f"customers even a half as control shows no fall{below}: raise it, or leave it empty "
            "and give 'offer.control'."
        )
    return found


def explained_by(probability: Floats) -> float:
    """Return the share of the outcome's variance that a calibrated probability explains.

    An outcome with the probability p has the variance p(1 − p) around it and p̄(1 − p̄) around the
    mean, so that it is 1 − mean(p(1 − p)) / (p̄(1 − p̄)). 0 where nothing varies.
    """
    mean = float(probability.mean())
    whole = mean * (1 - mean)
    return float(1 - (probability * (1 - probability)).mean() / whole) if whole > 0 else 0.0


def prospects(
    probability: Floats,
    control: Flags,
    groups: Groups,
    confidence: float,
    at_stake: AtStake | None = None,
) -> dict[str, Any]:
    """Return what a campaign can find out: sizes of the arms and the smallest effects.

    `learns` is whether there is a control group to learn from at all; `smallest` the smallest fall
    of the rate of decline that would be seen with a power of 80 %, and `smallest_adjusted` that
    with an adjustment for the score. `smallest_profit` is the smallest difference of the profit per
    customer, adjusted by what was expected of each, None where nothing is `at_stake`: profit varies
    by more than declines, so that it is the least that the smallest can be.
    """
    contacted = ~control
    sizes = [independent(groups[arm]) if arm.any() else 0.0 for arm in (contacted, control)]
    rate = float(probability.mean()) if len(probability) else float("nan")
    explained = explained_by(probability) if len(probability) else 0.0
    profit = None
    if at_stake is not None and len(probability):
        deviation, known = at_stake.varies(probability)
        profit = smallest_amount(deviation, sizes[0], sizes[1], confidence, known)
    return {
        "contacted": int(contacted.sum()),
        "control": int(control.sum()),
        "learns": bool(control.any() and contacted.any()),
        "rate": rate,
        "explained": explained,
        "smallest": smallest_difference(rate, sizes[0], sizes[1], confidence),
        "smallest_adjusted": smallest_difference(rate, sizes[0], sizes[1], confidence, explained),
        "smallest_profit": profit,
    }


def _reach(confidence: float) -> float:
    return float(ndtri((1 + confidence) / 2) + ndtri(POWER))
