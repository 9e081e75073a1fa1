"""What a plan may choose from, and within which limits.

Each customer i gets at most one option j (an offer by a channel). A plan x maximises the increment

    Σ v_ij x_ij   with   Σ_j x_ij ≤ 1,   x_ij ∈ {0, 1},   x_ij = 0 where not allowed

under limits that are all of the form Σ a_r,ij x_ij ≤ b_r: money spent within the budget, contacts
within each channel's capacity, each offer at most so often and at least so often. It is a
multiple-choice knapsack with several knapsacks (Kellerer, Pferschy & Pisinger, *Knapsack Problems*,
2004, chapters 9 and 11).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retention.campaign.worth import Option

Floats = NDArray[np.float64]
Choice = NDArray[np.int8]  # (n,), the number of each customer's option, or NOBODY

NOBODY = -1


@dataclass(frozen=True)
class Limits:
    """What the shop can do: money, contacts by channel, customers by offer. Absent: no limit."""

    budget: float | None = None
    capacity: Mapping[str, int] = field(default_factory=dict)
    minimum: Mapping[str, int] = field(default_factory=dict)
    maximum: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """The customers' options: increment, money spent and whether allowed, (n, m) each.

    Not allowed are offers whose condition a customer doesn't meet, messages without consent, and
    combinations that the shop excludes.
    """

    options: Sequence[Option]
    increment: Floats
    spent: Floats
    allowed: NDArray[np.bool_]
    limits: Limits

    @property
    def customers(self) -> int:
        """Return n."""
        return len(self.increment)


@dataclass(frozen=True)
class Rows:
    """The limits on how many customers get which options: counts @ matrix.T ≤ most.

    `names` (R,) say which limit a row is, as (kind, name); `matrix` is (R, m), with 1 where an
    option counts, and −1 in the rows of a minimum.
    """

    names: list[tuple[str, str]]
    matrix: Floats
    most: Floats


def rows(problem: Problem) -> Rows:
    """Return the limits on counts, as rows of one kind."""
    limits, options = problem.limits, problem.options
    names, matrix, most = [], [], []
    for kind, sign, values in (
        ("capacity", 1, limits.capacity),
        ("maximum", 1, limits.maximum),
        ("minimum", -1, limits.minimum),
    ):
        for name, value in values.items():
            counted = [
                option.channel == name if kind == "capacity" else option.offer == name
                for option in options
            ]
            if any(counted) or kind == "minimum":
                names.append((kind, name))
                matrix.append(sign * np.array(counted, dtype=np.float64))
                most.append(float(sign * value))
    return Rows(names, np.array(matrix).reshape(-1, len(options)), np.array(most))


def counts(choice: Choice, options: int) -> NDArray[np.int64]:
    """Return how many customers get each option, (m,)."""
    return np.bincount(choice[choice != NOBODY], minlength=options)


def chosen(table: Floats, choice: Choice) -> Floats:
    """Return each customer's entry of an (n, m) table at the chosen option, 0 for nobody; (n,)."""
    contacted = choice != NOBODY
    taken = np.zeros(len(choice))
    taken[contacted] = table[contacted, choice[contacted]]
    return taken
