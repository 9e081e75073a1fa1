"""The linear relaxation of a plan: prices of the limits, and an upper bound on any plan.

With a price on each limit (λ on money, w_r on counts), every customer chooses alone: the option
with the largest v − λ·c − Σ w_r a_r, or nothing when none is above 0. For any prices ≥ 0

    g(λ, w) + λ·budget + Σ w_r b_r,   g = Σ_i max(0, max_j (v_ij − λ c_ij − Σ_r w_r a_rj))

is an upper bound; its minimum is the optimum of the linear relaxation, and the prices there are the
dual values: what one more unit of each limit would bring (Geoffrion 1974; for the path over budgets
see Sverdrup, Wu, Athey & Wager 2024, https://doi.org/10.1080/10618600.2024.2418820).

g is convex and piecewise linear, and doesn't know the limits' sizes. So it is approached by cutting
planes (Kelley 1960) that all budgets share: each answer of the customers to some prices is a cut.
The next prices are taken between the best ones so far and the minimum over the cuts (Ben-Ameur &
Neto 2007, https://doi.org/10.1002/net.20137), which keeps them from jumping about. The dual of the
minimum over the cuts is a mixture of answers that keeps every limit, and what it brings is the
relaxation's value up to a share of 1e-5, or 1e-4 for many customers.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog

from retention.campaign.planning.problem import NOBODY, Choice, Floats, Problem, rows

_CHUNK = 16384  # customers at a time, so that their numbers stay in the processor's cache
_STEP = 0.4  # from the best prices towards the minimum over the cuts
_ROUNDS = 2000
_MANY = 40_000  # customers, from whom on a sample of half as many tells the first prices
_DEAREST = 1e4  # in units of the mean value and the mean cost


@dataclass(frozen=True)
class Answer:
    """What the customers choose at some prices: in all, and each of them."""

    prices: Floats  # (1 + R,): of money, and of each row
    value: float
    usage: Floats  # (1 + R,): money spent, and each row's count
    choice: Choice


@dataclass(frozen=True)
class Mixture:
    """The relaxation's optimum: prices, bound, and the mixture of answers that reaches it."""

    prices: Floats
    bound: float
    answers: list[Answer]
    weights: Floats  # (answers,), with sum 1


