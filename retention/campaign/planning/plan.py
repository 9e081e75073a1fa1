"""The plan: who gets which offer by which channel, or nothing."""

from dataclasses import dataclass

import numpy as np

from retention.campaign.planning.core import dealt, settled
from retention.campaign.planning.problem import (
    Choice,
    Floats,
    Problem,
    Rows,
    chosen,
    counts,
    rows,
)
from retention.campaign.planning.relaxation import Mixture, Relaxation, money, relaxation
from retention.harness.errors import UserError

EXACT = 300  # up to so many customers, all of them are chosen by integer programming
_CORE = 60  # customers who are chosen anew in the end where there are more
_GROWTH = 8  # of a core within which the limits can't be kept
_BROKEN = 1e-3  # by how much a mixture may break a limit, in customers or mean costs


@dataclass(frozen=True)
class Plan:
    """A plan, and how far it can be from the best.

    `choice` (n,) is the number of each customer's option, or −1 for nobody; `bound` is an increment
    that no plan can exceed; `price` is what one more unit of the budget would bring, and `prices`
    what one more unit of each other limit would, by (kind, name).
    """

    choice: Choice
    increment: float
    spent: float
    bound: float
    price: float
    prices: dict[tuple[str, str], float]

    @property
    def customers(self) -> int:
        """Return how many are contacted."""
        return int((self.choice >= 0).sum())

    @property
    def gap(self) -> float:
        """Return the share of the bound that the plan may be short of."""
        return (self.bound - self.increment) / self.bound if self.bound > 0 else 0.0


class Planner:
    """Plans for the same customers and limits on counts, and any number of budgets.

    Customers are taken in an order drawn by `seed`: the shop's file may be sorted by outcome, and
    whoever is equal in everything is not to be told apart by their place in it.
    """

    def __init__(self, problem: Problem, seed: int) -> None:
        order = np.random.default_rng(seed).permutation(problem.customers)
        self._order = order
        self._problem = Problem(
            problem.options,
            problem.increment[order],
            problem.spent[order],
            problem.allowed[order],
            problem.limits,
        )
        self._rows: Rows = rows(problem)
        self._relaxation: Relaxation = relaxation(self._problem)
        self._all_money = money(problem)
        self._prices: Floats | None = None

    def plan(self, budget: float | None) -> Plan:
        """Return the plan for a budget; None stands for as much as pays.

        Raises UserError when no plan keeps all limits.
        """
        most = self._all_money if budget is None else min(budget, self._all_money)
        mixture = self._relaxation.solve(most, self._rows.most, self._prices)
        self._refuse_broken(mixture, most)
        self._prices = mixture.prices
        choice = self._whole(mixture, most)
        inverse = np.empty_like(choice)
        inverse[self._order] = choice
        increment = float(chosen(self._problem.increment, choice).sum())
        return Plan(
            inverse,
            increment,
            float(chosen(self._problem.spent, choice).sum()),
            max(mixture.bound, increment),
            float(mixture.prices[0]),
            dict(zip(self._rows.names, mixture.prices[1:].tolist(), strict=True)),
        )

    def _whole(self, mixture: Mixture, budget: float) -> Choice:
        choice = dealt(mixture)
        if mixture.weights.max() > 1 - 1e-9:
            return choice
        _, margin = self._relaxation.margins(mixture.prices)
        nearest = np.argsort(margin, kind="stable")
        size = EXACT if len(choice) <= EXACT else _CORE
        while True:
            core = nearest[:size]
            found = settled(self._problem, self._rows, budget, choice, core)
            if found is not None:
                return found
            if size >= len(choice):
                raise self._impossible("")
            size *= _GROWTH

    def _refuse_broken(self, mixture: Mixture, budget: float) -> None:
        usage = mixture.weights @ np.stack([answer.usage for answer in mixture.answers])
        units = np.append(self._relaxation.cost_unit, np.ones(len(usage) - 1))
        broken = (usage - np.append(budget, self._rows.most)) / units
        if (broken > _BROKEN * max(1.0, self._problem.customers / 1000)).any():
            worst = int(broken.argmax())
            names = [("budget", ""), *self._rows.names]
            raise self._impossible(" of ".join(filter(None, names[worst])))

    def _impossible(self, limit: str) -> UserError:
        first = f"the {limit} " if limit else "the limits "
        return UserError(
            f"params.yaml: {first}can't be kept together with the minimum of each offer: lower a "
            "minimum, or raise the budget, a capacity or a maximum."
        )


def counted(problem: Problem, choice: Choice) -> dict[str, dict[str, int]]:
    """Return how many customers get each offer, and each channel; those of none are left out."""
    number = counts(choice, len(problem.options)).tolist()
    found: dict[str, dict[str, int]] = {"offer": {}, "channel": {}}
    for option, times in zip(problem.options, number, strict=True):
        if times:
            for kind, name in (("offer", option.offer), ("channel", option.channel)):
                found[kind][name] = found[kind].get(name, 0) + times
    return found
