"""Subgroup discovery: short rules whose customers decline more, or less, often than all do.

All rules are looked at (Klösgen 1996; Lavrač et al. 1999 for the quality): how many customers meet
two conditions is one product of two matrices for all pairs, so that no search is needed to find the
best. Conditions are in the notation of retention/rules.py.
"""

import ast
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.statistics.resampling import Members, jaccard
from retention.statistics.significance import fisher_p

# Keeps out what is no better than all customers.
_LEAST_QUALITY = 1e-9
_AT_ONCE = 256  # rules whose members are held in memory together

Singles = NDArray[np.float32]  # counts of customers in it are exact up to 16 million


Relation = Literal["<=", ">", "=="]


@dataclass(frozen=True)
class Condition:
    """A comparison of a column with a value: a number for `<=` and `>`, a text for `==`."""

    column: str
    relation: Relation
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


def parse_rule(rule: str) -> tuple[Condition, ...]:
    """Return the conditions of what `Subgroup.rule` wrote."""
    tree = ast.parse(rule, mode="eval").body
    relations: dict[type[ast.cmpop], Relation] = {ast.LtE: "<=", ast.Gt: ">", ast.Eq: "=="}
    found = []
    for node in tree.values if isinstance(tree, ast.BoolOp) else [tree]:
        match node:
            case ast.Compare(left=ast.Name(id=column), ops=[op], comparators=[value]):
                found.append(Condition(column, relations[type(op)], ast.literal_eval(value)))
            case _:
                raise ValueError(f"no condition of a found rule: {ast.unparse(node)}")
    return tuple(found)


class Rules:
    """All rules of up to so many of the `conditions` that at least `least` customers meet.

    A rule that has another's customers is there too. Numbers of rules go by length, then by the
    order of the conditions.
    """

    def __init__(
        self, conditions: Sequence[Condition], features: pd.DataFrame, most: int, least: float
    ) -> None:
        self.conditions = conditions
        self.customers = len(features)
        holds = [condition.holds(features) for condition in conditions]
        self._holds = np.array(holds, dtype=np.float32).reshape(len(holds), len(features))
        self.parts: list[tuple[int, ...]] = []  # of each rule: the numbers of its conditions
        # By length: the members of what a rule is without its last condition, which of them it is,
        # and the last condition.
        self._levels: list[tuple[Singles, NDArray[np.intp], NDArray[np.intp]]] = []
        shorter: list[tuple[int, ...]] = [()]
        members = np.ones((1, len(features)), dtype=np.float32)
        for _ in range(most):
            sizes = members @ self._holds.T
            highest = np.array([max(part, default=-1) for part in shorter], dtype=np.intp)
            later = np.arange(len(holds)) > highest[:, None]
            base, last = np.nonzero((sizes >= least) & later)
            self._levels.append((members, base, last))
            shorter = [(*shorter[b], k) for b, k in zip(base.tolist(), last.tolist(), strict=True)]
            self.parts += shorter
            if len(self._levels) < most:
                members = members[base] * self._holds[last]

    def sums(self, weights: NDArray[Any]) -> NDArray[np.float64]:
        """Return the sum of a weight (n,) over the members of each rule, shape (rules,)."""
        single = weights.astype(np.float32)
        found = [
            ((members * single) @ self._holds.T)[base, last] for members, base, last in self._levels
        ]
        return np.concatenate(found).astype(np.float64)

    def members(self, number: int) -> Members:
        """Return for each customer whether a rule holds."""
        held = self._holds[list(self.parts[number])].all(axis=0)
        return np.asarray(held, dtype=np.bool_)

    @cached_property
    def sizes(self) -> NDArray[np.float64]:
        """How many customers meet each rule."""
        return self.sums(np.ones(self.customers))

    def extremes(self, declines: Members) -> NDArray[np.float64]:
        """Return for each draw of the declines (draws, n) the largest |z| of any rule, (draws,)."""
        drawn = declines.astype(np.float32)
        hits = declines.sum(axis=1, dtype=np.int64)[:, None]
        largest = np.zeros(len(declines))
        start = 0
        for members, base, last in self._levels:
            for at in range(0, len(base), _AT_ONCE):
                some = slice(at, at + _AT_ONCE)
                inside = drawn @ (members[base[some]] * self._holds[last[some]]).T
                sizes = self.sizes[start + at : start + at + inside.shape[1]]
                z = standardised(inside.astype(np.float64), sizes, hits, self.customers)
                np.maximum(largest, np.abs(z).max(axis=1), out=largest)
            start += len(base)
        return largest