@dataclass
class Relaxation:
    """The customers, and their answers to the prices that were tried so far."""

    increment: Floats  # (m, n), −inf where not allowed
    spent: Floats  # (m, n)
    matrix: Floats  # (R, m)
    value_unit: float
    cost_unit: float
    answers: list[Answer] = field(default_factory=list)

    @property
    def customers(self) -> int:
        """Return n."""
        return int(self.increment.shape[1])

    def ask(self, prices: Floats) -> Answer:
        """Return what the customers choose at some prices."""
        choice, _ = self.margins(prices, second=False)
        contacted = np.flatnonzero(choice != NOBODY)
        taken = choice[contacted]
        number = np.bincount(taken, minlength=len(self.increment)).astype(np.float64)
        answer = Answer(
            prices,
            float(self.increment[taken, contacted].sum()),
            np.append(self.spent[taken, contacted].sum(), self.matrix @ number),
            choice,
        )
        self.answers.append(answer)
        return answer

    def margins(self, prices: Floats, *, second: bool = True) -> tuple[Choice, Floats]:
        """Return each customer's choice and by how much it is ahead of the second best, (n,).

        The first of equal options is taken, and nobody before any of them. Without `second`, by how
        much it is ahead of nobody.
        """
        options, customers = self.increment.shape
        of_option = prices[1:] @ self.matrix
        choice = np.full(customers, NOBODY, dtype=np.int8)
        best, next_best = np.zeros(customers), np.zeros(customers)
        for start in range(0, customers, _CHUNK):
            part = slice(start, start + _CHUNK)
            leader, behind, chosen = best[part], next_best[part], choice[part]
            behind[:] = -np.inf
            for j in range(options):
                reduced = self.spent[j, part] * -prices[0]
                reduced += self.increment[j, part]
                reduced -= of_option[j]
                ahead = reduced > leader
                if second:
                    np.maximum(behind, np.minimum(reduced, leader), out=behind)
                np.putmask(chosen, ahead, np.int8(j))
                np.maximum(leader, reduced, out=leader)
        return choice, best - next_best if second else best

    def solve(self, budget: float, most: Floats, start: Floats | None = None) -> Mixture:
        """Return the optimum of the relaxation for a budget and the rows' sizes, (R,).

        `start` are prices to begin with. Where no plan can keep the limits, prices run up to the
        dearest, and the mixture breaks a limit.
        """
        tolerance = 1e-5
        if self.customers > _MANY:
            tolerance = 1e-4
            self._learn_from_sample(budget, most)
        sizes = np.append(budget, most)
        best = np.zeros(len(sizes)) if start is None else start
        best_bound = self._bound(self.ask(best), sizes)
        for answer in self.answers:
            bound = self._bound(answer, sizes)
            if bound < best_bound:
                best, best_bound = answer.prices, bound
        for _ in range(_ROUNDS):
            lowest, value, weights = self._lowest(sizes)
            if best_bound - value <= tolerance * max(abs(best_bound), self.value_unit):
                break
            answer = self.ask(best + _STEP * (lowest - best))
            bound = self._bound(answer, sizes)
            if bound < best_bound:
                best, best_bound = answer.prices, bound
        active = np.flatnonzero(weights > 1e-12)
        nobody = Answer(
            best, 0.0, np.zeros(len(sizes)), np.full(self.customers, NOBODY, dtype=np.int8)
        )
        return Mixture(
            best,
            best_bound,
            [*(self.answers[k] for k in active), nobody],
            np.append(weights[active], max(0.0, 1 - weights[active].sum())),
        )

    def _bound(self, answer: Answer, sizes: Floats) -> float:
        return float(answer.value + answer.prices @ (sizes - answer.usage))

    def _lowest(self, sizes: Floats) -> tuple[Floats, float, Floats]:
        """Return the prices where the cuts are lowest, their value there, and the mixture."""
        units = np.append(self.cost_unit, np.ones(len(sizes) - 1)) * self.customers
        value_unit = self.value_unit * self.customers
        usage = np.stack([answer.usage for answer in self.answers]) / units
        value = np.array([answer.value for answer in self.answers]) / value_unit
        found = linprog(
            np.append(sizes / units, 1.0),
            A_ub=np.column_stack([-usage, -np.ones(len(value))]),
            b_ub=-value,
            bounds=[(0, _DEAREST)] * len(sizes) + [(0, None)],
            method="highs",
        )
        if found.x is None or found.fun is None:
            raise ArithmeticError(f"the prices of a plan were not found: {found.message}")
        prices = found.x[:-1] * self.value_unit / (units / self.customers)
        return prices, found.fun * value_unit, np.maximum(-found.ineqlin.marginals, 0)

    def _learn_from_sample(self, budget: float, most: Floats) -> None:
        """Ask all customers at the prices that matter to every so many of them."""
        step = 2 * self.customers // _MANY
        part = slice(None, None, step)
        sample = Relaxation(
            np.ascontiguousarray(self.increment[:, part]),
            np.ascontiguousarray(self.spent[:, part]),
            self.matrix,
            self.value_unit,
            self.cost_unit,
        )
        share = sample.customers / self.customers
        known: list[Floats] = [answer.prices for answer in self.answers]
        for prices in known:
            sample.ask(prices)
        found = sample.solve(budget * share, most * share)
        for answer in found.answers:
            if not any(np.array_equal(answer.prices, prices) for prices in known):
                self.ask(answer.prices)


def relaxation(problem: Problem) -> Relaxation:
    """Return the relaxation of a problem, before any prices were tried."""
    increment = np.where(problem.allowed, problem.increment, -np.inf).T
    best = increment.max(axis=0, initial=0.0)
    spent = problem.spent[problem.allowed]
    return Relaxation(
        np.ascontiguousarray(increment),
        np.ascontiguousarray(problem.spent.T),
        rows(problem).matrix,
        float(best.mean()) or 1.0,
        (float(spent.mean()) if len(spent) else 0.0) or 1.0,
    )


def money(problem: Problem) -> float:
    """Return a budget that no plan can exceed."""
    spent = np.where(problem.allowed, problem.spent, 0.0)
    return float(spent.max(axis=1, initial=0.0).sum())
