"""Subgroup discovery: short rules whose customers decline more, or less, often than all do.

The search is pysubgroup's (Lemmerich & Becker 2018, https://doi.org/10.1007/978-3-030-10997-4_46).
It works on a table of yes and no, a column for each condition, so that the conditions are ours: in
the notation of retention/rules.py, and in words.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import pysubgroup as ps
from numpy.typing import NDArray

from retention.statistics.resampling import Members, jaccard
from retention.texts import Texts

# Of so many of the best, those that overlap are dropped: all that there are with two conditions.
_POOL = 5000
# Keeps out what is no better than all customers.
_LEAST_QUALITY = 1e-9
_DIGITS = 6  # enough to show a limit as it is


@dataclass(frozen=True)
class Condition:
    """A comparison of a column with a value: a number for `<=` and `>`, a text for `==`."""

    column: str
    relation: Literal["<=", ">", "=="]
    value: float | str

    def holds(self, features: pd.DataFrame) -> Members:
        """Return for each customer whether the condition holds."""
        values = features[self.column]
        match self.relation:
            case "<=":
                found = values <= self.value
            case ">":
                found = values > self.value
            case _:
                found = values == self.value
        return found.to_numpy(dtype=np.bool_)

    @property
    def rule(self) -> str:
        """Return the condition in the notation of retention/rules.py."""
        if isinstance(self.value, str):
            value = json.dumps(self.value, ensure_ascii=False)
        else:
            value = repr(self.value).removesuffix(".0")
        return f"{self.column} {self.relation} {value}"

    def text(self, texts: Texts) -> str:
        """Return the condition in words."""
        if isinstance(self.value, str):
            name, value = "is", texts.value(self.value)
        else:
            name = "at_most" if self.relation == "<=" else "more_than"
            value = texts.number(self.value, _DIGITS)
        template = texts.get("discovered", name)
        return template.format(label=texts.column(self.column), value=value)


@dataclass(frozen=True)
class Subgroup:
    """Customers for whom all conditions hold; `higher`: sought for many declines, not for few."""

    conditions: tuple[Condition, ...]
    higher: bool

    def members(self, features: pd.DataFrame) -> Members:
        """Return for each customer whether all conditions hold."""
        members: Members = np.all([part.holds(features) for part in self.conditions], axis=0)
        return members

    @property
    def rule(self) -> str:
        """Return the rule, ready for `segment.rules` in params.yaml."""
        return " and ".join(condition.rule for condition in self.conditions)

    def text(self, texts: Texts) -> str:
        """Return the rule in words."""
        parts = [condition.text(texts) for condition in self.conditions]
        return texts.get("discovered", "and").join(parts)


@dataclass(frozen=True)
class Search:
    """How subgroups are sought, and how many of each direction are kept.

    `bins` parts of equal size give the limits of a number; `conditions` is the most that a rule
    has. Quality is the standard one, (size/N)^`size_exponent` · (rate − rate of all), with 1 the
    weighted relative accuracy (Klösgen 1996; Lavrač et al. 1999). No subgroup is smaller than
    `smallest_share` of all customers, and none shares as much as `overlap` of its customers
    (Jaccard) with a better one.
    """

    numbers: Sequence[str]
    categories: Sequence[str]
    bins: int
    conditions: int
    size_exponent: float
    smallest_share: float
    overlap: float
    higher: int
    lower: int

    def find(self, features: pd.DataFrame, decline: NDArray[np.int64]) -> list[Subgroup]:
        """Return the subgroups, those of many declines first, the better before the worse."""
        conditions = self._conditions(features)
        holds = {str(k): condition.holds(features) for k, condition in enumerate(conditions)}
        found = []
        for higher, count in ((True, self.higher), (False, self.lower)):
            kept: list[Members] = []
            for names in self._ranked(holds, decline == int(higher)):
                if len(kept) == count:
                    break
                members = np.all([holds[name] for name in names], axis=0)
                if all(jaccard(members, better) < self.overlap for better in kept):
                    kept.append(members)
                    # In the order of the columns, whatever the search made of it.
                    parts = tuple(conditions[k] for k in sorted(map(int, names)))
                    found.append(Subgroup(parts, higher))
        return found

    def _conditions(self, features: pd.DataFrame) -> list[Condition]:
        found = []
        levels = np.arange(1, self.bins) / self.bins
        for column in self.numbers:
            values = features[column].to_numpy(dtype=np.float64)
            # Limits are values that occur; nobody has more than the largest.
            limits = np.unique(np.quantile(values, levels, method="inverted_cdf"))
            for limit in limits[limits < values.max()].tolist():
                found += [Condition(column, "<=", limit), Condition(column, ">", limit)]
        for column in self.categories:
            found += [
                Condition(column, "==", str(value)) for value in sorted(features[column].unique())
            ]
        return found

    def _ranked(self, holds: dict[str, Members], target: Members) -> list[list[str]]:
        """Return the names of the conditions of each subgroup, the best subgroup first."""
        if not holds or not target.any():
            return []
        task = ps.SubgroupDiscoveryTask(
            pd.DataFrame(holds | {"target": target}),
            ps.BinaryTarget("target", True),
            [ps.EqualitySelector(name, True) for name in holds],
            ps.StandardQF(self.size_exponent),
            result_set_size=_POOL,
            depth=self.conditions,
            min_quality=_LEAST_QUALITY,
            constraints=[ps.MinSupportConstraint(self.smallest_share * len(target))],
        )
        # It divides by the size of conditions that exclude each other, and drops what comes of it.
        with np.errstate(invalid="ignore", divide="ignore"):
            result = ps.Apriori(use_numba=False).execute(task).to_descriptions()
        described = [
            (quality, sorted(selector.attribute_name for selector in subgroup.selectors))
            for quality, subgroup in result
        ]
        # Sums in another order differ in the last digits: a tie must not hang on them. Of equally
        # good ones the shorter is first.
        return [
            names
            for _, names in sorted(
                described, key=lambda found: (-round(found[0], 10), len(found[1]), found[1])
            )
        ]


def found_again(
    sample: NDArray[np.intp],
    *,
    search: Search,
    subgroups: Sequence[Subgroup],
    features: pd.DataFrame,
    decline: NDArray[np.int64],
    overlap: float,
) -> NDArray[np.float64]:
    """Return for each subgroup 1 if a search among the `sample` finds it again, else 0.

    Found again is what has a subgroup of the same direction beside it that shares at least
    `overlap` of its customers (Jaccard), counted among all customers of `features`.
    """
    again = [
        (subgroup.higher, subgroup.members(features))
        for subgroup in search.find(features.iloc[sample], decline[sample])
    ]
    found = []
    for subgroup in subgroups:
        members = subgroup.members(features)
        near = [jaccard(members, other) for higher, other in again if higher == subgroup.higher]
        found.append(float(max(near, default=0.0) >= overlap))
    return np.array(found)
