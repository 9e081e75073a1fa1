"""How many of the strongest cuts a customer is on the risky side of, and what that tells."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.discovery.cuts import Cut, Integers, Setting
from retention.folds import splits


def strongest(checked: pd.DataFrame, setting: Setting) -> list[Cut]:
    """Return the cuts that hold, those with the largest gain first, at most `setting.counted`.

    `checked` is `check_cuts` of some customers: nobody else has a say in where the cuts are, which
    hold, and which are strongest.
    """
    held = checked[checked["holds"]].sort_values("gain", ascending=False, kind="stable")
    return [
        Cut(row["column"], row["cut"], row["direction"], row["gain"])
        for row in held.head(setting.counted).to_dict("records")
    ]


def rules_met(customers: pd.DataFrame, cuts: Sequence[Cut]) -> Integers:
    """Return on how many risky sides each customer is, shape (n,)."""
    counts = np.zeros(len(customers), dtype=np.int64)
    for cut in cuts:
        counts += cut.risky(customers).to_numpy()
    return counts


def checks_without(
    customers: pd.DataFrame, fold: Integers, groups: NDArray[np.intp], setting: Setting
) -> list[tuple[pd.DataFrame, Integers, NDArray[np.intp], Setting]]:
    """Return for each fold what `check_cuts` needs to choose rules without its customers."""
    return [
        (customers.iloc[train], fold[train], groups[train], setting) for train, _ in splits(fold)
    ]


def unseen_rules_met(
    customers: pd.DataFrame, fold: Integers, checked: Sequence[pd.DataFrame], setting: Setting
) -> Integers:
    """Return `rules_met` by the strongest cuts of the other folds, chosen anew for each; (n,).

    `checked` has, for each fold, `check_cuts` of the customers of all other folds.
    """
    counts = np.zeros(len(customers), dtype=np.int64)
    for (_, test), table in zip(splits(fold), checked, strict=True):
        counts[test] = rules_met(customers.iloc[test], strongest(table, setting))
    return counts


def declines_by_count(counts: Integers, decline: Integers, most: int) -> pd.DataFrame:
    """Return `rules_met` from 0 to `most`, and the `customers` and `declined` of each count."""
    return pd.DataFrame(
        {
            "rules_met": range(most + 1),
            "customers": np.bincount(counts, minlength=most + 1),
            "declined": np.bincount(counts[decline == 1], minlength=most + 1),
        }
    )
