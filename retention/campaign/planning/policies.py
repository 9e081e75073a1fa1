"""Other ways to choose whom to contact, which a plan has to be better than.

A policy is a choice for each customer, (n,): the number of an option, or −1 for nobody. Each is cut
down to the limits that the plan has, too: otherwise whoever spends more would win.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from retention.campaign.planning.plan import Planner
from retention.campaign.planning.problem import NOBODY, Choice, Floats, Problem, rows


def nobody(problem: Problem) -> Choice:
    """Return the policy that contacts nobody."""
    return np.full(problem.customers, NOBODY, dtype=np.int8)


def listed(problem: Problem, on_list: NDArray[np.bool_]) -> Choice:
    """Return the policy that contacts a list (n,), each by the option that is expected to be best.

    Also where even that one is expected to lose. With everybody on the list, this is contacting
    everybody.
    """
    increment = np.where(problem.allowed, problem.increment, -np.inf)
    best = increment.argmax(axis=1).astype(np.int8)
    return np.where(on_list & problem.allowed.any(axis=1), best, NOBODY).astype(np.int8)


def cut_to_limits(problem: Problem, choice: Choice, order: NDArray[np.intp]) -> Choice:
    """Return a policy of which only those are left who fit into the limits.

    Customers are contacted in the `order` of their positions (n,), as long as money and capacities
    last; whoever doesn't fit in any more is passed over. Minimums are not looked at.
    """
    limits = rows(replace(problem, limits=replace(problem.limits, minimum={})))
    budget = np.inf if problem.limits.budget is None else problem.limits.budget
    left = np.append(budget, limits.most)
    kept = nobody(problem)
    for customer in order[choice[order] != NOBODY]:
        option = choice[customer]
        needed = np.append(problem.spent[customer, option], limits.matrix[:, option])
        if (needed <= left).all():
            kept[customer] = option
            left -= needed
    return kept


def best_single_offer(problem: Problem, seed: int) -> tuple[str, Choice]:
    """Return the one offer that brings most when it is the only one, and its plan."""
    offers = list(dict.fromkeys(option.offer for option in problem.options))
    alone = replace(problem.limits, minimum={})
    plans = {}
    for offer in offers:
        of_offer = np.array([option.offer == offer for option in problem.options])
        only = replace(problem, allowed=problem.allowed & of_offer, limits=alone)
        plans[offer] = Planner(only, seed).plan(alone.budget)
    best = max(offers, key=lambda offer: plans[offer].increment)
    return best, plans[best].choice


def uninformed(problem: Problem, increment: Floats, spent: Floats, seed: int) -> Choice:
    """Return the plan of who doesn't know who will decline, under the same limits.

    `increment` and `spent` (n, m) are those with everybody's probability at the mean.
    """
    blind = replace(problem, increment=increment, spent=spent)
    return Planner(blind, seed).plan(blind.limits.budget).choice
