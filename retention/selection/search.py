"""Grid search by cross-validation on folds drawn beforehand.

The same scores as scikit-learn's GridSearchCV with these splits and scoring="roc_auc" (a test
holds them side by side), but each encoder × scaler is fitted once per fold instead of once per
candidate and fold, and a family's module may score many candidates at once (`decisions`).
"""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.compose import ColumnTransformer
from tqdm import tqdm

from retention.families import Candidate, find_family
from retention.folds import Splits
from retention.models.blend import decision
from retention.models.preprocessing import Columns, preprocessing
from retention.selection.pipeline import parts
from retention.statistics.ranking import roc_aucs


@dataclass(frozen=True)
class Search:
    """What a search found, for C candidates and S splits."""

    candidates: list[Candidate]
    roc_auc: NDArray[np.float64]  # (C, S)
    fit_seconds: NDArray[np.float64]  # (C, S), fit and score; a share of what was done at once

    @property
    def order(self) -> NDArray[np.intp]:
        """Return the candidates' positions, the best first; equal ones as in the grid."""
        # Sums in another order differ in the last digits: a tie must not hang on them.
        return np.argsort(-self.roc_auc.mean(axis=1).round(10), kind="stable")

    @property
    def best(self) -> int:
        """Return the position of the best candidate."""
        return int(self.order[0])

    def table(self) -> pd.DataFrame:
        """Return a row per candidate, the best first: `mean`, `sd`, hyperparameters, `split_k`."""
        mean_and_sd = {"mean": self.roc_auc.mean(axis=1), "sd": self.roc_auc.std(axis=1, ddof=1)}
        scores = {f"split_{k}": column for k, column in enumerate(self.roc_auc.T, start=1)}
        # As objects: a column of whole numbers with gaps would become one of fractions.
        hyperparameters = pd.DataFrame(self.candidates, dtype=object)
        columns = [pd.DataFrame(mean_and_sd), hyperparameters, pd.DataFrame(scores)]
        return pd.concat(columns, axis=1).iloc[self.order].reset_index(drop=True)

    def times(self) -> pd.DataFrame:
        """Return the candidates in the same order with `fit_seconds`, the mean over splits."""
        times = pd.DataFrame(self.candidates).assign(fit_seconds=self.fit_seconds.mean(axis=1))
        return times.iloc[self.order].reset_index(drop=True)


def search(
    family: str,
    candidates: Sequence[Candidate],
    features: pd.DataFrame,
    decline: NDArray[np.int64],
    splits: Splits,
    *,
    columns: Columns,
    seed: int,
    processes: int = -1,
) -> Search:
    """Score every candidate on every split; shows progress when it has several processes."""
    by_preprocessing: dict[tuple[str, ...], list[int]] = {}
    for position, candidate in enumerate(candidates):
        prepare, _ = parts(candidate)
        by_preprocessing.setdefault(tuple(prepare.values()), []).append(position)
    units = list(itertools.product(range(len(splits)), by_preprocessing.items()))
    work = (
        delayed(_score_unit)(
            family,
            preprocessing(columns, *prepare),
            [parts(candidates[position])[1] for position in members],
            features,
            decline,
            splits[split],
            seed,
        )
        for split, (prepare, members) in units
    )
    results = Parallel(n_jobs=processes, return_as="generator")(work)
    shown = tqdm(
        results, total=len(units), desc=f"tune {family}", unit="part", disable=processes == 1
    )
    roc_auc = np.full((len(candidates), len(splits)), np.nan)
    fit_seconds = np.full_like(roc_auc, np.nan)
    for (split, (_, members)), (scores, seconds) in zip(units, shown, strict=True):
        roc_auc[members, split] = scores
        fit_seconds[members, split] = seconds / len(members)
    return Search(list(candidates), roc_auc, fit_seconds)


def _score_unit(
    family: str,
    transformer: ColumnTransformer,
    members: list[dict[str, Any]],
    features: pd.DataFrame,
    decline: NDArray[np.int64],
    split: tuple[NDArray[np.intp], NDArray[np.intp]],
    seed: int,
) -> tuple[NDArray[np.float64], float]:
    """Return the ROC-AUC of candidates of one preprocessing on one split, and all seconds."""
    train, test = split
    train_array = transformer.fit_transform(features.iloc[train])
    test_array = transformer.transform(features.iloc[test])
    module = find_family(family)
    start = time.perf_counter()
    # The grid was checked with params.yaml, and the array comes from checked customers.
    with config_context(assume_finite=True, skip_parameter_validation=True):
        if hasattr(module, "decisions"):
            found = module.decisions(seed, members, train_array, decline[train], test_array)
        else:
            found = [
                decision(
                    module.estimator(seed, **member).fit(train_array, decline[train]), test_array
                )
                for member in members
            ]
    return roc_aucs(decline[test], np.stack(found)), time.perf_counter() - start