def standardised(
    inside: NDArray[np.float64],
    sizes: NDArray[np.float64],
    hits: NDArray[np.int64],
    customers: int,
) -> NDArray[np.float64]:
    """Return by how many standard deviations the hits among members differ from what they'd be.

    Of so many `customers` with so many `hits`, `sizes` drawn without replacement have `inside`
    hits: a hypergeometric distribution. 0 where all are members, or all or none are hits. Rounded,
    so that no tie hangs on the last digits.
    """
    share = hits / customers
    variance = sizes * share * (1 - share) * (customers - sizes) / max(customers - 1, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (inside - sizes * share) / np.sqrt(variance)
    found: NDArray[np.float64] = np.where(variance > 0, z, 0.0).round(10)
    return found


@dataclass(frozen=True)
class Search:
    """How subgroups are sought, and how many of each direction are kept.

    `bins` parts of equal size give the limits of a number; `conditions` is the most that a rule
    has. Quality is the standard one, (size/N)^`size_exponent` · (rate − rate of all), with 1 the
    weighted relative accuracy. No subgroup is smaller than `smallest_share` of all customers, and
    none shares as much as `overlap` of its customers (Jaccard) with a better one.
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

    def rules(self, features: pd.DataFrame) -> Rules:
        """Return all rules that a search among these customers looks at."""
        least = self.smallest_share * len(features)
        return Rules(self._conditions(features), features, self.conditions, least)

    def find(self, features: pd.DataFrame, decline: NDArray[np.int64]) -> list[Subgroup]:
        """Return the subgroups, those of many declines first, the better before the worse."""
        rules = self.rules(features)
        if not rules.parts or len(np.unique(decline)) < 2:
            return []
        found = []
        for higher, count in ((True, self.higher), (False, self.lower)):
            for number in self._best(rules, decline == int(higher), count):
                parts = tuple(rules.conditions[k] for k in rules.parts[number])
                found.append(Subgroup(parts, higher))
        return found

    def _best(self, rules: Rules, target: Members, count: int) -> list[int]:
        """Return the numbers of the best rules, none too near to a better one."""
        sizes = rules.sizes
        rates = rules.sums(target) / sizes
        quality = (sizes / rules.customers) ** self.size_exponent * (rates - target.mean())
        # Rounded: of equally good ones the shorter is first, then that of the earlier columns.
        order = np.argsort(-quality.round(10), kind="stable")
        left = quality > _LEAST_QUALITY
        kept: list[int] = []
        while len(kept) < count and left[order].any():
            best = int(order[left[order].argmax()])
            kept.append(best)
            shared = rules.sums(rules.members(best))
            left &= shared / (sizes + sizes[best] - shared) < self.overlap
            left[best] = False
        return kept

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


def searched_p(
    subgroups: Sequence[Subgroup],
    rules: Rules,
    features: pd.DataFrame,
    declines: Members,
) -> NDArray[np.float64]:
    """Return each subgroup's p, adjusted for every rule that the search looked at.

    A permutation test, two-sided: the share of the draws, the true one among them, in which any of
    the `rules` differs from all customers by as many standard deviations as this subgroup does
    (max-T of Westfall & Young 1993). `declines` has the true ones in its first row and, below,
    draws that shuffle whole groups of near-duplicates; shape (draws, n).

    Why not a test among unseen customers: folds share most of their customers, so what is chance is
    found in most of them, and their test parts together are the customers that it was found on.
    Why not Fisher's test times the number of rules: rules overlap, and near-duplicates would count
    as customers of their own.
    """
    largest = rules.extremes(declines)
    found = []
    for subgroup in subgroups:
        members = subgroup.members(features)
        inside = np.array([float(declines[0, members].sum())])
        size, hits = np.array([float(members.sum())]), declines[:1].sum(axis=1)
        z = standardised(inside, size, hits, len(features))
        found.append(float((largest >= np.abs(z)).mean()))
    return np.array(found)


def against_parts(
    subgroup: Subgroup, rules: Rules, features: pd.DataFrame, decline: NDArray[np.int64]
) -> float:
    """Return the p that a rule differs from each of its parts alone; nan for one condition.

    A part is the rule without one condition. Its customers who meet the rule are compared with
    those who don't (Fisher's exact test, two-sided), times the number of rules that the search
    looked at which add a condition to the part: the one that was added is the best of them. The
    largest p of the parts is the answer. Near-duplicates count as customers of their own.
    """
    if len(subgroup.conditions) < 2:
        return np.nan
    members = subgroup.members(features)
    numbers = {condition: number for number, condition in enumerate(rules.conditions)}
    found = []
    for left_out in subgroup.conditions:
        part = [condition for condition in subgroup.conditions if condition != left_out]
        inside = Subgroup(tuple(part), subgroup.higher).members(features)
        these = {numbers[condition] for condition in part}
        length = len(subgroup.conditions)
        tried = sum(len(rule) == length and these < set(rule) for rule in rules.parts)
        p = fisher_p(members[inside], decline[inside] == 1)
        found.append(1.0 if np.isnan(p) else min(1.0, p * tried))
    return max(found)


def matches(
    subgroups: Sequence[Subgroup],
    others: Sequence[Subgroup],
    features: pd.DataFrame,
    overlap: float,
) -> list[Subgroup | None]:
    """Return for each subgroup that of the others which shares most of its customers.

    None if that is less than `overlap` (Jaccard), counted among the customers of `features`. Only
    subgroups of the same direction match.
    """
    sides = [(other, other.members(features)) for other in others]
    found = []
    for subgroup in subgroups:
        members = subgroup.members(features)
        near = [
            (jaccard(members, side), other)
            for other, side in sides
            if other.higher == subgroup.higher
        ]
        most, best = max(near, key=lambda pair: pair[0], default=(0.0, None))
        found.append(best if most >= overlap else None)
    return found


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

    Found again is what has a match (see `matches`) among all customers of `features`.
    """
    others = search.find(features.iloc[sample], decline[sample])
    again = matches(subgroups, others, features, overlap)
    return np.array([match is not None for match in again], dtype=np.float64)
