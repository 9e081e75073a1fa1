"""What a plan brings over other policies, with intervals from outcomes where they are known.

The *realised* increment has the observed outcome in place of the probability (`worth.parts`): the
assumptions of an offer stay, but what a model says no longer counts in it. A policy that only looks
good because its probabilities are wrong loses here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retention.campaign.decisions import empc_of_hull, hull_segments
from retention.campaign.planning.problem import Choice, Floats, chosen
from retention.statistics.intervals import (
    TOO_FEW,
    Interval,
    alone,
    fewest_groups,
)
from retention.statistics.resampling import Resampling

Integers = NDArray[np.int64]
Groups = NDArray[np.intp]


def over(
    increment: Floats, plan: Choice, policies: Mapping[str, Choice]
) -> dict[str, dict[str, float]]:
    """Return what a plan is expected to bring over each policy: `value`, and `contacted` there.

    `increment` is that of each customer by each option, (n, m).
    """
    own = chosen(increment, plan).sum()
    return {
        name: {
            "value": float(own - chosen(increment, policy).sum()),
            "contacted": int((policy >= 0).sum()),
        }
        for name, policy in policies.items()
    }


def realised_over(
    realised: Floats,
    plan: Choice,
    policies: Mapping[str, Choice],
    decline: Integers,
    groups: Groups,
    *,
    samples: int,
    confidence: float,
    seed: int,
) -> dict[str, Interval]:
    """Return what a plan realised over each policy, with an interval over resampled groups.

    Both policies are taken as given, and summed over as many customers as there are. Policies that
    choose the same for everybody differ by 0, without an interval.

    Parameters
    ----------
    realised
        Increment of each customer by each option with the outcome in place of p, (n, m).
    plan, policies
        A choice for each customer, (n,).
    decline, groups
        Outcome and group of near-duplicates of each customer, (n,).
    samples, confidence, seed
        Resamples, level of the interval, and what draws them.

    """
    own = chosen(realised, plan)
    names = list(policies)
    ahead = np.stack([own - chosen(realised, policies[name]) for name in names], axis=1)
    values = ahead.sum(axis=0)
    if fewest_groups(decline, groups) < TOO_FEW:
        return {name: alone(float(value)) for name, value in zip(names, values, strict=True)}
    drawn = Resampling(groups, samples, seed, strata=decline).samples()
    # Resamples differ in size: what counts is the mean, times the number of customers there are.
    sums = np.stack([ahead[sample].mean(axis=0) for sample in drawn]) * len(own)
    ends = np.quantile(sums, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return {
        name: {"value": value, "low": min(low, value), "high": max(high, value)}
        if high > low
        else alone(value)
        for name, value, low, high in zip(
            names, values.tolist(), ends[0].tolist(), ends[1].tolist(), strict=True
        )
    }


def varied_empc(
    decline: Integers,
    probability: Floats,
    kept: Sequence[tuple[float, float]],
    amounts: tuple[float, float, float],
    groups: Groups,
    *,
    samples: int,
    confidence: float,
    seed: int,
) -> list[dict[str, Any]]:
    """Return the EMPC under several distributions of the share kept, with intervals over groups.

    Beta(6, 14) is a convention of Verbraken et al. (2013); what the ranking is worth under others
    says how much hangs on it. Each line has `alpha` and `beta`, `value` with `low` and `high`,
    `none` (the EMPC of no ranking at all: all or nobody) and `ahead`, of the first over the second,
    an interval too. `amounts` are V, d and f, as in `decisions.empc`.
    """
    drawn = list(Resampling(groups, samples, seed, strata=decline).samples())
    # Whatever is varied, the hull is the same.
    hulls = [_hulls(decline[sample], probability[sample]) for sample in drawn]
    known = fewest_groups(decline, groups) >= TOO_FEW

    def interval(value: float, values: Floats) -> Interval:
        if not known or np.ptp(values) == 0:
            return alone(value)
        low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2]).tolist()
        return {"value": value, "low": min(low, value), "high": max(high, value)}

    lines = []
    for shape in kept:

        def both(pair: tuple[Floats, Floats], shape: tuple[float, float] = shape) -> list[float]:
            return [empc_of_hull(hull, *amounts, *shape)["value"] for hull in pair]

        value, none = both(_hulls(decline, probability))
        resampled = np.array([both(pair) for pair in hulls])
        lines.append(
            {
                "alpha": shape[0],
                "beta": shape[1],
                **interval(value, resampled[:, 0]),
                "none": none,
                "ahead": interval(value - none, resampled[:, 0] - resampled[:, 1]),
            }
        )
    return lines


def _hulls(decline: Integers, probability: Floats) -> tuple[Floats, Floats]:
    """Return the hull's shares for a ranking, and for none: a single segment."""
    rate = float(decline.mean())
    ranked = hull_segments(decline, probability) / len(decline)
    return ranked, np.array([[rate], [1 - rate]])
