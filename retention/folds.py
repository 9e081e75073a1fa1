"""Folds that keep near-duplicate customers together, outer ones and those inside them.

`data/folds.parquet` has one row per customer: `customer_id`, `group`, and `outer_1` … `outer_R`,
one column a repeat: the number of the fold in which the customer is tested.
"""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.harness.errors import UserError

# Draws of folds that are tried until every fold has both classes, and the steps of their seeds,
# which keep them apart from those of other repeats.
_ATTEMPTS = 20
_STEP = 1_000_003

Splits = list[tuple[NDArray[np.intp], NDArray[np.intp]]]


def same_customer_groups(
    customers: pd.DataFrame, keys: Sequence[Sequence[str]]
) -> NDArray[np.intp]:
    """Return a group number for each customer; those who may be the same one share it.

    Two customers are linked when they agree in all columns of any key; a group is a connected
    component of these links. Without keys everybody stands alone.

    Raises UserError for a key with an unknown column.
    """
    n = len(customers)
    links = [np.stack([np.arange(n), np.arange(n)])]  # everybody with itself
    for key in keys:
        unknown = [column for column in key if column not in customers]
        if unknown:
            raise UserError(
                f"params.yaml: 'split.same_customer' names '{unknown[0]}', which is no column of "
                f"data/customers.parquet: use some of {', '.join(customers.columns)}."
            )
        # Linking every customer with the first one of the same key makes the same components as
        # linking all pairs.
        number = customers.groupby(list(key), sort=False).ngroup().to_numpy()
        first = pd.Series(np.arange(n)).groupby(number).transform("first").to_numpy()
        links.append(np.stack([np.arange(n), first]))
    rows, columns = np.concatenate(links, axis=1)
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)


def outer_folds(
    customers: pd.DataFrame, groups: NDArray[np.intp], *, folds: int, repeats: int, seed: int
) -> pd.DataFrame:
    """Draw the outer folds, stratified by decline; no group is ever torn.

    Returns the table that the module describes. Raises UserError as `draw_folds` does.
    """
    decline = customers[DECLINE].to_numpy()
    table = pd.DataFrame({CUSTOMER_ID: customers[CUSTOMER_ID], "group": groups})
    for repeat in range(1, repeats + 1):
        table[f"outer_{repeat}"] = draw_folds(decline, groups, folds, seed + repeat)
    return table


def outer_columns(folds: pd.DataFrame) -> list[str]:
    """Return the names of the repeats' columns."""
    return [name for name in folds.columns if name.startswith("outer_")]


def draw_folds(
    decline: NDArray[np.int64], groups: NDArray[np.intp], folds: int, seed: int
) -> NDArray[np.int64]:
    """Return each row's fold, 0 … folds - 1, shape (n,): stratified, and groups are kept whole.

    Every fold has both classes. Where a draw misses that, which happens with some ten of a class,
    it is drawn again. Raises UserError when a class has fewer groups than folds, or when no draw
    gives every fold both classes.
    """
    from sklearn.model_selection import StratifiedGroupKFold  # a second; who only checks is spared

    for value in (0, 1):
        found = len(np.unique(groups[decline == value]))
        if found < folds:
            raise UserError(
                f"data/customers.parquet leaves {found} separate customers with decline {value} "
                f"for {folds} folds, which need as many: lower split.folds or bring more customers."
            )
    for attempt in range(_ATTEMPTS):
        splitter = StratifiedGroupKFold(
            folds, shuffle=True, random_state=(seed + _STEP * attempt) % 2**32
        )
        fold = np.full(len(decline), -1)
        for number, (_, test) in enumerate(splitter.split(decline, decline, groups)):
            fold[test] = number
        counts = pd.crosstab(fold, decline).reindex(index=range(folds), columns=[0, 1])
        if (counts > 0).all(axis=None):
            return fold
    raise UserError(
        f"no {folds} folds of the customers in data/customers.parquet have both outcomes, because "
        "groups of near-duplicates hold most of one: lower split.folds, or name more columns in "
        "split.same_customer."
    )


def check_enough(
    decline: NDArray[np.int64], groups: NDArray[np.intp], folds: int, largest_share: float
) -> None:
    """Raise UserError for customers who can't be judged by folds inside folds.

    What is left of a class without one outer fold has to fill the inner folds; and a group of
    near-duplicates larger than `largest_share` of the customers would be most of a fold.
    """
    # So many are left when a fold takes its part, rounded up.
    least = next(n for n in itertools.count(folds) if n - -(-n // folds) >= folds)
    for value, meaning in ((1, "declined"), (0, "stayed")):
        found = len(np.unique(groups[decline == value]))
        if found < least:
            raise UserError(
                f"{found} separate customers {meaning}, but folds inside {folds} folds need at "
                f"least {least}: bring more customers, or lower split.folds in params.yaml."
            )
    largest = int(np.bincount(groups).max())
    if largest > max(1, largest_share * len(groups)):
        raise UserError(
            f"{largest} of {len(groups)} customers agree in all columns of a key of "
            "split.same_customer and would count as one: name more columns there, or raise "
            "split.largest_group in params.yaml."
        )


def splits(fold: NDArray[np.int64]) -> Splits:
    """Return (train, test) positions for each fold number in `fold`; -1 stays out of both."""
    numbers = sorted(set(fold[fold >= 0].tolist()))
    return [
        (np.flatnonzero((fold >= 0) & (fold != number)), np.flatnonzero(fold == number))
        for number in numbers
    ]
