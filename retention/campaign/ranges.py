"""How far a sum can be from what the assumptions' means say, and which assumption matters most.

These are ranges over assumptions, not confidence intervals: no customer's luck is in them, and they
are as good as the declared distributions. Assumptions are drawn independently of one another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import qmc

from retention.campaign.assumptions import Assumptions
from retention.campaign.worth import Floats, Option, Values, coefficients, parts

# The ends of every range: the sum is below, or above, with a probability of 5 % each.
LEVELS = (0.05, 0.95)


@dataclass(frozen=True)
class Contacts:
    """Sums of `worth.parts` over the customers contacted by the same option in the same state."""

    options: tuple[Option, ...]
    tired: tuple[bool, ...]
    sums: Floats  # (cells, 5)


def contacts(
    probability: Floats,
    profit: Floats,
    tired: NDArray[np.bool_],
    options: Sequence[Option],
    choice: NDArray[np.integer],
) -> Contacts:
    """Return the sums of a plan: `choice` (n,) is the number of each customer's option, or −1."""
    of_customer = parts(probability, profit)
    cells = [
        (option, state, of_customer[mine].sum(axis=0))
        for j, option in enumerate(options)
        for state in (False, True)
        for mine in [(choice == j) & (tired == state)]
        if mine.any()
    ]
    sums = np.stack([cell[2] for cell in cells]) if cells else np.empty((0, 5))
    return Contacts(tuple(cell[0] for cell in cells), tuple(cell[1] for cell in cells), sums)


def total(found: Contacts, values: Values) -> Any:
    """Return the increment of a plan under given assumptions, in the shape of the values."""
    amounts = np.zeros(np.broadcast_shapes(*(np.shape(value) for value in values.values())))
    for option, state, sums in zip(found.options, found.tired, found.sums, strict=True):
        each = coefficients(values, option, state)
        amounts = amounts + (each.brought - each.spent) @ sums
    return amounts


def draw(assumptions: Assumptions, draws: int, seed: int) -> dict[str, Floats]:
    """Return so many draws of each assumption, (draws,) each, by Latin hypercube sampling."""
    named = assumptions.by_name()
    levels = qmc.LatinHypercube(len(named), rng=np.random.default_rng(seed)).random(draws)
    return {
        name: assumption.quantile(levels[:, k])
        for k, (name, assumption) in enumerate(named.items())
    }


def over_ranges(
    found: Contacts,
    others: Mapping[str, Contacts],
    assumptions: Assumptions,
    *,
    draws: int,
    seed: int,
) -> dict[str, dict[str, float]]:
    """Return what a plan is expected to bring over each other one, and its range over assumptions.

    `value` at the means; `least` and `most`, below and above which it is with a probability of 5 %
    each; `loss`, the probability that the other one brings more. The same draws for both: what they
    share doesn't count.
    """
    drawn, means = draw(assumptions, draws, seed), assumptions.means()
    lines = {}
    for name, other in others.items():
        ahead = total(found, drawn) - total(other, drawn)
        least, most = np.quantile(ahead, LEVELS).tolist()
        lines[name] = {
            "value": float(total(found, means) - total(other, means)),
            "least": least,
            "most": most,
            "loss": float((ahead < 0).mean()),
        }
    return lines


def tornado(found: Contacts, assumptions: Assumptions) -> pd.DataFrame:
    """Return what each assumption alone does to the increment of a plan, the widest first.

    Columns: `assumption`; `low` and `high`, its 5 % and 95 % quantiles; `at_low` and `at_high`, the
    increment there, with every other assumption at its mean. Assumptions that don't matter to this
    plan, or that are fixed, are left out.
    """
    means = assumptions.means()
    rows = []
    for name, assumption in assumptions.by_name().items():
        low, high = assumption.quantile(np.array(LEVELS)).tolist()
        ends = [float(total(found, {**means, name: value})) for value in (low, high)]
        if ends[0] != ends[1]:
            rows.append((name, low, high, *ends))
    table = pd.DataFrame(rows, columns=["assumption", "low", "high", "at_low", "at_high"])
    width = (table["at_high"] - table["at_low"]).abs()
    return table.iloc[np.argsort(-width.to_numpy(), kind="stable")].reset_index(drop=True)
