"""What more customers would bring: the chosen model, learnt from more and more of them.

The members and their hyperparameters are the chosen ones at every size; calibration and weights are
learnt anew. A grid searched at each size would favour simpler models at the small ones, so the
curve starts a little lower than the whole procedure would.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from tqdm import tqdm

from retention.folds import splits
from retention.models.blend import Blend
from retention.statistics.paired import corrected_mean
from retention.statistics.ranking import roc_auc

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Of each class, in every training set: with fewer, a curve shows little but luck.
LEAST_OF_CLASS = 5


def entry_shares(decline: Integers, groups: NDArray[np.intp], fold: Integers, seed: int) -> Floats:
    """Return for each row the share of the customers from which on it is among the learnt, (n,).

    The rows with an entry of at most s are a random share s of them: whole groups of
    near-duplicates, and the same share of each fold and class (groups with a decline are one
    class). Those of a smaller share are among those of a larger. Rows of fold -1 have none (nan).
    """
    random = np.random.default_rng(seed)
    table = pd.DataFrame({"fold": fold, "group": groups, "decline": decline})
    table = table[table["fold"] >= 0]
    parts = table.groupby(["fold", "group"])["decline"].agg(["max", "size"]).reset_index()
    parts = parts.iloc[random.permutation(len(parts))]
    by_stratum = parts.groupby(["fold", "max"])["size"]
    # The middle of a group's place in the queue: as much is rounded up as down.
    parts["entry"] = (by_stratum.cumsum() - parts["size"] / 2) / by_stratum.transform("sum")
    entry = parts.set_index(["fold", "group"])["entry"]
    rows = pd.MultiIndex.from_arrays([fold, groups])
    return entry.reindex(rows).to_numpy(dtype=np.float64)


def learn(
    members: Mapping[str, Pipeline],
    features: pd.DataFrame,
    decline: Integers,
    fold: Integers,
    entry: Floats,
    shares: Sequence[float],
) -> pd.DataFrame:
    """Fit the calibrated blend to each share of the other folds, and judge it on each fold.

    Rows of fold -1 take no part. Shares that leave too few to learn from (see `learnable`) are
    left out. Shows progress. Returns a row per share and fold: `share`, `fold`, `customers` (learnt
    from), `tested`, `roc_auc`, `in_sample` (ROC-AUC on the customers learnt from).
    """
    possible = [
        share for share in sorted(shares) if learnable(members, decline, fold, entry, share)
    ]
    work = [
        delayed(_learn)(members, features, decline, fold, train[entry[train] <= share], test, share)
        for share in possible
        for train, test in splits(fold)
    ]
    results = Parallel(n_jobs=-1, return_as="generator")(work)
    columns = ["share", "fold", "customers", "tested", "roc_auc", "in_sample"]
    return pd.DataFrame(tqdm(results, total=len(work), desc="learn", unit="model"), columns=columns)


def learnable(
    members: Mapping[str, Pipeline], decline: Integers, fold: Integers, entry: Floats, share: float
) -> bool:
    """Tell whether every model can be fitted to a share, those inside the calibration among them.

    Each needs LEAST_OF_CLASS customers of each class, and as many as it takes neighbours.
    """
    least = max((_neighbours(member) for member in members.values()), default=0)
    used = np.where(entry <= share, fold, -1)
    for number in np.unique(fold[fold >= 0]):
        inner = splits(np.where(used == number, -1, used))
        counts = [np.bincount(decline[train], minlength=2) for train, _ in inner]
        if not counts or min(count.min() for count in counts) < LEAST_OF_CLASS:
            return False
        if min(count.sum() for count in counts) < least:
            return False
    return True


def curve(learnt: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return the mean over the folds for each size, with its corrected interval.

    Columns: `customers` (mean number learnt from), `roc_auc`, `low`, `high`, `in_sample`.
    """
    rows = []
    for _, part in learnt.groupby("share"):
        found = corrected_mean(part["roc_auc"].to_numpy(), _test_to_train(part), confidence)
        rows.append(
            {
                "customers": round(part["customers"].mean()),
                "roc_auc": found.value,
                # In few folds, the interval of the mean may reach beyond what a ROC-AUC can be.
                "low": max(0.0, found.low),
                "high": min(1.0, found.high),
                "in_sample": part["in_sample"].mean(),
            }
        )
    return pd.DataFrame(rows, columns=["customers", "roc_auc", "low", "high", "in_sample"])


def gain(learnt: pd.DataFrame, fewer: float, more: float, confidence: float) -> dict[str, Any]:
    """Return what the larger share of two brings in ROC-AUC, paired by fold.

    n_test/n_train is that of the smaller training set: the wider of the two intervals.
    """
    first, second = (learnt[learnt["share"] == share] for share in (fewer, more))
    differences = second["roc_auc"].to_numpy() - first["roc_auc"].to_numpy()
    found = corrected_mean(differences, _test_to_train(first), confidence)
    return {
        "from": round(first["customers"].mean()),
        "to": round(second["customers"].mean()),
        "gain": found.value,
        "low": found.low,
        "high": found.high,
        "p": found.p,
        "within_noise": None if np.isnan(found.value) else found.within_noise,
    }


def last_gains(learnt: pd.DataFrame, confidence: float) -> dict[str, Any]:
    """Return the gains of the last step, and of the last doubling of customers.

    Each is None without a share that it could start from: for the doubling, the largest that is at
    most half of the last.
    """
    *earlier, last = sorted(learnt["share"].unique()) or [np.nan]
    halves = [share for share in earlier if share <= last / 2]
    return {
        name: gain(learnt, starts[-1], last, confidence) if starts else None
        for name, starts in (("last_step", earlier), ("last_doubling", halves))
    }


def _neighbours(member: Pipeline) -> int:
    return int(member.get_params().get("model__n_neighbors", 0))


def _test_to_train(part: pd.DataFrame) -> float:
    return float((part["tested"] / part["customers"]).mean())


def _learn(
    members: Mapping[str, Pipeline],
    features: pd.DataFrame,
    decline: Integers,
    fold: Integers,
    train: NDArray[np.intp],
    test: NDArray[np.intp],
    share: float,
) -> tuple[float, int, int, int, float, float]:
    model = Blend(dict(members)).fit(features.iloc[train], decline[train], fold[train])
    unseen, seen = (
        roc_auc(decline[rows], model.decision_function(features.iloc[rows]))
        for rows in (test, train)
    )
    return share, int(fold[test[0]]), len(train), len(test), unseen, seen
