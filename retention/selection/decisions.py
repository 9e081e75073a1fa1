"""The second part of the procedure, from the members' scores: in every outer split, on everybody.

`scores` is the table of `choose`: a row a family and customer, `family`, `customer_id`, a column
of each outer split (retention/selection/nested.py), and `everybody`. `models` are the families'
fitted answers: those of the outer splits of repeat 1, and the one of everybody behind them.
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

from retention.contract.columns import CUSTOMER_ID
from retention.folds import splits
from retention.harness.files import DATA_DIGITS
from retention.models.blend import Blend
from retention.selection.nested import split_name
from retention.selection.procedure import Combining, Decision, combine

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """What the outer models say of customers that they did not see.

    `table` has for each repeat r `probability_r` and `predicted_r`, a row a customer; `blends` are
    the models of repeat 1, number k that which left out fold k.
    """

    table: pd.DataFrame
    blends: list[Blend]


def combine_outer(
    scores: pd.DataFrame,
    customers: "pd.Series[Any]",
    decline: Integers,
    outer: Integers,
    models: Mapping[str, Sequence[Any]],
    combining: Combining,
) -> Judged:
    """Combine the members in each split of the outer folds (n, repeats), and score its test part.

    Weights, calibration and threshold are learnt from the training part alone.
    """
    columns: dict[str, Any] = {}
    blends = []
    for repeat, fold in enumerate(outer.T, start=1):
        probability, predicted = np.empty(len(fold)), np.empty(len(fold), dtype=np.bool_)
        for number, (train, test) in enumerate(splits(fold)):
            unseen = _matrix(scores, split_name(repeat, number), customers, combining)
            decided = combine(unseen[:, train], decline[train], combining)
            probability[test] = expit(decided.blend.combine(unseen[:, test]))
            predicted[test] = probability[test] >= decided.threshold
            if repeat == 1:
                members = {name: models[name][number] for name in combining.shares}
                blends.append(decided.blend.with_members(members))
        columns |= {f"probability_{repeat}": probability, f"predicted_{repeat}": predicted}
    return Judged(pd.DataFrame(columns), blends)


def combine_everybody(
    scores: pd.DataFrame,
    customers: "pd.Series[Any]",
    decline: Integers,
    models: Mapping[str, Sequence[Any]],
    combining: Combining,
) -> Decision:
    """Combine the members on everybody: what ships, for customers whose outcome nobody knows."""
    decided = combine(_matrix(scores, "everybody", customers, combining), decline, combining)
    blend = decided.blend.with_members({name: models[name][-1] for name in combining.shares})
    # The threshold is some customer's own probability: rounded up, it would lose that one.
    return Decision(blend, math.floor(decided.threshold * 10**DATA_DIGITS) / 10**DATA_DIGITS)


def fingerprint(text: str) -> str:
    """Return a short print of a text: equal for equal texts only."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _matrix(
    scores: pd.DataFrame, column: str, customers: "pd.Series[Any]", combining: Combining
) -> Floats:
    """Return the members' scores of one split, (members, n), customers in the given order."""
    wide = scores.pivot(index="family", columns=CUSTOMER_ID, values=column)
    matrix = wide.loc[list(combining.shares), customers.to_list()].to_numpy(dtype=np.float64)
    return np.asarray(matrix)
