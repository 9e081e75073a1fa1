"""From the relaxation's optimum to a plan in whole customers that keeps every limit.

The mixture of answers is dealt out so that each answer gets its share of those customers whom the
answers disagree about. That breaks limits by a few customers at most. What is left to settle, the
*core*, are the customers for whom it matters least which option they get at the optimum's prices:
they are chosen anew, exactly, by integer programming, everybody else as they are (Balas & Zemel
1980, https://doi.org/10.1287/opre.28.5.1130; for multiple choice Pisinger 1995). With a core of all
customers the plan is exact.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from retention.campaign.planning.problem import NOBODY, Choice, Problem, Rows, chosen, counts
from retention.campaign.planning.relaxation import Mixture

# The share of a plan's value that the choice within the core may be short of its best.
_GAP = 1e-6
# Customers who are nearly alike make a last thousandth of a percent cost hours.
_NODES = 1000
_NOTHING = 1e-9  # a weight that is none
# Between the fractional parts of its multiples there are no gaps: (√5 − 1)/2.
_GOLDEN = 0.6180339887498949


def dealt(mixture: Mixture) -> Choice:
    """Return a choice for each customer in which each answer has its weight."""
    weighty = np.flatnonzero(mixture.weights > _NOTHING)
    answers = np.stack([mixture.answers[k].choice for k in weighty])
    choice: Choice = answers[0].copy()
    who = np.flatnonzero((answers != choice).any(axis=0))
    who = who[np.lexsort(answers[::-1, who])]  # the same dispute, side by side
    place = (np.arange(len(who)) + 0.5) * _GOLDEN % 1
    share = np.cumsum(mixture.weights[weighty]) / mixture.weights[weighty].sum()
    choice[who] = answers[np.searchsorted(share, place), who]
    return choice


def settled(
    problem: Problem, limits: Rows, budget: float, choice: Choice, core: NDArray[np.intp]
) -> Choice | None:
    """Return the best plan in which only customers of the core (k,) differ from `choice`.

    None when no choice within the core keeps the limits.
    """
    fixed = choice.copy()
    fixed[core] = NOBODY
    customer, option = np.nonzero(problem.allowed[core])
    who, pairs = core[customer], len(customer)
    money = problem.spent[who, option]
    unit = float(money.mean()) if money.any() else 1.0
    left = limits.most - limits.matrix @ counts(fixed, len(problem.options))
    money_left = (budget - chosen(problem.spent, fixed).sum()) / unit
    once = sparse.csr_array((np.ones(pairs), (customer, np.arange(pairs))), (len(core), pairs))
    limited = sparse.csr_array(np.vstack([money / unit, limits.matrix[:, option]]))
    rows = sparse.vstack([once, limited])
    # The last variable is 1 and stands for everybody else, so that the gap is one of the plan.
    others = chosen(problem.increment, fixed).sum()
    with _silent():
        found = milp(
            -np.append(problem.increment[who, option], others),
            integrality=np.append(np.ones(pairs), 0),
            bounds=Bounds(np.append(np.zeros(pairs), 1.0), np.ones(pairs + 1)),
            constraints=LinearConstraint(
                sparse.hstack([rows, sparse.csr_array((rows.shape[0], 1))]),
                -np.inf,
                np.concatenate([np.ones(len(core)), [money_left], left]),
            ),
            options={"mip_rel_gap": _GAP, "node_limit": _NODES},
        )
    if found.x is None:
        return None
    taken = found.x[:-1] > 0.5
    fixed[who[taken]] = option[taken]
    return fixed


@contextmanager
def _silent() -> Iterator[None]:
    """Keep off the output what HiGHS prints even when silent (jump-dev/HiGHS.jl#312)."""
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
