"""Whether next month's customers are others than those the model learnt from, and what that costs.

**Tests.** Every column has a test of two samples: for numbers, the largest gap between the two
distribution curves (Kolmogorov & Smirnov); for categories, the χ² of homogeneity. A classifier that
tries to tell the months apart (Lopez-Paz & Oquab 2017) tests the whole: it also sees columns that
go together otherwise. All p-values are by exchanging the months (`exchanged`), so that they are
exact at fifty customers as at five thousand, with ties and missing values; and they are adjusted
together, so that the chance of *any* false alarm is at most the level. The population stability
index is told beside what chance alone would give: above 0.1 in some of 16 columns is usual in
months of 200 customers, and it decides nothing.

**Customers of both months** are dependent, and so are near-duplicates. Rows of one customer and its
near-duplicates (`Months.customers`) are exchanged as a whole. Taking them for independent would
cost power where many go on, and be too sure where many are near-duplicates.

**Cost.** A drift matters by what it does to the figures: see `cost`. A column that drifts and that
the model doesn't use costs nothing. Whether the *relation* between columns and decline has changed
only outcomes show (`retention.next_month.outcome`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import rankdata

from retention.next_month.expected import expected_roc_auc
from retention.next_month.months import Floats, Members, Months, Positions, basis
from retention.next_month.permutation import exchanged, westfall_young
from retention.statistics.intervals import TOO_FEW

CELLS = 100  # at most so many steps of a distribution curve are compared
DECILES = np.arange(1, 10) / 10
HALF = 0.5  # customers added to each cell, so that an empty one makes no infinite ratio
# The domain classifier: a ridge regression of the month on normal scores, squares and products.
FOLDS = 5
PENALTY = 0.1  # of the mean square of a weight, against the mean square of the errors
AT_ONCE = 20_000_000  # cells of the matrix of draws
# Columns of the tables of `ranked` and of `unseen`.
RANKED = (
    *("column", "kind", "value", "training", "next", "training_missing", "next_missing"),
    *("p", "p_adjusted", "drifted", "psi", "psi_by_chance", "roc_auc", "decline_rate"),
)
UNSEEN = ("column", "what", "value", "limit", "customers", "share", "p")


Ones = NDArray[np.float32]


@dataclass(frozen=True)
class Drift:
    """What differs between the months.

    `columns` has a row a column, in the order of the months: `column`, `kind`, `value` (of a
    category, the one whose share changed most), `training` and `next` (means, or shares of that
    value, missing ones aside), `training_missing` and `next_missing` (shares), `p`, `p_adjusted`,
    `drifted`, `psi` and `psi_by_chance` (what 1 of 20 months without a drift exceeds). `whole` has
    the `roc_auc` of telling the months apart, `by_chance` alike, `p`, `p_adjusted` and `drifted`:
    its p-values are adjusted together with those of the columns.
    """

    columns: pd.DataFrame
    whole: dict[str, Any]

    @property
    def found(self) -> bool:
        """Tell whether anything drifted; by chance alone it would in `level` of the months."""
        return bool(self.columns["drifted"].any() or self.whole["drifted"])


def drift(
    months: Months, *, permutations: int, level: float, seed: int, most: int = 20_000
) -> Drift:
    """Test every column, and the whole, at the family-wise `level`, by at least `permutations`.

    Of many columns so many more that the smallest p-value there is, adjusted for their number, is
    half the level. A month of fewer than `TOO_FEW` rows tells nothing: its p-values are missing. Of
    more than `most` rows of a month, so many are taken at random.
    """
    months = months.thinned(most, seed)
    columns = [_Column(months, name) for name in months.columns]
    domain = _Domain(months, seed)
    draws = max(permutations, round(2 * (len(columns) + 1) / level))
    labels = exchanged(months.later, months.customers, draws=draws, seed=seed)
    parts = [_answers(columns, domain, part) for part in _parts(labels)]
    statistics, psi = (np.concatenate(found) for found in zip(*parts, strict=True))
    p, adjusted = westfall_young(statistics)
    if min(len(months.training), len(months.following)) < TOO_FEW:
        p, adjusted = np.full_like(p, np.nan), np.full_like(p, np.nan)
    table = pd.DataFrame([_described(months, name) for name in months.columns]).assign(
        p=p[:-1],
        p_adjusted=adjusted[:-1],
        drifted=adjusted[:-1] <= level,
        psi=psi[0],
        psi_by_chance=np.quantile(psi[1:], 0.95, axis=0),
    )
    whole = {
        "roc_auc": float(statistics[0, -1]),
        "by_chance": float(np.quantile(statistics[1:, -1], 0.95)),
        "p": float(p[-1]),
        "p_adjusted": float(adjusted[-1]),
        "drifted": bool(adjusted[-1] <= level),
    }
    return Drift(table, whole)


def _answers(columns: "list[_Column]", domain: "_Domain", labels: Members) -> tuple[Floats, Floats]:
    """Return the statistics (draws, columns + 1) and the indices of stability (draws, columns)."""
    ones = np.ascontiguousarray(labels.T, dtype=np.float32)  # once, for all columns
    found = [*(column.statistic(ones) for column in columns), domain.told(labels)]
    return np.column_stack(found), np.column_stack([column.stability(ones) for column in columns])


def cost(months: Months, probability: Floats) -> pd.DataFrame:
    """Return what each column's drift alone would do to the expected figures.

    Training customers, with their unseen `probability` (n,), are weighted so that the column gets
    next month's distribution (tenths of a number, values of a category), while all else goes along
    as it does in the training month. Columns: `column`, `roc_auc` and `decline_rate`, both changes
    of what is expected; what columns share is counted for each of them.
    """
    base_auc, base_rate = expected_roc_auc(probability), float(probability.mean())
    rows = []
    for name in months.columns:
        cells = _Column(months, name).tenths
        before, after = cells.counts(months.later[:, None].astype(np.float32))
        ratio = _smoothed(after) / _smoothed(before)
        weight = ratio[0][cells.codes[: len(months.training)]]
        rate = float(np.average(probability, weights=weight))
        rows.append((name, expected_roc_auc(probability, weight) - base_auc, rate - base_rate))
    return pd.DataFrame(rows, columns=["column", "roc_auc", "decline_rate"])


def ranked(columns: pd.DataFrame, costs: pd.DataFrame) -> pd.DataFrame:
    """Return the table of `drift` with the costs, what costs most first, drifted columns before.

    The columns are those of `RANKED`; the order is by the larger of the two changes, both shares.
    """
    table = columns.merge(costs, on="column", how="left")
    worst = table[["roc_auc", "decline_rate"]].abs().max(axis=1)
    order = table.assign(worst=worst).sort_values(
        ["drifted", "worst"], ascending=False, kind="stable"
    )
    return order.drop(columns="worst").reset_index(drop=True)


def unseen(months: Months) -> pd.DataFrame:
    """Return what the training month doesn't have: new categories, numbers beyond its range.

    Columns: `column`, `what` (`new`, `below` or `above`), `value` (the category, or the farthest
    number), `limit` (the end of the training month's range), `customers`, `share` of next month's,
    and `p`: how often so many would be new by chance, the months being alike, ∏ (m − i)/(n + m − i)
    over their number, times the number of such questions asked (Bonferroni).
    """
    n, m = len(months.training), len(months.following)
    rows: list[tuple[Any, ...]] = []
    for name in months.numbers:
        low, high = months.training[name].min(), months.training[name].max()
        values = months.following[name]
        for what, limit, beyond, farthest in (
            ("below", low, values < low, values.min()),
            ("above", high, values > high, values.max()),
        ):
            rows.append((name, what, farthest, limit, int(beyond.sum())))
    for name in months.categories:
        values = months.following[name].dropna()
        new = values[~values.isin(months.training[name])]
        rows += [
            (name, "new", value, None, int(count))
            for value, count in new.value_counts(sort=False).sort_index().items()
        ]
    asked = 2 * len(months.numbers) + len(months.categories)
    table = pd.DataFrame(rows, columns=["column", "what", "value", "limit", "customers"])
    table = table[table["customers"] > 0].reset_index(drop=True)
    chance = [np.prod((m - np.arange(k)) / (n + m - np.arange(k))) for k in table["customers"]]
    p = np.minimum(np.array(chance, dtype=np.float64) * asked, 1)
    return table.assign(share=table["customers"] / max(m, 1), p=p)


@dataclass(frozen=True)
class _Cells:
    """The cell of each row, `codes` (rows,), and how many `cells` there are."""

    codes: Positions
    cells: int

    def counts(self, labels: Ones) -> tuple[Floats, Floats]:
        """Return the rows of each cell in the earlier and the later month, (draws, cells) each.

        `labels` (rows, draws) has a one where a row is of the later.
        """
        rows = len(self.codes)
        ones = np.ones(rows, dtype=np.float32)
        inside = csr_array((ones, (self.codes, np.arange(rows))), shape=(self.cells, rows))
        later = np.asarray(inside @ labels, dtype=np.float64).T
        return np.bincount(self.codes, minlength=self.cells) - later, later


class _Column:
    """A column's test: `steps` of its distribution curve, `tenths` for its stability index."""

    def __init__(self, months: Months, name: str) -> None:
        values = months.both(name)
        self.ordered = name in months.numbers
        if self.ordered:
            number = values.to_numpy(dtype=np.float64)
            known = np.unique(number[~np.isnan(number)])
            if len(known) > CELLS:
                known = np.unique(np.nanquantile(number, np.arange(1, CELLS) / CELLS))
            self.steps = _cut(number, known)
            training = number[: len(months.training)]
            known = training[~np.isnan(training)]
            edges = np.unique(np.quantile(known, DECILES)) if len(known) else known
            self.tenths = _cut(number, edges)
        else:
            codes, uniques = pd.factorize(values, sort=True, use_na_sentinel=False)
            self.steps = self.tenths = _Cells(codes.astype(np.intp), max(len(uniques), 1))

    def statistic(self, labels: Ones) -> Floats:
        """Return the largest gap of the curves, or the χ², of each draw, (draws,)."""
        before, after = self.steps.counts(labels)
        first, second = before.sum(axis=1, keepdims=True), after.sum(axis=1, keepdims=True)
        if self.ordered:
            gaps = np.abs(after.cumsum(axis=1) / second - before.cumsum(axis=1) / first)
            return np.asarray(gaps.max(axis=1).round(9))
        total = (before + after) / (first + second)
        kept = total[0] > 0
        parts = [(found - size * total)[:, kept] ** 2 / (size * total)[:, kept]
                 for found, size in ((before, first), (after, second))]  # fmt: skip
        return np.asarray(sum(part.sum(axis=1) for part in parts)).round(9)

    def stability(self, labels: Ones) -> Floats:
        """Return Σ (a − e)·ln(a/e) over the cells' shares of both months, (draws,)."""
        before, after = self.tenths.counts(labels)
        kept = (before + after)[0] > 0
        expected, actual = _smoothed(before[:, kept]), _smoothed(after[:, kept])
        return np.asarray(((actual - expected) * np.log(actual / expected)).sum(axis=1))


class _Domain:
    """The ROC-AUC of telling the months apart, by regressions that didn't see the judged rows.

    For the same rows and other labels only the right-hand side of a ridge regression changes, so
    that thousands of exchanged labels are learnt from at the price of one. Rows of a customer are
    in one fold, and folds know no labels.
    """

    def __init__(self, months: Months, seed: int) -> None:
        self.basis = basis(months, products=True)
        _, number = np.unique(months.customers, return_inverse=True)
        order = np.random.default_rng([seed, 2]).permutation(number.max(initial=0) + 1)
        self.fold = order[number] % FOLDS

    def told(self, labels: Members) -> Floats:
        """Return the mean ROC-AUC over the folds, of each draw, (draws,)."""
        target = labels.T.astype(np.float32)
        values = []
        for number in range(FOLDS):
            test = self.fold == number
            learnt, judged = self.basis[~test], self.basis[test]
            if not len(judged) or not len(learnt):
                continue
            penalty = PENALTY * len(learnt) * np.eye(learnt.shape[1], dtype=np.float32)
            pull = learnt.T @ (target[~test] - target[~test].mean(axis=0))
            weights = np.linalg.solve(learnt.T @ learnt + penalty, pull)
            # A row a draw, so that each is sorted in one piece.
            scores = np.ascontiguousarray(weights.T) @ judged.T
            values.append(_roc_aucs(labels[:, test], scores.round(6)))
        return np.nanmean(np.array(values), axis=0) if values else np.full(len(labels), np.nan)


def _roc_aucs(later: Members, scores: Ones) -> Floats:
    """Return the ROC-AUC of each row's scores for its own labels, (draws, rows) → (draws,)."""
    m = later.sum(axis=1)
    n = later.shape[1] - m
    ranks = np.where(later, rankdata(scores, axis=1), 0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (ranks - m * (m + 1) / 2) / (m * n)
    return np.where(m * n > 0, found, 0.5)


def _cut(values: Floats, edges: Floats) -> _Cells:
    """Return the cells between edges, each the top of its cell; missing values have their own."""
    codes = np.searchsorted(edges, values)
    return _Cells(np.where(np.isnan(values), len(edges) + 1, codes), len(edges) + 2)


def _smoothed(counts: Floats) -> Floats:
    """Return the shares of cells (draws, cells), no cell of either month being quite empty."""
    more = counts + HALF
    return np.asarray(more / more.sum(axis=1, keepdims=True))


def _described(months: Months, name: str) -> dict[str, Any]:
    before, after = months.training[name], months.following[name]
    value, found = None, {"training": before, "next": after}
    if name in months.numbers:
        shown = {month: float(values.mean()) for month, values in found.items()}
    else:
        counts = {month: values.value_counts(normalize=True) for month, values in found.items()}
        shares = pd.DataFrame(counts).fillna(0.0).sort_index()
        change = (shares["next"] - shares["training"]).abs().to_numpy()
        shown = {"training": np.nan, "next": np.nan}
        if len(shares):
            value = shares.index[int(change.argmax())]
            shown = {month: float(shares[month].iloc[int(change.argmax())]) for month in found}
    kind = "number" if name in months.numbers else "category"
    missing = {f"{month}_missing": float(values.isna().mean()) for month, values in found.items()}
    return {"column": name, "kind": kind, "value": value, **shown, **missing}


def _parts(labels: Members) -> Iterator[Members]:
    """Yield the draws in parts that fit into memory as numbers."""
    step = max(1, AT_ONCE // labels.shape[1])
    for start in range(0, len(labels), step):
        yield labels[start : start + step]
