"""Shapley values of the calibrated probability of decline, one per original column.

The players are the columns of the shop's data: a category is one player, however many 0/1 columns
the encoder makes of it. The value of a coalition is the model's mean probability when the other
columns come from background customers (interventional Shapley values, Lundberg & Lee 2017).
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shap
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from tqdm import tqdm

from retention.preprocessing import column_positions
from retention.training import decline_probability

_CUSTOMERS_AT_ONCE = 50


@dataclass(frozen=True)
class Task:
    """Customers to explain, the model that scored them, and background customers it may know."""

    model: CalibratedClassifierCV
    rows: pd.DataFrame
    background: pd.DataFrame


@dataclass(frozen=True)
class Shapley:
    """Values in units of probability; base + the sum of a row is the customer's probability."""

    values: NDArray[np.float64]  # (customers, columns)
    base: NDArray[np.float64]  # (customers,)


def explain(tasks: Sequence[Task], *, permutations: int, seed: int) -> list[Shapley]:
    """Explain every task's customers; shows progress.

    Sampled by shap's PermutationExplainer: `permutations` random orders of the columns, each also
    backwards. Sums are exact whatever the number, single values have a sampling error.
    """
    parts = [
        (
            number,
            Task(task.model, task.rows.iloc[start : start + _CUSTOMERS_AT_ONCE], task.background),
        )
        for number, task in enumerate(tasks)
        for start in range(0, len(task.rows), _CUSTOMERS_AT_ONCE)
    ]
    # Every part has a seed of its own, so that the number of processes changes nothing.
    work = (
        delayed(_explain)(task, permutations, seed + position)
        for position, (_, task) in enumerate(parts)
    )
    progress = tqdm(
        Parallel(n_jobs=-1, return_as="generator")(work),
        total=len(parts),
        desc="explain",
        unit="part",
    )
    by_task: list[list[Shapley]] = [[] for _ in tasks]
    for (number, _), found in zip(parts, progress, strict=True):
        by_task[number].append(found)
    return [
        Shapley(
            np.concatenate([found.values for found in part]),
            np.concatenate([found.base for found in part]),
        )
        for part in by_task
    ]


def _explain(task: Task, permutations: int, seed: int) -> Shapley:
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
    return Shapley(
        np.asarray(found.values, dtype=np.float64),
        np.broadcast_to(np.asarray(found.base_values, dtype=np.float64), len(task.rows)).copy(),
    )


def _probability_of_mixtures(
    model: CalibratedClassifierCV, pool: pd.DataFrame
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return a function of (m, columns) row numbers in `pool` giving m probabilities."""
    [fitted] = model.calibrated_classifiers_
    transformer, estimator = fitted.estimator[:-1], fitted.estimator[-1]
    encoded = np.asarray(transformer.transform(pool), dtype=np.float64)
    owner = column_positions(fitted.estimator["preprocessing"], list(pool.columns))
    # The same model without its preprocessing: what it gets is encoded already.
    inner = copy.copy(model)
    calibrated = copy.copy(fitted)
    calibrated.estimator = estimator
    inner.calibrated_classifiers_ = [calibrated]
    encoded_columns = np.arange(encoded.shape[1])

    def probability(sources: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = sources.astype(np.intp)[:, owner]
        return decline_probability(inner, encoded[rows, encoded_columns])

    return probability
