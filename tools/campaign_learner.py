"""The policy that plans by what the campaigns before taught it, in a simulated world.

It gives something up for what it learns: a part of the list is in control, and for the first months
each offer gets a minimum of customers. Then every offer has to have proved itself: only those are
planned with that are seen to pay with a probability of 95 %, by the effect on decline in all months
so far, in money (what a decline takes, less what was spent: far less noisy than profit itself).
What isn't proved is not sent, and contacting nobody is a plan.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from retention.campaign.assumptions import (
    Assumptions,
    Beta,
    ChannelAssumptions,
    Fixed,
    OfferAssumptions,
)
from retention.campaign.measurement.control import draw_control
from retention.campaign.measurement.effect import Effect, effect
from retention.campaign.measurement.learning import Seen, learn
from retention.campaign.planning.plan import Planner
from retention.campaign.planning.problem import NOBODY, Choice, Floats, Limits, Problem
from tools.campaign_world import (
    CHANNEL,
    Answers,
    Population,
    Truth,
    World,
    answers,
    increments,
)

BUDGET = 100.0
TRIAL = 3  # months in which every offer is tried
MINIMUM = 80  # customers of each offer in these months
CONTROL = (0.3, 0.1)  # share of the list in control: in these months, and after
PROVED = 0.95
WEIGHT = 20.0  # of the assumptions at the start, in customers: that of Beta(6, 14)
CONFIDENCE = 0.95


def start(assumed: dict[str, Truth], world: World) -> Assumptions:
    """Return the assumptions of the start; what isn't learnt is known."""

    def share(mean: float) -> Beta:
        shape = {"alpha": WEIGHT * mean, "beta": WEIGHT * (1 - mean)}
        return Beta(distribution="beta", **shape, origin="assumed at the start")

    def known(value: float) -> Fixed:
        return Fixed(distribution="fixed", value=value, origin="known")

    return Assumptions(
        share_lost=known(world.share_lost),
        horizon_months=known(world.horizon_months),
        fatigue=known(0.0),
        channels={
            CHANNEL: ChannelAssumptions(reach=known(world.reach), cost=known(world.contact_cost))
        },
        offers={
            name: OfferAssumptions(
                share_kept=share(each.kept),
                take_up=share(each.take_up),
                harm=share(each.harm),
                cost=known(each.cost),
            )
            for name, each in assumed.items()
        },
    )


def problem(
    world: World,
    probability: Floats,
    profit: Floats,
    values: dict[str, float],
    minimum: dict[str, int] | None = None,
    allowed: set[str] | None = None,
) -> Problem:
    """Return a month's problem; `allowed` names the offers, None stands for all."""
    increment, spent = increments(world, probability, profit, values)
    column = [allowed is None or name in allowed for name in world.offers]
    may = np.tile(np.array(column, dtype=bool), (len(profit), 1))
    limits = Limits(BUDGET, minimum=minimum or {})
    return Problem(world.options(), increment, spent, may, limits)


def planned(found: Problem) -> Choice:
    """Return the plan for the month's budget."""
    return Planner(found, 1).plan(BUDGET).choice


class _Evidence(NamedTuple):
    """Effects in money of all months, each weighted by its customers n₁n₀/(n₁ + n₀).

    Sums over months of weight·effect, weight and weight²·error². Not weighted by the errors: where
    a small arm has no decliner, its error is small by chance.
    """

    effect: float = 0.0
    weight: float = 0.0
    variance: float = 0.0

    def with_month(self, found: Effect) -> "_Evidence":
        """Return the evidence with that of one more month."""
        weight = found.contacted * found.control / (found.contacted + found.control)
        return _Evidence(
            self.effect + weight * found.value,
            self.weight + weight,
            self.variance + (weight * found.error) ** 2,
        )

    def proves(self) -> bool:
        """Tell whether an offer pays with the probability `PROVED`, by what was seen alone."""
        return self.variance > 0 and norm.cdf(self.effect / np.sqrt(self.variance)) >= PROVED


class Learner:
    """What the policy knows; `month` plans one and learns from it."""

    def __init__(self, assumed: dict[str, Truth], world: World) -> None:
        self._world = world
        self._known = start(assumed, world)
        self._evidence = {name: _Evidence() for name in world.offers}

    def month(self, number: int, who: Population, random: np.random.Generator) -> Choice:
        """Return what each customer gets in a month, (n,), and learn from what comes of it."""
        trial = number <= TRIAL
        found = problem(
            self._world,
            who.score,
            who.profit,
            self._known.means(),
            minimum=dict.fromkeys(self._world.offers, MINIMUM) if trial else None,
            allowed=None if trial else {name for name, e in self._evidence.items() if e.proves()},
        )
        plan = planned(found)
        listed = plan != NOBODY
        control = np.zeros(len(plan), dtype=bool)
        if listed.any():
            strata = [plan[listed], np.digitize(who.score[listed], [0.2, 0.6])]
            share, seed = CONTROL[0] if trial else CONTROL[1], int(random.integers(2**31))
            control[listed] = draw_control(strata, who.groups[listed], share, seed)
        choice = np.where(control, NOBODY, plan).astype(np.int8)
        seen = answers(self._world, who, choice, random)
        for k, name in enumerate(self._world.offers):
            self._weigh(name, plan == k, control, who, seen)
            self._learn(name, choice == k, control, who, seen)
        return choice

    def _weigh(
        self,
        name: str,
        of: NDArray[np.bool_],
        control: NDArray[np.bool_],
        who: Population,
        seen: Answers,
    ) -> None:
        if not of.any():
            return
        loss = who.profit[of] * self._world.horizon_months * self._world.share_lost
        known = np.column_stack([loss, who.score[of] * loss])
        sent = self._world.contact_cost * ~control[of]
        money = -loss * seen.decline[of] - sent - self._world.offers[name].cost * seen.taken[of]
        found = effect(money, ~control[of], who.groups[of], CONFIDENCE, known)
        if found.error > 0:
            self._evidence[name] = self._evidence[name].with_month(found)

    def _learn(
        self,
        name: str,
        of: NDArray[np.bool_],
        control: NDArray[np.bool_],
        who: Population,
        seen: Answers,
    ) -> None:
        if not of.any():
            return
        weight = 1 / np.bincount(who.groups, minlength=len(of))[who.groups]

        def arm(rows: NDArray[np.bool_], attention: float) -> Seen:
            noticed = np.full(int(rows.sum()), attention)
            fate = seen.decline[rows], seen.taken[rows]
            return Seen(who.score[rows], noticed, *fate, weight[rows])

        before = self._known.offers[name]
        arms = arm(of, self._world.reach), arm(control, 0.0)
        found = learn(before, *arms, confidence=CONFIDENCE, origin="a month's campaign")
        after = {part: each.assumption for part, each in found.items()}
        offers = {**self._known.offers, name: OfferAssumptions(cost=before.cost, **after)}
        self._known = self._known.model_copy(update={"offers": offers})
