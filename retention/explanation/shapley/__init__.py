"""Shapley values of the calibrated log-odds of decline, one per original column.

The players are the columns of the shop's data: a category is one player, however many 0/1 columns
the encoder makes of it. The value of a coalition is the model's mean log-odds when the other
columns come from background customers (interventional Shapley values, Lundberg & Lee 2017; Janzing
et al. 2020). A blend's log-odds are linear in its members' scores, so its Shapley values are the
weighted sum of theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm import tqdm

from retention.explanation.shapley.members import Method, member_values, mixture_score
from retention.folds import splits
from retention.models.blend import Blend

_CUSTOMERS_AT_ONCE = 40


@dataclass(frozen=True)
class Task:
    """Customers to explain, the model that scored them, and background customers it may know."""

    model: Blend
    rows: pd.DataFrame
    background: pd.DataFrame


@dataclass(frozen=True)
class Sampling:
    """How a member's Shapley values were found, and the mean Monte-Carlo error of one value."""

    method: Method
    standard_error: float  # in log-odds of the blend, 0 where the method is exact


@dataclass(frozen=True)
class Explanation:
    """Shapley values in log-odds, and how far sampling may have moved them.

    `values` has a row a customer, in the order of the index: the features, and `base_value`. A
    row's sum is the customer's log-odds of decline. `responses` has the features alone: by how much
    the log-odds are above their mean when that column alone comes from the background. Shapley
    values are means over all coalitions, so a few have another sign than the response.
    """

    values: pd.DataFrame
    responses: pd.DataFrame
    standard_error: float  # of one value, all members together
    members: dict[str, Sampling]


@dataclass(frozen=True)
class _Part:
    values: pd.DataFrame
    responses: pd.DataFrame
    methods: dict[str, Method]
    errors: dict[str, NDArray[np.float64]]  # member → (customers, features)


def unseen_tasks(
    model: Blend,
    siblings: Sequence[Blend],
    features: pd.DataFrame,
    fold: NDArray[np.int64],
    *,
    background: int,
) -> list[Task]:
    """Return tasks in which no model explains a customer that it was trained on.

    The model explains the hold-out (`fold` -1), sibling number k the fold number k that it left
    out, each against `background` customers of its own training, or all if they are fewer.
    """
    training = np.flatnonzero(fold >= 0)
    parts = [(training, np.flatnonzero(fold < 0)), *splits(fold)]
    return [
        Task(explained, features.iloc[rows], _typical(explained, features.iloc[known], background))
        for explained, (known, rows) in zip([model, *siblings], parts, strict=True)
    ]


def _typical(model: Blend, customers: pd.DataFrame, count: int) -> pd.DataFrame:
    """Pick customers at equal steps along their scores, so that the base value is their mean.

    A systematic sample (Cochran 1977, chapter 8) from the middle of each step: by a random one of
    this size, base values of models that are alike differ by a third.
    """
    count = min(count, len(customers))
    order = np.argsort(model.decision_function(customers), kind="stable")
    steps = (np.arange(count) + 0.5) * len(customers) / count
    return customers.iloc[np.sort(order[steps.astype(np.intp)])]


def explain(tasks: Sequence[Task], *, permutations: int, seed: int) -> Explanation:
    """Explain every task's customers; shows progress.

    `permutations`, two or more, counts for members that have to be sampled: see
    retention/explanation/shapley/sampling.py.
    """
    parts = [
        Task(task.model, task.rows.iloc[start : start + _CUSTOMERS_AT_ONCE], task.background)
        for task in tasks
        for start in range(0, len(task.rows), _CUSTOMERS_AT_ONCE)
    ]
    # Every part draws from a seed of its own, so that the number of processes changes nothing.
    work = (
        delayed(_explain)(part, permutations, (seed, number)) for number, part in enumerate(parts)
    )
    results = Parallel(n_jobs=-1, return_as="generator")(work)
    found: list[_Part] = list(tqdm(results, total=len(parts), desc="explain", unit="part"))
    methods = {name: method for part in found for name, method in part.methods.items()}
    together = [np.sqrt(sum(error**2 for error in part.errors.values())) for part in found]
    return Explanation(
        pd.concat([part.values for part in found]).sort_index(),
        pd.concat([part.responses for part in found]).sort_index(),
        float(np.concatenate(together).mean()),
        {name: Sampling(method, _mean_error(name, found)) for name, method in methods.items()},
    )


def _mean_error(name: str, parts: Sequence[_Part]) -> float:
    errors = [part.errors[name] for part in parts if name in part.errors]
    return float(np.concatenate(errors).mean())


def _explain(task: Task, permutations: int, seed: tuple[int, int]) -> _Part:
    random = np.random.default_rng(seed)
    model = task.model
    found = {
        name: member_values(
            member, task.rows, task.background, permutations=permutations, random=random
        )
        for name, member in model.members_.items()
    }
    rates = model.weights_ * model.slopes_  # log-odds of the blend for one unit of a score
    values = pd.DataFrame(
        sum(rate * member.values for rate, member in zip(rates, found.values(), strict=True)),
        index=task.rows.index,
        columns=task.rows.columns,
    )
    bases = np.array([[member.base] for member in found.values()])
    values["base_value"] = model.combine(bases)[0]
    return _Part(
        values,
        _responses(task),
        {name: member.method for name, member in found.items()},
        {
            name: rate * member.errors
            for rate, (name, member) in zip(rates, found.items(), strict=True)
        },
    )


def _responses(task: Task) -> pd.DataFrame:
    known, columns = len(task.background), list(task.rows.columns)
    own = np.arange(known, known + len(task.rows))
    # sources[i, j, b, k]: whose column k it is when column j comes from background customer b
    shape = (len(own), len(columns), known, len(columns))
    sources = np.broadcast_to(own[:, None, None, None], shape).copy()
    for column in range(len(columns)):
        sources[:, column, :, column] = np.arange(known)
    pool = pd.concat([task.background, task.rows], ignore_index=True)
    scores = [
        mixture_score(member, pool)(sources.reshape(-1, len(columns)))
        for member in task.model.members_.values()
    ]
    without = task.model.combine(np.stack(scores)).reshape(shape[:3]).mean(axis=-1)
    log_odds = task.model.decision_function(task.rows)[:, None]
    return pd.DataFrame(log_odds - without, index=task.rows.index, columns=columns)
