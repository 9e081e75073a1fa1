"""The procedure: search, weights, calibration and threshold, one function of some customers.

It runs inside every outer training part, and once on everybody. Nothing else fits, chooses,
calibrates or cuts. Its first part is one family's (`learn_family`), and takes long; the second
(`combine`) is quick, and needs only the members' scores of customers that they did not see.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.pipeline import Pipeline

from retention.families import Grid
from retention.folds import draw_folds
from retention.models.blend import Blend
from retention.models.preprocessing import Columns
from retention.selection.pipeline import build
from retention.selection.search import Race, Search, search
from retention.selection.threshold import threshold

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Learning:
    """How a family learns: the columns that it sees, the number of inner folds, and the race.

    The seed is that of estimators; folds are drawn by it as well.
    """

    columns: Columns
    folds: int
    seed: int
    race: Race


@dataclass(frozen=True)
class Combining:
    """How members become one model: see `Blend`, and the rule of `threshold`."""

    shares: Mapping[str, float]
    pull: float
    rule: str


@dataclass(frozen=True)
class Learnt:
    """A family's answer, from n customers."""

    model: Pipeline  # fitted to all of them
    unseen: Floats  # each customer's score by models that did not see its inner fold, (n,)
    search: Search


@dataclass(frozen=True)
class Decision:
    """The calibrated blend, and the probability from which on a customer counts as declining."""

    blend: Blend
    threshold: float


def learn_family(
    family: str,
    grid: Grid,
    features: pd.DataFrame,
    decline: Integers,
    fold: Integers,
    learning: Learning,
) -> Learnt:
    """Search a family's grid on the inner folds `fold` (n,), and fit its answer to all customers.

    The answer is the best candidate, or the mean of all of them (`answer: average` in the grid),
    for which nothing is chosen and so nothing can be chosen by luck.
    """
    candidates = grid.candidates()
    average = grid.answer == "average"
    found = search(
        family,
        candidates,
        features,
        decline,
        fold,
        columns=learning.columns,
        seed=learning.seed,
        race=None if average else learning.race,
    )
    chosen = candidates if average else [candidates[found.best]]
    model = build(family, chosen, learning.columns, learning.seed).fit(features, decline)
    unseen = found.unseen.mean(axis=0) if average else found.unseen[found.best]
    return Learnt(model, unseen, found)


def combine(unseen: Floats, decline: Integers, combining: Combining) -> Decision:
    """Learn weights, calibration and threshold from the members' unseen scores (members, n)."""
    blend = Blend(dict(combining.shares), combining.pull).fit_weights(unseen, decline)
    return Decision(blend, threshold(decline, expit(blend.combine(unseen)), combining.rule))


def procedure(
    features: pd.DataFrame,
    decline: Integers,
    groups: NDArray[np.intp],
    grids: Mapping[str, Grid],
    learning: Learning,
    combining: Combining,
) -> Decision:
    """Run all of it on these customers (n,); `groups` are those of near-duplicates.

    The stages do the same in parts, so that a changed grid learns one family anew.
    """
    fold = draw_folds(decline, groups, learning.folds, learning.seed)
    learnt = {
        member: learn_family(member, grids[member], features, decline, fold, learning)
        for member in combining.shares
    }
    decided = combine(np.stack([each.unseen for each in learnt.values()]), decline, combining)
    decided.blend.with_members({member: each.model for member, each in learnt.items()})
    return decided
