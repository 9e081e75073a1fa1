"""A family's search inside every outer training part (nested cross-validation).

A score that was used to pick the model is too good. So the outer test part takes no part in
anything: not in the search, and later not in weights, calibration or threshold (Varma & Simon 2006,
https://doi.org/10.1186/1471-2105-7-91).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.families import Grid
from retention.folds import draw_folds, splits
from retention.harness.parallel import parallel
from retention.models.blend import decision
from retention.selection.procedure import Learning, learn_family

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Nested:
    """What a family learnt in each outer split, for n customers.

    `scores` has a column an outer split, see `split_name`, and a row a customer: for the training
    part its score by inner models that did not see it, for the test part that of the family's
    answer. `answers` has for each split, by its name, the `roc_auc` of the best candidate on the
    inner folds, and the `winner`, None where all candidates are averaged.
    """

    scores: pd.DataFrame
    answers: dict[str, Any]


def split_name(repeat: int, fold: int) -> str:
    """Return the name of an outer split; repeats count from 1, folds from 0."""
    return f"split_{repeat}_{fold}"


def nest(
    family: str,
    grid: Grid,
    features: pd.DataFrame,
    decline: Integers,
    groups: NDArray[np.intp],
    outer: Integers,
    learning: Learning,
) -> Nested:
    """Learn a family in each split of the outer folds (n, repeats); shows progress."""
    places = [
        (repeat, fold)
        for repeat, column in enumerate(outer.T, start=1)
        for fold in np.unique(column).tolist()
    ]
    calls = [
        (family, grid, features, decline, groups, outer[:, repeat - 1], fold, learning)
        for repeat, fold in places
    ]
    names = [split_name(*place) for place in places]
    found = parallel(_learn_split, calls, label=f"nest {family}", unit="split")
    return Nested(
        pd.DataFrame({name: scores for name, (scores, _) in zip(names, found, strict=True)}),
        {name: answer for name, (_, answer) in zip(names, found, strict=True)},
    )


def _learn_split(
    family: str,
    grid: Grid,
    features: pd.DataFrame,
    decline: Integers,
    groups: NDArray[np.intp],
    outer: Integers,
    fold: int,
    learning: Learning,
) -> tuple[Floats, dict[str, Any]]:
    train, test = splits(outer)[fold]
    # Other inner folds in each split: those of one seed would be alike by chance.
    inner = draw_folds(decline[train], groups[train], learning.folds, learning.seed + fold)
    learnt = learn_family(family, grid, features.iloc[train], decline[train], inner, learning)
    scores = np.empty(len(features))
    scores[train] = learnt.unseen
    scores[test] = decision(learnt.model, features.iloc[test])
    return scores, learnt.described()
