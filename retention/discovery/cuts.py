"""Cuts of numbers: from where on a number goes with more declines, and whether that holds.

A cut is that of a decision tree of depth 1, by entropy. The largest difference of rates would be
the simpler criterion, but it favours the smallest side that is allowed: entropy weighs a difference
by how many customers it tells apart.

A cut always looks good on the customers that it was found on. Rates are therefore those of
customers of the other folds. That isn't enough for a test: folds share most of their customers, so
a cut that is chance may be found in all of them, and on pure noise Fisher's exact test of the
pooled sides calls one in seven a finding at p < 0.05. So `check_cuts` repeats everything, folds
included, on shuffled declines. Intervals take the cuts as given and customers as independent:
near-duplicates, which are never torn, make them a little too narrow.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import entr
from tqdm import tqdm

from retention.contract.columns import DECLINE
from retention.folds import splits
from retention.statistics.intervals import Interval, rate_interval
from retention.statistics.resampling import resample

AT_MOST, ABOVE = "<=", ">"
RANGE = (0.05, 0.95)  # of the cuts found in bootstrap samples
_AT_ONCE = 100  # draws of the declines that are worked on together

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Setting:
    """How cuts are found, and which count as rules.

    Either side of a cut of one of the `numbers` holds at least `least_share` of the customers. A
    cut holds when its difference of rates is more than noise at that `confidence`, judged by so
    many `shuffles` that `seed` draws; of those that hold, at most `counted` become rules.
    """

    numbers: Sequence[str]
    least_share: float
    confidence: float
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
        """Return for each draw and value whether it is on the risky side."""
        place, above = self.place[:, None], self.above[:, None]
        inside: Booleans = ((values > place) == above) & ~np.isnan(place)
        return inside


def find(values: Floats, declines: Booleans, least_share: float) -> Found:
    """Return the cut of a number at which the entropy of declines falls most.

    It lies between two neighbouring values. Either side holds at least `least_share` of the
    customers; where no cut does that, or none changes anything, it is missing (nan). Of equally
    good ones the lowest is taken.

    Parameters
    ----------
    values
        The number, shape (n,).
    declines
        Who declined, in each draw; shape (draws, n).
    least_share
        Above 0 and below a half.

    """
    draws, n = declines.shape
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    below = np.flatnonzero(ordered[1:] > ordered[:-1]) + 1  # customers below each possible cut
    least = math.ceil(least_share * n)
    below = below[(below >= least) & (n - below >= least)]
    at, above, gain = np.full(draws, np.nan), np.zeros(draws, dtype=np.bool_), np.zeros(draws)
    if not len(below):
        return Found(at, above, gain)
    sums = np.cumsum(declines[:, order], axis=1, dtype=np.int64)
    under, over = sums[:, below - 1], sums[:, -1:] - sums[:, below - 1]
    left = below / n * _entropy(under / below) + (1 - below / n) * _entropy(over / (n - below))
    gains = (_entropy(sums[:, -1:] / n) - left).round(12)  # rounding errors decide no tie
    best = gains.argmax(axis=1)
    gain = gains[np.arange(draws), best]
    at_best = np.arange(draws), best
    above = under[at_best] / below[best] < over[at_best] / (n - below[best])
    for place in np.unique(best[gain > 0]):
        low, high = ordered[below[place] - 1], ordered[below[place]]
        at[(best == place) & (gain > 0)] = round_between(low, high)
    return Found(at, above, gain)


def _entropy(rate: Floats) -> Floats:
    """Return the entropy of a yes or no with these probabilities, in bits."""
    return np.asarray((entr(rate) + entr(1 - rate)) / math.log(2), dtype=np.float64)


def find_cut(customers: pd.DataFrame, column: str, least_share: float) -> Cut:
    """Return the cut of a number by who declined, see `find`."""
    values = customers[column].to_numpy(dtype=np.float64)
    found = find(values, customers[[DECLINE]].to_numpy(dtype=np.bool_).T, least_share)
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


def cuts_by_fold(customers: pd.DataFrame, fold: Integers, setting: Setting) -> list[dict[str, Cut]]:
    """Return for each fold the cuts found on the customers of all other folds.

    `fold` (n,) has the customers' fold numbers, -1 for those that take no part.
    """
    return [find_cuts(customers.iloc[train], setting) for train, _ in splits(fold)]


def risky_sides(customers: pd.DataFrame, cuts: Mapping[str, Cut]) -> pd.DataFrame:
    """Return for each number a boolean column of the customers on the risky side."""
    return pd.DataFrame({column: cut.risky(customers) for column, cut in cuts.items()})


def unseen_sides(
    customers: pd.DataFrame, fold: Integers, found: Sequence[Mapping[str, Cut]]
) -> pd.DataFrame:
    """Return which customers are on the risky side of cuts that were found without them.

    `found` has the cuts of `cuts_by_fold`. A boolean column for each number; customers without a
    fold are left out.
    """
    parts = [
        risky_sides(customers.iloc[test], cuts)
        for (_, test), cuts in zip(splits(fold), found, strict=True)
    ]
    return pd.concat(parts).loc[customers.index[fold >= 0]]


def compare_sides(
    sides: pd.DataFrame, decline: "pd.Series[int]", confidence: float
) -> pd.DataFrame:
    """Compare declines on the risky side with those on the other, a row a column of `sides`.

    Returns `column`, `customers` and `share` (of all) on the risky side, its `rate` of declines and
    that of the `rest`, each with its Wilson interval, and `lift`, its rate by the rate of all. An
    empty side has missing values.
    """
    rows = []
    for column, side in sides.items():
        inside, outside = decline[side], decline[~side]
        rate = rate_interval(int(inside.sum()), len(inside), confidence)
        rest = rate_interval(int(outside.sum()), len(outside), confidence)
        overall = decline.mean()
        rows.append(
            {
                "column": column,
                "customers": len(inside),
                "share": len(inside) / len(decline) if len(decline) else math.nan,
                "rate": rate["value"],
                "low": rate["low"],
                "high": rate["high"],
                "rest": rest["value"],
                "rest_low": rest["low"],
                "rest_high": rest["high"],
                "lift": rate["value"] / overall if overall > 0 else math.nan,
            }
        )
    return pd.DataFrame(rows)


def check_cuts(
    customers: pd.DataFrame, fold: Integers, groups: NDArray[np.intp], setting: Setting
) -> pd.DataFrame:
    """Return `compare_sides` of customers that cuts did not see, and which cuts hold.

    A permutation test of `unseen_difference`, one-sided: `p_adjusted` is the share of draws, the
    true one among them, in which the largest difference of any column is at least this column's
    (max-T of Westfall & Young 1993, which adjusts for the number of columns). A cut `holds` when
    that is below 1 - confidence. `fold` and `groups` of near-duplicates have shape (n,).
    """
    used = fold >= 0
    customers, fold = customers[used], fold[used]
    found = cuts_by_fold(customers, fold, setting)
    table = compare_sides(
        unseen_sides(customers, fold, found), customers[DECLINE], setting.confidence
    )
    declines = shuffled(
        customers[DECLINE].to_numpy(dtype=np.bool_),
        groups[used],
        draws=setting.shuffles,
        seed=setting.seed,
    )
    differences = np.stack(
        [
            unseen_difference(
                customers[column].to_numpy(dtype=np.float64), declines, fold, setting.least_share
            )
            for column in setting.numbers
        ],
        axis=1,
    )
    largest = differences.max(axis=1, keepdims=True)
    p = (largest >= differences[0]).mean(axis=0)
    return table.assign(p_adjusted=p, holds=p < 1 - setting.confidence)


def unseen_difference(
    values: Floats, declines: Booleans, fold: Integers, least_share: float
) -> Floats:
    """Return how far apart the rates on both sides of cuts are that were found in other folds.

    z = (r - s) / √(p(1 - p)(1/a + 1/b)), with a customers and the rate r on the risky side, b and s
    on the other, p of all; -∞ where a side is empty. Shapes as in `find`; returns (draws,).
    """
    z = []
    for some in np.array_split(declines, math.ceil(len(declines) / _AT_ONCE)):
        risky = np.zeros(some.shape, dtype=np.bool_)
        for train, test in splits(fold):
            found = find(values[train], some[:, train], least_share)
            risky[:, test] = found.risky(values[test])
        n, hits = len(values), some.sum(axis=1)
        a, inside = risky.sum(axis=1), (risky & some).sum(axis=1)
        p = hits / n
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = inside / a - (hits - inside) / (n - a)
            part = apart / np.sqrt(p * (1 - p) * (1 / a + 1 / (n - a)))
        z.append(np.where(np.isfinite(part), part, -np.inf).round(10))
    return np.concatenate(z)


def shuffled(decline: Booleans, groups: NDArray[np.intp], *, draws: int, seed: int) -> Booleans:
    """Return who declined, and below it `draws` times the same shuffled; shape (1 + draws, n).

    Groups of near-duplicates swap their declines with groups of the same size, as a whole.
    """
    random = np.random.default_rng(seed)
    rows = pd.Series(np.arange(len(decline)))
    members = [part.to_numpy() for _, part in rows.groupby(groups)]
    blocks = [
        np.stack([part for part in members if len(part) == size])
        for size in sorted({len(part) for part in members})
    ]
    declines = np.tile(decline, (1 + draws, 1))
    for row in declines[1:]:
        for block in blocks:
            row[block] = decline[random.permutation(block)]
    return declines


def found_again(
    cut: Cut, others: Sequence[Cut], values: "pd.Series[float]", tolerance: float
) -> NDArray[np.bool_]:
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


def bootstrap_cuts(
    customers: pd.DataFrame, groups: NDArray[np.intp], setting: Setting, samples: int
) -> list[dict[str, Cut]]:
    """Return the cuts found in bootstrap samples of whole groups of near-duplicates (n,).

    Shows progress.
    """
    random = np.random.default_rng(setting.seed)
    return [
        find_cuts(customers.iloc[resample(groups, random)], setting)
        for _ in tqdm(range(samples), desc="cut: samples", unit="sample")
    ]


def stability(
    cuts: Mapping[str, Cut],
    resampled: Sequence[Mapping[str, Cut]],
    by_fold: Sequence[Mapping[str, Cut]],
    customers: pd.DataFrame,
    tolerance: float,
) -> pd.DataFrame:
    """Return how firmly each cut stands, a row a number.

    `found_again` is the share of bootstrap samples, `folds_found_again` the number of folds in
    which about the same cut was found (see the function `found_again`); from `cut_low` to
    `cut_high` are 90 % of the cuts in bootstrap samples.
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
        again = found_again(cut, others, customers[column], tolerance)
        folds = found_again(cut, [found[column] for found in by_fold], customers[column], tolerance)
        rows.append(
            {
                "column": column,
                "direction": cut.direction if not math.isnan(cut.place) else "",
                "cut": cut.place,
                "cut_low": low,
                "cut_high": high,
                "gain": cut.gain,
                "found_again": again.mean(),
                "folds_found_again": int(folds.sum()),
            }
        )
    return pd.DataFrame(rows)


