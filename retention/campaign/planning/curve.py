"""What every budget would bring: the whole curve, and where it stops paying."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from retention.campaign.planning.plan import Plan, Planner, counted
from retention.campaign.planning.problem import Problem


@dataclass(frozen=True)
class Curve:
    """Plans by budget, the smallest first.

    `points` has `budget`, `spent`, `increment`, `bound`, `customers` and `price` (what one more
    unit of money would bring there); `offers` has `budget`, `offer` and `customers`. `stops` is the
    money from which on more of it brings nothing.
    """

    points: pd.DataFrame
    offers: pd.DataFrame
    stops: float


def curve(problem: Problem, *, steps: int, seed: int) -> Curve:
    """Return plans at so many budgets between the least that the limits allow and what pays.

    The shop's own budget, if there is one within, is a further point. Raises UserError when no plan
    keeps the limits at any budget.
    """
    planner = Planner(problem, seed)
    stops = planner.plan(None).spent
    least = min(_least(problem, seed), stops)
    budgets = set((least + (stops - least) * np.arange(steps + 1) / steps).tolist())
    own = problem.limits.budget
    if own is not None and least < own < stops:
        budgets.add(own)
    plans = {budget: planner.plan(budget) for budget in sorted(budgets)}
    points = [
        (budget, plan.spent, plan.increment, plan.bound, plan.customers, plan.price)
        for budget, plan in plans.items()
    ]
    names = ["budget", "spent", "increment", "bound", "customers", "price"]
    return Curve(pd.DataFrame(points, columns=names), _offers(problem, plans), stops)


def _least(problem: Problem, seed: int) -> float:
    """Return the least money that keeps the limits: 0 unless an offer has a minimum."""
    if not any(problem.limits.minimum.values()):
        return 0.0
    cheapest = replace(problem, increment=-problem.spent)
    # A little more than that, so that rounding doesn't make it too little.
    return Planner(cheapest, seed).plan(None).spent * (1 + 1e-6)


def _offers(problem: Problem, plans: dict[float, Plan]) -> pd.DataFrame:
    names = list(dict.fromkeys(option.offer for option in problem.options))
    rows = [
        (budget, name, by_offer.get(name, 0))
        for budget, plan in plans.items()
        for by_offer in [counted(problem, plan.choice)["offer"]]
        for name in names
    ]
    return pd.DataFrame(rows, columns=["budget", "offer", "customers"])
