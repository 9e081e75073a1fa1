"""The procedure: search, weights, calibration and threshold, one function of some customers.

It runs inside every outer training part, and once on everybody. Nothing else fits, chooses,
calibrates or cuts. Its first part is one family's (`learn_family`), and takes long; the second
(`combine`) is quick, and needs only the members' scores of customers that they did not see.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from retention.families import Candidate, Grid
from retention.folds import draw_folds
from retention.models.blend import Blend
from retention.models.preprocessing import Columns
from retention.selection.pipeline import build, build_average
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
    """How families become one model: see `Blend`, and the rule of `threshold`.

    `members` are families with their shares of the weights, `insurance` are families that matter
    where decliners are few.
    """

    members: Mapping[str, float]
    insurance: Mapping[str, float]
    pull: float
    rule: str

    @property
    def families(self) -> list[str]:
        """The families, in the order of their scores everywhere."""
        return [*self.members, *self.insurance]

    def shares(self, decliners: int) -> dict[str, float]:
        """Return each family's share of the weights, of a sum of 1, with so many decliners.

        One insurance of k has k / (k + decliners); the members share what is left. Several have k /
        decliners each for every 1 of the members.
        """
        together = sum(self.members.values())
        parts = {name: share / together for name, share in self.members.items()}
        parts |= {name: k / decliners for name, k in self.insurance.items()}
        whole = sum(parts.values())
        return {name: part / whole for name, part in parts.items()}


@dataclass(frozen=True)
class Learnt:
    """A family's answer, from n customers."""

    model: Any  # fitted to all of them
    unseen: Floats  # each customer's score by models that did not see its inner fold, (n,)
    search: Search
    winner: Candidate | None  # what answers; None where the average of all candidates does

    def described(self) -> dict[str, Any]:
        """Return the `winner`, and the `roc_auc` of the best candidate on the inner folds."""
        best = float(self.search.roc_auc[self.search.best].mean())
        return {"roc_auc": best, "winner": self.winner}


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
    winner = None if average else candidates[found.best]
    model = answer(family, grid, winner, learning).fit(features, decline)
    unseen = found.unseen.mean(axis=0) if average else found.unseen[found.best]
    return Learnt(model, unseen, found, winner)


def answer(family: str, grid: Grid, winner: Candidate | None, learning: Learning) -> Any:
    """Return the unfitted model by which a family answers: the winner's, or the average of all."""
    if winner is None:
        return build_average(family, grid.candidates(), learning.columns, learning.seed)
    return build(family, winner, learning.columns, learning.seed)


def combine(unseen: Floats, decline: Integers, combining: Combining) -> Decision:
    """Learn weights, calibration and threshold from the members' unseen scores (members, n)."""
    shares = combining.shares(int(decline.sum()))
    blend = Blend(shares, combining.pull).fit_weights(unseen, decline)
    return Decision(blend, threshold(decline, expit(blend.combine(unseen)), combining.rule))


def procedure(
    features: pd.DataFrame,
    decline: Integers,
    groups: NDArray[np.intp],
    grids: Mapping[str, Grid],
    learning: Learning,
    combining: Combining,
    folds_seed: int | None = None,
) -> Decision:
    """Run all of it on these customers (n,); `groups` are those of near-duplicates.

    The inner folds are drawn by `folds_seed`, or by that of `learning`. The stages do the same in
    parts, so that a changed grid learns one family anew.
    """
    seed = learning.seed if folds_seed is None else folds_seed
    fold = draw_folds(decline, groups, learning.folds, seed)
    learnt = {
        member: learn_family(member, grids[member], features, decline, fold, learning)
        for member in combining.families
    }
    decided = combine(np.stack([each.unseen for each in learnt.values()]), decline, combining)
    decided.blend.with_members({member: each.model for member, each in learnt.items()})
    return decided
