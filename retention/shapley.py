"""Shapley values of the calibrated probability of decline, one per original column.

The players are the columns of the shop's data: a category is one player, however many 0/1 columns
the encoder makes of it. The value of a coalition is the model's mean probability when the other
columns come from background customers (interventional Shapley values, Lundberg & Lee 2017).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shap
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm import tqdm

from retention.estimators.blend import Blend, both_classes, decision
from retention.folds import splits
from retention.preprocessing import column_positions

_CUSTOMERS_AT_ONCE = 50


@dataclass(frozen=True)
class Task:
    """Customers to explain, the model that scored them, and background customers it may know."""

    model: Blend
    rows: pd.DataFrame
    background: pd.DataFrame


def unseen_tasks(
    model: Blend,
    siblings: Sequence[Blend],
    features: pd.DataFrame,
    fold: NDArray[np.int64],
    *,
    background: int,
    seed: int,
) -> list[Task]:
    """Return tasks in which no model explains a customer that it was trained on.

    The model explains the hold-out (`fold` -1), sibling number k the fold number k that it left
    out, each against `background` customers of its own training.
    """
    training = np.flatnonzero(fold >= 0)
    parts = [(training, np.flatnonzero(fold < 0)), *splits(fold)]
    return [
        Task(
            explained,
            features.iloc[rows],
            features.iloc[known].sample(min(background, len(known)), random_state=seed),
        )
        for explained, (known, rows) in zip([model, *siblings], parts, strict=True)
    ]


def explain(tasks: Sequence[Task], *, permutations: int, seed: int) -> pd.DataFrame:
    """Explain every task's customers; shows progress.

    Sampled by shap's PermutationExplainer: `permutations` random orders of the columns, each also
    backwards. Sums are exact whatever the number, single values have a sampling error.

    Returns a row a customer, in the order of the index: the columns of the tasks' rows and
    `base_value`, in units of probability. A row's sum is the customer's probability of decline.
    """
    parts = [
        Task(task.model, task.rows.iloc[start : start + _CUSTOMERS_AT_ONCE], task.background)
        for task in tasks
        for start in range(0, len(task.rows), _CUSTOMERS_AT_ONCE)
    ]
    # Every part has a seed of its own, so that the number of processes changes nothing.
    work = (
        delayed(_explain)(part, permutations, seed + number) for number, part in enumerate(parts)
    )
    results = Parallel(n_jobs=-1, return_as="generator")(work)
    explained: list[pd.DataFrame] = list(
        tqdm(results, total=len(parts), desc="explain", unit="part")
    )
    return pd.concat(explained).sort_index()


def _explain(task: Task, permutations: int, seed: int) -> pd.DataFrame:
    columns = list(task.rows.columns)
    pool = pd.concat([task.background, task.rows], ignore_index=True)
    probability = _probability_of_mixtures(task.model, pool)
    # A mixture of customers is told by the pool's row that each column is taken from, so that the
    # pool is encoded once, not once for each of thousands of mixtures.
    sources = np.tile(np.arange(len(pool))[:, None], (1, len(columns)))
    background = sources[: len(task.background)]
    explainer = shap.PermutationExplainer(
        probability, shap.maskers.Independent(background, max_samples=len(background)), seed=seed
    )
    evaluations = permutations * (2 * len(columns) + 1)
    found = explainer(sources[len(task.background) :], max_evals=evaluations, silent=True)
    values = pd.DataFrame(found.values, index=task.rows.index, columns=columns)
    values["base_value"] = found.base_values
    return values


def _probability_of_mixtures(
    model: Blend, pool: pd.DataFrame
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return a function of (m, columns) row numbers in `pool` giving m probabilities."""
    columns = list(pool.columns)
    members = [
        (
            member["model"],
            np.asarray(member["preprocessing"].transform(pool), dtype=np.float64),
            column_positions(member["preprocessing"], columns),
        )
        for member in model.members_.values()
    ]

    def probability(sources: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = sources.astype(np.intp)
        scores = [
            decision(estimator, encoded[rows[:, owner], np.arange(len(owner))])
            for estimator, encoded, owner in members
        ]
        return both_classes(model.combine(np.stack(scores)))[:, 1]

    return probability
