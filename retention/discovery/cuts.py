"""Cuts of numbers: from where on a number goes with more declines, and whether that holds.

A cut is that of a decision tree of depth 1, by entropy. The largest difference of rates would be
the simpler criterion, but it favours the smallest side that is allowed: entropy weighs a difference
by how many customers it tells apart.

The cut that is shown is found on everybody. Such a cut always looks good on the customers that it
was found on, so that it is sought again in each fold's training part, and the counts beside it are
those of the test parts. That isn't enough for a test: folds share most of their customers, so a
cut that is chance may be found in all of them, and on pure noise Fisher's exact test of the pooled
sides calls one in seven a finding at p < 0.05. So `check_cuts` repeats everything, folds included,
on shuffled declines.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.contract.columns import DECLINE
from retention.folds import splits
from retention.statistics.resampling import Resampling, shuffled

AT_MOST, ABOVE = "<=", ">"
RANGE = (0.05, 0.95)  # of the cuts found in bootstrap samples
_AT_ONCE = 100  # draws of the declines that are worked on together: they fit a processor's cache

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Setting:
    """How cuts are found, and which count as rules.

    Either side of a cut of one of the `numbers` holds at least `least_share` of the customers. Two
    cuts of a number are about the same when at most the share `tolerance` of the customers lies
    between them. A cut holds when its difference of rates is more than noise at that `level`,
    judged by so many `shuffles` that `seed` draws; of those that hold, at most `counted` become
    rules.
    """

    numbers: Sequence[str]
    least_share: float
    tolerance: float
    level: float
    shuffles: int
    counted: int
    seed: int


@dataclass(frozen=True)
class Cut:
    """Where a number is cut, and the side with more declines.

    `place` is in the unit of the number, missing (nan) where nothing can be cut; `direction` is
    `<=` or `>`; `gain` is the entropy, in bits, that the cut takes from who declines.
    """

    column: str
    place: float
    direction: str
    gain: float

    def risky(self, customers: pd.DataFrame) -> "pd.Series[bool]":
        """Return for each customer whether it is on the risky side; nobody is if `place` is nan."""
        values = customers[self.column]
        return values > self.place if self.direction == ABOVE else values <= self.place


@dataclass(frozen=True)
class Found:
    """The cuts of one number for several draws of the declines, each of shape (draws,)."""

    place: Floats
    above: Booleans  # whether the risky side is above the cut
    gain: Floats

    def risky(self, values: Floats) -> Booleans:
        """Return for each value and draw whether it is on the risky side, (values, draws)."""
        inside: Booleans = ((values[:, None] > self.place) == self.above) & ~np.isnan(self.place)
        return inside


class Places:
    """The places at which a number may be cut: between two neighbouring values.

    Either side holds at least `least_share` (above 0, below a half) of the customers; `values` has
    shape (n,).
    """

    def __init__(self, values: Floats, least_share: float) -> None:
        n = len(values)
        self._order = np.argsort(values, kind="stable")
        self._ordered = values[self._order]
        below = np.flatnonzero(self._ordered[1:] > self._ordered[:-1]) + 1
        least = math.ceil(least_share * n)
        self._below = below[(below >= least) & (n - below >= least)]  # customers below each place
        self._k_log_k = np.arange(n + 1.0)
        self._k_log_k[1:] *= np.log2(self._k_log_k[1:])

    def best(self, declines: Booleans) -> Found:
        """Return for each draw the cut at which the entropy of declines falls most.

        `declines` has shape (n, draws). Where no cut is allowed, or none changes anything, the cut
        is missing (nan); of equally good ones the lowest is taken.

        With f(k) = k log₂ k, n times the fall is f(n) − f(b) − f(n − b) − f(d) − f(n − d)
        + f(u) + f(b − u) + f(d − u) + f(n − b − d + u), b customers and u decliners below the cut,
        d decliners in all: counts have few values, so f is looked up.
        """
        f, below = self._k_log_k, self._below
        n, draws = declines.shape
        missing = Found(np.full(draws, np.nan), np.zeros(draws, np.bool_), np.zeros(draws))
        if not len(below):
            return missing
        sums = np.cumsum(declines[self._order], axis=0, dtype=np.intp)
        total, under = sums[-1], sums[below - 1]
        score, part = f[under], below[:, None] - under
        score += f[part]
        np.subtract(total, under, out=part)
        score += f[part]
        np.subtract((n - below)[:, None], part, out=part)
        score += f[part]
        score -= (f[below] + f[n - below])[:, None]
        top = score.max(axis=0)
        best = (score >= top - 1e-9).argmax(axis=0)  # rounding errors decide no tie
        gain = ((top - f[total] - f[n - total] + f[n]) / n).round(12)
        fewer = under[best, np.arange(draws)] / below[best]
        above = fewer < (total - under[best, np.arange(draws)]) / (n - below[best])
        return Found(np.where(gain > 0, self._between(best), np.nan), above, gain)

    def _between(self, best: NDArray[np.intp]) -> Floats:
        used, which = np.unique(best, return_inverse=True)
        ends = [(self._ordered[k - 1], self._ordered[k]) for k in self._below[used]]
        return np.array([round_between(low, high) for low, high in ends])[which]


def find_cut(customers: pd.DataFrame, column: str, least_share: float) -> Cut:
    """Return the cut of a number by who declined, see `Places`."""
    values = customers[column].to_numpy(dtype=np.float64)
    return _cut(column, values, customers[DECLINE].to_numpy(dtype=np.bool_), least_share)


def _cut(column: str, values: Floats, decline: Booleans, least_share: float) -> Cut:
    found = Places(values, least_share).best(decline[:, None])
    direction = ABOVE if found.above[0] else AT_MOST
    return Cut(column, float(found.place[0]), direction, float(found.gain[0]))


def round_between(low: float, high: float) -> float:
    """Return the roundest number in the middle half of the gap between two numbers."""
    middle, reach = (float(low) + float(high)) / 2, (float(high) - float(low)) / 4
    digits = -math.floor(math.log10(reach)) - 2  # coarser ones round to the same or miss the gap
    while abs(round(middle, digits) - middle) > reach:
        digits += 1
    return round(middle, digits)


def find_cuts(customers: pd.DataFrame, setting: Setting) -> dict[str, Cut]:
    """Return the cut of each number."""
    return {column: find_cut(customers, column, setting.least_share) for column in setting.numbers}


def bootstrap_cuts(
    customers: pd.DataFrame, setting: Setting, resampling: Resampling
) -> list[dict[str, Cut]]:
    """Return the cuts found in each bootstrap sample of whole groups of near-duplicates."""
    numbers = {name: customers[name].to_numpy(dtype=np.float64) for name in setting.numbers}
    decline = customers[DECLINE].to_numpy(dtype=np.bool_)
    return [
        {
            name: _cut(name, values[sample], decline[sample], setting.least_share)
            for name, values in numbers.items()
        }
        for sample in resampling.samples()
    ]


def check_cuts(
    customers: pd.DataFrame, fold: Integers, groups: NDArray[np.intp], setting: Setting
) -> pd.DataFrame:
    """Return for each number the cut of these customers, judged in their folds.

    `fold` and `groups` of near-duplicates have shape (n,). Columns: `column`, `direction`, `cut`
    and `gain` of everybody's cut; of the number of `folds`, `folds_found_again` are those whose
    training part has about the same cut; the counts of `unseen_sides`.

    `p_adjusted` is a permutation test of `unseen_differences`, one-sided: the share of draws, the
    true one among them, in which the largest difference of any column is at least this column's
    (max-T of Westfall & Young 1993, which adjusts for the number of columns). A cut `holds` when
    that is below `setting.level`, its risky side is that of most folds, and at least one found it
    again. So it is said that the number tells on this side; where exactly it is cut may still vary,
    which is what `folds_found_again` and `stability` are for.
    """
    cuts = find_cuts(customers, setting)
    parts = splits(fold)
    by_fold = [find_cuts(customers.iloc[train], setting) for train, _ in parts]
    rows, same_side = [], []
    for column, cut in cuts.items():
        others = [found[column] for found in by_fold]
        again = found_again(cut, others, customers[column], setting.tolerance)
        rows.append(
            {
                "column": column,
                "direction": cut.direction if not math.isnan(cut.place) else "",
                "cut": cut.place,
                "gain": cut.gain,
                "folds": len(parts),
                "folds_found_again": int(again.sum()),
                **unseen_sides(customers, fold, others, again),
            }
        )
        same_side.append(sum(other.direction == cut.direction for other in others) > len(parts) / 2)
    table = pd.DataFrame(rows)
    declines = shuffled(
        customers[DECLINE].to_numpy(dtype=np.bool_),
        groups,
        draws=setting.shuffles,
        seed=setting.seed,
    )
    differences = unseen_differences(customers, declines, fold, setting)
    p = (differences.max(axis=1, keepdims=True) >= differences[0]).mean(axis=0)
    shown = (table["folds_found_again"] > 0) & np.array(same_side, dtype=np.bool_)
    return table.assign(p_adjusted=p, holds=(p < setting.level) & shown)


def unseen_sides(
    customers: pd.DataFrame, fold: Integers, found: Sequence[Cut], again: Booleans
) -> dict[str, int]:
    """Return declines on both sides of about one cut, among customers that it didn't see.

    `found` has the cut of one number for each fold, by its training part, and `again` whether that
    is about the cut to be shown. Only test parts of such folds are counted, by the fold's own cut:
    the shown one has seen them. So the counts are of one cut up to the tolerance, and of fewer
    than all customers when some folds found another.
    """
    counts = dict.fromkeys(
        ("unseen_customers", "unseen_declined", "unseen_rest_customers", "unseen_rest_declined"), 0
    )
    for (_, test), cut, same in zip(splits(fold), found, again, strict=True):
        if same:
            for name, count in compare_sides(
                cut.risky(customers.iloc[test]), customers[DECLINE].iloc[test]
            ).items():
                counts[f"unseen_{name}"] += count
    return counts


def compare_sides(side: "pd.Series[bool]", decline: "pd.Series[int]") -> dict[str, int]:
    """Return how many `customers` are on a side and how many of them `declined`, and of the rest.

    The rest's names begin with `rest_`.
    """
    inside, outside = decline[side], decline[~side]
    return {
        "customers": len(inside),
        "declined": int(inside.sum()),
        "rest_customers": len(outside),
        "rest_declined": int(outside.sum()),
    }


def unseen_differences(
    customers: pd.DataFrame, declines: Booleans, fold: Integers, setting: Setting
) -> Floats:
    """Return how far apart the rates on both sides of cuts are that were found in other folds.

    z = (r - s) / √(p(1 - p)(1/a + 1/b)), with a customers and the rate r on the risky side, b and s
    on the other, p of all; -∞ where a side is empty. `declines` has shape (draws, n); returns
    (draws, numbers).
    """
    values = [customers[column].to_numpy(dtype=np.float64) for column in setting.numbers]
    parts = [
        (train, test, [Places(number[train], setting.least_share) for number in values])
        for train, test in splits(fold)
    ]
    chunks = []
    for some in np.array_split(declines, math.ceil(len(declines) / _AT_ONCE)):
        drawn = np.ascontiguousarray(some.T)
        a, inside = (np.zeros((len(some), len(values))) for _ in range(2))
        for train, test, places in parts:
            learnt, unseen = drawn[train], drawn[test]
            for k, place in enumerate(places):
                risky = place.best(learnt).risky(values[k][test])
                a[:, k] += risky.sum(axis=0)
                inside[:, k] += (risky & unseen).sum(axis=0)
        n, hits = len(drawn), drawn.sum(axis=0)[:, None]
        p = hits / n
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = inside / a - (hits - inside) / (n - a)
            z = apart / np.sqrt(p * (1 - p) * (1 / a + 1 / (n - a)))
        chunks.append(np.where(np.isfinite(z), z, -np.inf).round(10))
    return np.concatenate(chunks)


def found_again(
    cut: Cut, others: Sequence[Cut], values: "pd.Series[float]", tolerance: float
) -> Booleans:
    """Return for each other cut of the same number whether it is about the same, shape (cuts,).

    It is when the risky side is the same, and at most the share `tolerance` of the `values` lies
    between the two.
    """
    ordered = np.sort(values.to_numpy())

    def below(at: float) -> float:
        return float(np.searchsorted(ordered, at, side="right")) / len(ordered)

    return np.array(
        [
            other.direction == cut.direction
            and not math.isnan(other.place - cut.place)
            # Shares are counts: no rounding error may decide.
            and abs(below(other.place) - below(cut.place)) <= tolerance + 1e-12
            for other in others
        ],
        dtype=np.bool_,
    )


def stability(
    cuts: Mapping[str, Cut],
    resampled: Sequence[Mapping[str, Cut]],
    customers: pd.DataFrame,
    tolerance: float,
) -> pd.DataFrame:
    """Return how firmly each cut stands in bootstrap samples, a row a number.

    `found_again` is the share of samples in which about the same cut was found; from `cut_low` to
    `cut_high` are 90 % of the cuts in them.
    """
    rows = []
    for column, cut in cuts.items():
        others = [found[column] for found in resampled]
        places = np.array([other.place for other in others])
        places = places[~np.isnan(places)]
        # Ends that are cuts themselves, not means of two.
        low, high = (
            np.quantile(places, RANGE, method="inverted_cdf") if len(places) else (np.nan, np.nan)
        )
        again = found_again(cut, others, customers[column], tolerance).mean()
        rows.append({"column": column, "cut_low": low, "cut_high": high, "found_again": again})
    return pd.DataFrame(rows)


def cut_table(checked: pd.DataFrame, stable: pd.DataFrame) -> pd.DataFrame:
    """Join `check_cuts` and `stability`: a row a number, the largest gain first."""
    table = checked.merge(stable, on="column", validate="one_to_one")
    first = ["column", "direction", "cut", "cut_low", "cut_high", "gain", "found_again"]
    table = table[first + [name for name in table.columns if name not in first]]
    return table.sort_values("gain", ascending=False, kind="stable", ignore_index=True)
