"""Grid search by cross-validation on folds drawn beforehand.

The same scores as scikit-learn's GridSearchCV with these splits and scoring="roc_auc" (a test
holds them side by side), but each encoder × scaler is fitted once per fold instead of once per
candidate and fold, a family's module may score many candidates at once (`decisions`), and
candidates that fall behind on the first folds are left out of the others (`Race`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import config_context

from retention.families import Candidate, find_family
from retention.folds import splits
from retention.models.blend import decision
from retention.models.preprocessing import Columns, preprocessing
from retention.selection.pipeline import parts
from retention.statistics.ranking import roc_aucs

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Race:
    """After `folds` folds, the `share` that is ahead runs on, at least `least` candidates."""

    folds: int
    share: float
    least: int

    def ahead(self, roc_auc: Floats) -> list[int]:
        """Return the positions of those that run on, given the ROC-AUC so far (C, folds)."""
        count = max(self.least, math.ceil(self.share * len(roc_auc)))
        return sorted(_order(roc_auc)[:count].tolist())


@dataclass(frozen=True)
class Search:
    """What a search found, for C candidates, S folds and n customers."""

    candidates: list[Candidate]
    roc_auc: Floats  # (C, S), nan on folds that a candidate did not run on
    unseen: Floats  # (C, n), each customer's score by the model that left its fold out

    @property
    def order(self) -> NDArray[np.intp]:
        """Return the candidates' positions, the best first; those that ran on every fold."""
        finished = np.flatnonzero(~np.isnan(self.roc_auc).any(axis=1))
        return np.asarray(finished[_order(self.roc_auc[finished])], dtype=np.intp)

    @property
    def best(self) -> int:
        """Return the position of the best candidate."""
        return int(self.order[0])

    def table(self) -> pd.DataFrame:
        """Return a row per candidate: `mean`, `sd`, hyperparameters, `fold_k`.

        Those that ran on every fold come first, the best on top; of the others, `mean` and `sd` are
        missing.
        """
        mean, sd = self.roc_auc.mean(axis=1), self.roc_auc.std(axis=1, ddof=1)
        scores = {f"fold_{k}": column for k, column in enumerate(self.roc_auc.T)}
        # As objects: a column of whole numbers with gaps would become one of fractions.
        hyperparameters = pd.DataFrame(self.candidates, dtype=object)
        columns = [pd.DataFrame({"mean": mean, "sd": sd}), hyperparameters, pd.DataFrame(scores)]
        dropped = np.setdiff1d(np.arange(len(mean)), self.order)
        order = np.concatenate([self.order, dropped])
        return pd.concat(columns, axis=1).iloc[order].reset_index(drop=True)


def _order(roc_auc: Floats) -> NDArray[np.intp]:
    # Sums in another order differ in the last digits: a tie must not hang on them.
    return np.argsort(-roc_auc.mean(axis=1).round(10), kind="stable")


def search(
    family: str,
    candidates: Sequence[Candidate],
    features: pd.DataFrame,
    decline: Integers,
    fold: Integers,
    *,
    columns: Columns,
    seed: int,
    race: Race | None = None,
) -> Search:
    """Score the candidates on every fold of `fold` (n,), all of them unless there is a `race`."""
    roc_auc = np.full((len(candidates), len(np.unique(fold))), np.nan)
    unseen = np.full((len(candidates), len(features)), np.nan)
    running = list(range(len(candidates)))
    for number, (train, test) in enumerate(splits(fold)):
        if race is not None and number == race.folds:
            running = race.ahead(roc_auc[:, :number])
        seen, tested = features.iloc[train], features.iloc[test]
        for prepare, members in _by_preprocessing(candidates, running).items():
            transformer = preprocessing(columns, *prepare)
            # The grid was checked with params.yaml, and the customers in `prepare`.
            with config_context(assume_finite=True, skip_parameter_validation=True):
                scores = _scores(
                    family,
                    [parts(candidates[member])[1] for member in members],
                    transformer.fit_transform(seen),
                    decline[train],
                    transformer.transform(tested),
                    seed,
                )
            roc_auc[members, number] = roc_aucs(decline[test], scores)
            unseen[np.ix_(np.asarray(members), test)] = scores
    return Search(list(candidates), roc_auc, unseen)


def _by_preprocessing(
    candidates: Sequence[Candidate], running: Sequence[int]
) -> dict[tuple[str, ...], list[int]]:
    groups: dict[tuple[str, ...], list[int]] = {}
    for position in running:
        prepare, _ = parts(candidates[position])
        groups.setdefault(tuple(prepare.values()), []).append(position)
    return groups


def _scores(
    family: str,
    members: list[dict[str, Any]],
    train: Floats,
    decline: Integers,
    test: Floats,
    seed: int,
) -> Floats:
    """Return the scores of candidates of one preprocessing, (members, test)."""
    module = find_family(family)
    # The grid was checked with params.yaml, and the array comes from checked customers.
    with config_context(assume_finite=True, skip_parameter_validation=True):
        if hasattr(module, "decisions"):
            return np.stack(module.decisions(seed, members, train, decline, test))
        return np.stack(
            [
                decision(module.estimator(seed, **member).fit(train, decline), test)
                for member in members
            ]
        )
