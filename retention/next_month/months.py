"""Two months side by side: the customers a model learnt from, and those of next month."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import ndtri

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Members = NDArray[np.bool_]

MOST_PRODUCTS = 25  # numbers, beyond which products are left out
# Of the classifier that weighs training customers: scikit-learn's C. Weights above this quantile
# are cut off to it, or a handful of customers would speak for all (Ionides 2008).
C = 0.1
HEAVIEST = 0.99


@dataclass(frozen=True)
class Months:
    """Training customers and next month's, with the same columns, and who is who.

    `customers` (n + m,) has a number for each row, training first: rows of one customer and of its
    near-duplicates share it, within a month and over both (see `same_over_months`).
    """

    training: pd.DataFrame
    following: pd.DataFrame
    numbers: Sequence[str]
    categories: Sequence[str]
    customers: Positions

    @property
    def columns(self) -> list[str]:
        """The columns that are compared."""
        return [*self.numbers, *self.categories]

    @property
    def later(self) -> Members:
        """Which rows are next month's, (n + m,)."""
        return np.arange(len(self.customers)) >= len(self.training)

    def both(self, column: str) -> "pd.Series[Any]":
        """Return a column of both months, training first."""
        return pd.concat([self.training[column], self.following[column]], ignore_index=True)

    def thinned(self, most: int, seed: int) -> "Months":
        """Return about `most` rows of the larger month, whole customers drawn; all if it has less.

        Of the smaller month as large a share is drawn.
        """
        keep = most / max(len(self.training), len(self.following), 1)
        if keep >= 1:
            return self
        _, number = np.unique(self.customers, return_inverse=True)
        taken = (np.random.default_rng(seed).random(number.max() + 1) < keep)[number]
        before = len(self.training)
        return Months(
            self.training[taken[:before]],
            self.following[taken[before:]],
            self.numbers,
            self.categories,
            self.customers[taken],
        )


def same_over_months(
    training: "pd.Series[Any]",
    following: "pd.Series[Any]",
    groups: Positions,
    following_groups: Positions,
) -> Positions:
    """Return the `customers` of `Months` from the ids of both months.

    Near-duplicates of a month, `groups` (n,) and `following_groups` (m,), share a number, and who
    goes on has that of last month.
    """
    known = pd.Series(groups, index=training.to_numpy())
    before = following.map(known).to_numpy(dtype=np.float64, na_value=np.nan)
    going_on = ~np.isnan(before)
    first = groups.max(initial=-1) + 1
    size = first + following_groups.max(initial=-1) + 1
    # A group of one month is linked to that of the other whom one of its customers belongs to.
    ends = before[going_on].astype(np.intp), first + following_groups[going_on]
    links = coo_array((np.ones(len(ends[0])), ends), shape=(size, size))
    number = connected_components(links, directed=False)[1]
    return np.concatenate([number[groups], number[first + following_groups]]).astype(np.intp)


def resemblance(months: Months) -> Floats:
    """Return how much more frequent the like of each training customer are next month, (n,).

    The odds of a logistic regression that tells the months apart, with the mean 1: importance
    weights for what depends on who the customers are (Shimodaira 2000; Bickel, Brückner & Scheffer
    2009, https://www.jmlr.org/papers/v10/bickel09a.html).
    """
    from sklearn.linear_model import LogisticRegression  # a second; who only tests is spared

    seen, later = basis(months, products=False), months.later
    if not seen.shape[1] or later.all() or not later.any():
        return np.ones(len(months.training))
    told = LogisticRegression(C=C, max_iter=500).fit(seen, later)
    odds = np.exp(told.decision_function(seen[~later]))
    odds = np.minimum(odds, np.quantile(odds, HEAVIEST))
    return np.asarray(odds / odds.mean(), dtype=np.float64)


def effective_share(weight: Floats) -> float:
    """Return (Σw)²/(n·Σw²): how many customers of equal weight would say as much, of 1 (Kish)."""
    return float(weight.sum() ** 2 / (len(weight) * (weight**2).sum()))


def basis(months: Months, *, products: bool) -> NDArray[np.float32]:
    """Return what tells the months apart, a row a customer of both, (n + m, terms), scaled alike.

    Normal scores of the numbers, their squares and products (which show what goes together
    otherwise), and 0/1 columns of categories and of missing values.
    """
    numbers = np.column_stack(
        [_normal_scores(months.both(name)) for name in months.numbers]
        or [np.zeros((len(months.customers), 0))]
    )
    terms = [numbers, numbers**2]
    if products and len(months.numbers) <= MOST_PRODUCTS:
        first, second = np.triu_indices(numbers.shape[1], 1)
        terms.append(numbers[:, first] * numbers[:, second])
    for name in months.columns:
        values = months.both(name)
        shown = values.isna() if name in months.numbers else values
        terms.append(pd.get_dummies(shown).to_numpy(dtype=np.float64))
    columns = np.column_stack(terms)
    spread = columns.std(axis=0)
    kept = spread > 1e-9
    scaled = (columns[:, kept] - columns[:, kept].mean(axis=0)) / spread[kept]
    return np.asarray(scaled, dtype=np.float32)


def _normal_scores(values: "pd.Series[Any]") -> Floats:
    """Return the normal quantiles of the ranks (n,), 0 for missing values."""
    ranks = values.rank().to_numpy(dtype=np.float64)
    known = max(int(values.notna().sum()), 1)
    return np.nan_to_num(np.asarray(ndtri((ranks - 0.5) / known)))