def cut_table(stable: pd.DataFrame, checked: pd.DataFrame, holdout: pd.DataFrame) -> pd.DataFrame:
    """Join `stability`, `check_cuts`, and `compare_sides` of the hold-out: the largest gain first.

    The hold-out's columns begin with `holdout_`.
    """
    others = holdout.set_index("column").add_prefix("holdout_")
    table = stable.merge(checked, on="column").merge(others, on="column")
    return table.sort_values("gain", ascending=False, kind="stable", ignore_index=True)


def summary(
    table: pd.DataFrame,
    reference: pd.DataFrame,
    by_count: Mapping[str, pd.DataFrame],
    roc_auc: Mapping[str, Interval],
) -> dict[str, Any]:
    """Return the figures for metrics/cuts.json.

    `table` as of `cut_table`, `reference` as of `compare_sides` with a `name`; `by_count` and
    `roc_auc` have, for each way of counting, what retention/discovery/rules_met.py gives.
    """
    shown = table.set_index("column")
    shown = shown[["cut", "direction", "rate", "rest", "found_again", "holds"]]
    return {
        "columns": shown.to_dict("index"),
        "reference": reference.set_index("name")[["rate", "rest"]].to_dict("index"),
        "rules_met": {
            name: {
                "roc_auc": roc_auc[name],
                "rate": {str(row.rules_met): row.rate for row in counts.itertuples()},
            }
            for name, counts in by_count.items()
        },
    }
