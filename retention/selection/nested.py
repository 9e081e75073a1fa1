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
from sklearn.pipeline import Pipeline

from retention.families import Candidate, Grid
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
    answer. `chosen` has a row a split: `repeat`, `fold`, `roc_auc` on the inner folds, and the
    hyperparameters (none where candidates are averaged). `models` are the answers of repeat 1.
    """

    scores: pd.DataFrame
    chosen: pd.DataFrame
    models: list[Pipeline]


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
        (family, grid, features, decline, groups, outer[:, repeat - 1], fold, repeat, learning)
        for repeat, fold in places
    ]
    found = parallel(_learn_split, calls, label=f"nest {family}", unit="split")
    scores = {split_name(*place): split for place, (split, _, _) in zip(places, found, strict=True)}
    chosen = [
        {"repeat": repeat, "fold": fold, **winner}
        for (repeat, fold), (_, winner, _) in zip(places, found, strict=True)
    ]
    models = [model for _, _, model in found if model is not None]
    return Nested(pd.DataFrame(scores), pd.DataFrame(chosen, dtype=object), models)


def _learn_split(
    family: str,
    grid: Grid,
    features: pd.DataFrame,
    decline: Integers,
    groups: NDArray[np.intp],
    outer: Integers,
    fold: int,
    repeat: int,
    learning: Learning,
) -> tuple[Floats, Candidate, Pipeline | None]:
    train, test = splits(outer)[fold]
    inner = draw_folds(decline[train], groups[train], learning.folds, learning.seed + fold)
    learnt = learn_family(family, grid, features.iloc[train], decline[train], inner, learning)
    scores = np.empty(len(features))
    scores[train] = learnt.unseen
    scores[test] = decision(learnt.model, features.iloc[test])
    found = learnt.search
    winner: dict[str, Any] = {"roc_auc": found.roc_auc[found.best].mean()}
    if grid.answer == "best":
        winner |= found.candidates[found.best]
    return scores, winner, learnt.model if repeat == 1 else None
