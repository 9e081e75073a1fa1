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
from numpy.typing import NDArray

from retention.explanation.shapley.members import Method, member_values
from retention.folds import splits
from retention.harness.parallel import parallel
from retention.models.blend import Blend

_CUSTOMERS_AT_ONCE = 65


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


def outer_tasks(
    models: Sequence[Blend],
    features: pd.DataFrame,
    fold: NDArray[np.int64],
    *,
    background: int,
) -> list[Task]:
    """Return tasks in which no model explains a customer that it was trained on.

    Model number k explains the customers of fold number k, which it left out, against `background`
    customers of its own training, or all if they are fewer.
    """
    return [
        Task(model, features.iloc[rows], typical(model, features.iloc[known], background))
        for model, (known, rows) in zip(models, splits(fold), strict=True)
    ]


def typical(model: Blend, customers: pd.DataFrame, count: int) -> pd.DataFrame:
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
    calls = [(part, permutations, (seed, number)) for number, part in enumerate(parts)]
    found = parallel(_explain, calls, label="explain", unit="part")
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
    weighted = list(zip(rates, found.values(), strict=True))
    index, columns = task.rows.index, task.rows.columns
    values = np.sum([rate * member.values for rate, member in weighted], axis=0)
    responses = np.sum([rate * member.responses for rate, member in weighted], axis=0)
    bases = np.array([[member.base] for member in found.values()])
    return _Part(
        pd.DataFrame(values, index, columns).assign(base_value=model.combine(bases)[0]),
        pd.DataFrame(responses, index, columns),
        {name: member.method for name, member in found.items()},
        {name: rate * found[name].errors for rate, name in zip(rates, found, strict=True)},
    )
