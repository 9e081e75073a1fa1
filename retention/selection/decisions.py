"""The second part of the procedure, from the members' scores: in every outer split, on everybody.

`scores` is the table of `choose`: a row a family and customer, `family`, `customer_id`, a column
of each outer split (retention/selection/nested.py), and `everybody`.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.families import Grid
from retention.folds import splits
from retention.harness.files import DATA_DIGITS
from retention.models.blend import Blend
from retention.selection.nested import split_name
from retention.selection.procedure import Combining, Decision, Learning, answer, combine

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


EVERYBODY = "everybody"


@dataclass(frozen=True)
class Members:
    """The members of the blend: their scores, and how to fit each one's answer again.

    `answers` is member → split → `winner`, as in `learn_family`; `grids` and `learning` are those
    that they learnt with.
    """

    scores: pd.DataFrame
    answers: Mapping[str, Mapping[str, Any]]
    grids: Mapping[str, Grid]
    learning: Learning

    def unseen(self, split: str, customers: "pd.Series[Any]", names: Sequence[str]) -> Floats:
        """Return the scores of one split, (members, n), customers in the given order."""
        wide = self.scores.pivot(index="family", columns=CUSTOMER_ID, values=split)
        return np.asarray(wide.loc[list(names), customers.to_list()].to_numpy(dtype=np.float64))

    def fitted(self, split: str, features: pd.DataFrame, decline: Integers) -> dict[str, Any]:
        """Return each member's answer of a split, fitted to its training part.

        The same model as the one that scored the test part: a fit of seconds is quicker than
        keeping the models of every family and split.
        """
        return {
            name: answer(name, grid, self.answers[name][split]["winner"], self.learning).fit(
                features, decline
            )
            for name, grid in self.grids.items()
        }


@dataclass(frozen=True)
class Judged:
    """What the outer models say of customers that they did not see.

    `table` has for each repeat r `probability_r` and `predicted_r`, a row a customer; `blends` are
    the models of repeat 1, number k that which left out fold k.
    """

    table: pd.DataFrame
    blends: list[Blend]


def combine_outer(
    members: Members,
    customers: pd.DataFrame,
    features: Sequence[str],
    outer: Integers,
    combining: Combining,
) -> Judged:
    """Combine the members in each split of the outer folds (n, repeats), and score its test part.

    Weights, calibration and threshold are learnt from the training part alone. `customers` (n) have
    the `features` that the models see.
    """
    decline = customers[DECLINE].to_numpy()
    columns: dict[str, Any] = {}
    blends = []
    for repeat, fold in enumerate(outer.T, start=1):
        probability, predicted = np.empty(len(fold)), np.empty(len(fold), dtype=np.bool_)
        for number, (train, test) in enumerate(splits(fold)):
            split = split_name(repeat, number)
            unseen = members.unseen(split, customers[CUSTOMER_ID], combining.families)
            decided = combine(unseen[:, train], decline[train], combining)
            probability[test] = expit(decided.blend.combine(unseen[:, test]))
            predicted[test] = probability[test] >= decided.threshold
            if repeat == 1:
                learnt = customers.iloc[train]
                fitted = members.fitted(split, learnt[[*features]], decline[train])
                blends.append(decided.blend.with_members(fitted))
        columns |= {f"probability_{repeat}": probability, f"predicted_{repeat}": predicted}
    return Judged(pd.DataFrame(columns), blends)


def combine_everybody(
    members: Members, customers: pd.DataFrame, features: Sequence[str], combining: Combining
) -> Decision:
    """Combine the members on everybody: what ships, for customers whose outcome nobody knows."""
    decline = customers[DECLINE].to_numpy()
    unseen = members.unseen(EVERYBODY, customers[CUSTOMER_ID], combining.families)
    decided = combine(unseen, decline, combining)
    fitted = members.fitted(EVERYBODY, customers[[*features]], decline)
    # The threshold is some customer's own probability: rounded up, it would lose that one.
    cut = math.floor(decided.threshold * 10**DATA_DIGITS) / 10**DATA_DIGITS
    return Decision(decided.blend.with_members(fitted), cut)


def fingerprint(text: str) -> str:
    """Return a short print of a text: equal for equal texts only."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
