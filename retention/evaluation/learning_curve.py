"""What more customers would bring: the procedure, learnt from more and more of them.

At every size the whole procedure runs on the learnt customers alone: hyperparameters, weights and
calibration are searched inside them, with inner folds of their own, so that nothing has seen the
tested customers, and nothing the customers that a smaller share leaves out.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.harness.parallel import parallel
from retention.models.blend import decision
from retention.statistics.intervals import fewest_groups
from retention.statistics.ranking import roc_auc

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Groups = NDArray[np.intp]

# Takes features, decline and groups of the learnt customers, and returns a fitted model.
Procedure = Callable[[pd.DataFrame, Integers, Groups], Any]

# Separate customers of each class in every training part: with fewer, a curve shows little but
# luck, and inner folds may lack a class.
LEAST_OF_CLASS = 15


def entry_shares(decline: Integers, groups: Groups, fold: Integers, seed: int) -> Floats:
    """Return for each row the share of the customers from which on it is among the learnt, (n,).

    The rows with an entry of at most s are a random share s of them: whole groups of
    near-duplicates, and the same share of each fold and class (groups with a decline are one
    class). Those of a smaller share are among those of a larger.
    """
    random = np.random.default_rng(seed)
    table = pd.DataFrame({"fold": fold, "group": groups, "decline": decline})
    parts = table.groupby(["fold", "group"])["decline"].agg(["max", "size"]).reset_index()
    parts = parts.iloc[random.permutation(len(parts))]
    by_stratum = parts.groupby(["fold", "max"])["size"]
    # The middle of a group's place in the queue: as much is rounded up as down.
    parts["entry"] = (by_stratum.cumsum() - parts["size"] / 2) / by_stratum.transform("sum")
    entry = parts.set_index(["fold", "group"])["entry"]
    rows = pd.MultiIndex.from_arrays([fold, groups])
    return entry.reindex(rows).to_numpy(dtype=np.float64)


def learn(
    procedure: Procedure,
    features: pd.DataFrame,
    decline: Integers,
    groups: Groups,
    folds: Integers,
    entry: Floats,
    shares: Sequence[float],
) -> pd.DataFrame:
    """Run the procedure on each share of the training part of each outer fold; shows progress.

    `folds` (n, R) has the outer fold of each row, a column a repeat; `entry` (n,) is that of
    `entry_shares`. Returns a row per share, repeat (from 1) and fold: `share`, `repeat`, `fold`,
    `customers` (learnt from) and `roc_auc` on the tested fold, nan where the share leaves fewer
    than `LEAST_OF_CLASS` separate customers of a class to learn from.
    """
    calls = []
    for share in sorted(shares):
        for repeat, fold in enumerate(folds.T, start=1):
            for number in np.unique(fold).tolist():
                train = np.flatnonzero((fold != number) & (entry <= share))
                calls.append((share, repeat, number, train, np.flatnonzero(fold == number)))
    found = parallel(
        _learn,
        [(procedure, features, decline, groups, train, test) for *_, train, test in calls],
        label="learn",
        unit="model",
    )
    rows = [
        (share, repeat, number, len(train), value)
        for (share, repeat, number, train, _), value in zip(calls, found, strict=True)
    ]
    return pd.DataFrame(rows, columns=["share", "repeat", "fold", "customers", "roc_auc"])


def _learn(
    procedure: Procedure,
    features: pd.DataFrame,
    decline: Integers,
    groups: Groups,
    train: NDArray[np.intp],
    test: NDArray[np.intp],
) -> float:
    if fewest_groups(decline[train], groups[train]) < LEAST_OF_CLASS:
        return float("nan")
    model = procedure(features.iloc[train], decline[train], groups[train])
    return roc_auc(decline[test], decision(model, features.iloc[test]))
