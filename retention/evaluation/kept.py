"""What of the outer folds is kept in git, so that revisions compare without any cache.

No customer's id is kept, and none of the shop's columns: `row` is a print of all that is known of a
customer, which tells whether two revisions had the same row and can't be turned back. A table has a
row per customer: `row`, `group` (the number that near-duplicates share), `declined`, and for each
repeat r `fold_r`, `called_r` (predicted to decline, at the threshold learnt without the customer)
and `log_odds_r` of the probability, which keep small probabilities apart where three digits of the
probability itself would not.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from retention.evaluation.calibration import log_odds
from retention.evaluation.outer import Floats, Outer

DIGITS = 3  # of the log-odds: at most 0.000125 of a probability
# Of a larger store, whole groups of about so many customers are kept: 180 kB.
LARGEST = 2500


@dataclass(frozen=True)
class Kept:
    """Outer folds with what the procedure said of each customer in them.

    `rows` are the prints (n,); `probability` and `called` are (R, n).
    """

    outer: Outer
    probability: Floats
    called: NDArray[np.bool_]
    rows: NDArray[np.str_]


def kept_table(
    customers: pd.DataFrame,
    ids: "pd.Series[int]",
    outer: Outer,
    probability: Floats,
    called: NDArray[np.bool_],
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the table that the module describes, and the prints of its customers and folds.

    Revisions with the same print `customers` have the same customers with the same outcomes, those
    with the same print `folds` the same folds of them. `customers` and `ids` have n rows, in the
    order of `outer`; `probability` and `called` are (R, n).
    """
    here = _whole_groups(ids, outer.groups)
    table = pd.DataFrame(
        {
            "row": [_print(row, 8) for row in customers[here].itertuples(index=False)],
            "group": outer.groups[here],
            "declined": outer.decline[here],
        }
    )
    for r, (fold, said, odds) in enumerate(
        zip(outer.fold, called, log_odds(probability), strict=True), start=1
    ):
        table[f"fold_{r}"] = fold[here]
        table[f"called_{r}"] = said[here].astype(np.int64)
        table[f"log_odds_{r}"] = odds[here].round(DIGITS)
    folds = [name for name in table if name == "group" or str(name).startswith("fold_")]
    return table, {
        "customers": _print([*ids[here], *outer.decline[here]], 16),
        "folds": _print(table[folds].to_numpy().ravel(), 16),
    }


def read_kept(table: pd.DataFrame) -> Kept:
    """Return what a table of `kept_table` has; its `row` must have been read as text."""
    repeats = sum(str(name).startswith("fold_") for name in table)
    fold, called, odds = (
        np.stack([table[f"{name}_{r}"].to_numpy() for r in range(1, repeats + 1)])
        for name in ("fold", "called", "log_odds")
    )
    outer = Outer(table["declined"].to_numpy(), table["group"].to_numpy(), fold)
    return Kept(outer, expit(odds), called.astype(bool), table["row"].to_numpy(dtype=np.str_))


def split_names(outer: Outer) -> pd.DataFrame:
    """Return repeat and fold of each split, both from 1 and 0 as their columns are, (J, 2)."""
    pairs = product(range(1, len(outer.fold) + 1), range(outer.folds))
    return pd.DataFrame(list(pairs), columns=["repeat", "fold"])


def _whole_groups(ids: "pd.Series[int]", groups: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return who is kept, (n,): everybody, or the same groups whenever the same are there."""
    if len(ids) <= LARGEST:
        return np.ones(len(ids), dtype=bool)
    first = pd.Series([_print([one], 16) for one in ids]).groupby(groups).transform("min")
    size = pd.Series(groups).groupby(first.to_numpy()).size()  # by print: as good as by lot
    taken = size.index[size.cumsum() <= LARGEST]
    return first.isin(taken).to_numpy()


def _print(values: Iterable[object], digits: int) -> str:
    text = ",".join(map(str, values))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:digits]
