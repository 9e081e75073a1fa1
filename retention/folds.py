"""Hold-out and cross-validation folds that keep near-duplicate customers together.

`data/folds.parquet` has one row per customer: `customer_id`, `group`, `holdout` (bool), and
`fold_1` … `fold_R`, one column a repeat: the number of the fold in which a customer is tested,
-1 in the hold-out.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.harness.errors import UserError

Splits = list[tuple[NDArray[np.intp], NDArray[np.intp]]]


def same_customer_groups(
    customers: pd.DataFrame, keys: Sequence[Sequence[str]]
) -> NDArray[np.intp]:
    """Return a group number for each customer; those who may be the same one share it.

    Two customers are linked when they agree in all columns of any key; a group is a connected
    component of these links.

    Raises UserError for a key with an unknown column.
    """
    n = len(customers)
    links = []
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


def split_customers(
    customers: pd.DataFrame,
    groups: NDArray[np.intp],
    *,
    holdout_parts: int,
    folds: int,
    repeats: int,
    seed: int,
) -> pd.DataFrame:
    """Draw the hold-out and the folds, stratified by decline; no group is ever torn.

    The hold-out is one of `holdout_parts` equal parts of the customers. Returns the table that the
    module describes. Raises UserError when a class has fewer groups than folds.
    """
    decline = customers[DECLINE].to_numpy()
    _check_enough(decline, groups, max(holdout_parts, folds))
    table = pd.DataFrame({CUSTOMER_ID: customers[CUSTOMER_ID], "group": groups, "holdout": False})
    _, holdout = next(_folds(decline, groups, holdout_parts, seed))
    table.loc[holdout, "holdout"] = True
    training = np.flatnonzero(~table["holdout"].to_numpy())
    _check_enough(decline[training], groups[training], folds)
    for repeat in range(1, repeats + 1):
        fold = np.full(len(customers), -1)
        splits = _folds(decline[training], groups[training], folds, seed + repeat)
        for number, (_, test) in enumerate(splits):
            fold[training[test]] = number
        table[f"fold_{repeat}"] = fold
    return table


def _folds(
    decline: NDArray[np.int64], groups: NDArray[np.intp], folds: int, seed: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    yield from splitter.split(np.zeros(len(decline)), decline, groups)


def _check_enough(decline: NDArray[np.int64], groups: NDArray[np.intp], folds: int) -> None:
    for value in (0, 1):
        found = len(np.unique(groups[decline == value]))
        if found < folds:
            raise UserError(
                f"data/customers.parquet leaves {found} separate customers with decline {value} "
                f"for {folds} folds, which need as many: lower split.folds or bring more customers."
            )


def fold_columns(folds: pd.DataFrame) -> list[str]:
    """Return the names of the repeats."""
    return [name for name in folds.columns if name.startswith("fold_")]


def outer_columns(folds: pd.DataFrame) -> list[str]:
    """Return the names of the outer repeats."""
    return [name for name in folds.columns if name.startswith("outer_")]


def splits(fold: NDArray[np.int64]) -> Splits:
    """Return (train, test) positions for each fold number in `fold`; -1 stays out of both."""
    numbers = sorted(set(fold[fold >= 0].tolist()))
    return [
        (np.flatnonzero((fold >= 0) & (fold != number)), np.flatnonzero(fold == number))
        for number in numbers
    ]
