"""Simulated customers and their answers to offers, for what only a known truth can prove.

A customer's score is calibrated but not the truth: the true probability of decline is drawn around
it. With these numbers the score has a ROC-AUC of about 0.93 and explains about 0.62 of the variance
of the outcome, and the truth has a ROC-AUC of about 0.94, as the procedure and the truth of the
demo store (docs/evaluation.md). One customer in ten is half of a pair of near-duplicates with the
same luck.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from retention.campaign.worth import Option, worth

Floats = NDArray[np.float64]
CHANNEL = "message"
# Shape of the scores, how near to 0 and 1 they come and the truth is to them, and the share of the
# customers in pairs.
SCORES, MARGIN, NEARNESS, PAIRED = (0.12, 0.18), 0.05, 14.0, 0.1
PROFIT_SPREAD, PROFIT_NOISE = 0.4, 0.3


class Truth(NamedTuple):
    """How customers really answer an offer: share kept, harm, take-up and its cost."""

    kept: float
    harm: float
    take_up: float
    cost: float


class World(NamedTuple):
    """The answers to each offer by name, and what holds for all."""

    offers: dict[str, Truth]
    share_lost: float = 0.5
    horizon_months: float = 3.0
    reach: float = 0.8
    contact_cost: float = 0.02

    def values(self) -> dict[str, float]:
        """Return the truth in place of assumptions, by dotted name."""
        found = {
            "share_lost": self.share_lost,
            "horizon_months": self.horizon_months,
            "fatigue": 0.0,
            f"channels.{CHANNEL}.reach": self.reach,
            f"channels.{CHANNEL}.cost": self.contact_cost,
        }
        for name, truth in self.offers.items():
            names = ("share_kept", "harm", "take_up", "cost")
            found |= {
                f"offers.{name}.{key}": value for key, value in zip(names, truth, strict=True)
            }
        return found

    def options(self) -> list[Option]:
        """Return the ways to contact a customer: every offer by the one channel."""
        return [Option(name, CHANNEL) for name in self.offers]


class Population(NamedTuple):
    """Customers, (n,) each: score, true probability, monthly profit, group of near-duplicates."""

    score: Floats
    probability: Floats
    profit: Floats
    groups: NDArray[np.intp]


def population(n: int, random: np.random.Generator, off: float = 0.0) -> Population:
    """Draw customers; the truth is off from the scores by so much in log-odds."""
    score = MARGIN + (1 - 2 * MARGIN) * random.beta(*SCORES, n)
    profit = random.lognormal(1.3, PROFIT_SPREAD, n)
    groups = np.arange(n, dtype=np.intp)
    pairs = int(PAIRED * n / 2)
    groups[1 : 2 * pairs : 2] = groups[0 : 2 * pairs : 2]
    centre = expit(logit(score) + off)
    probability = random.beta(NEARNESS * centre, NEARNESS * (1 - centre))
    return Population(score[groups], probability[groups], profit[groups], groups)


def increments(
    world: World, probability: Floats, profit: Floats, values: dict[str, float] | None = None
) -> tuple[Floats, Floats]:
    """Return increment and money of each customer by each option, (n, m), by the truth or not."""
    fresh = np.zeros(len(profit), dtype=bool)
    known = world.values() if values is None else values
    return worth(probability, profit, fresh, world.options(), known)


class Answers(NamedTuple):
    """What is seen in the end, (n,) each: decline (0 or 1), net profit, who took the offer."""

    decline: Floats
    net: Floats
    taken: Floats


def answers(
    world: World,
    who: Population,
    choice: NDArray[np.integer],
    random: np.random.Generator,
) -> Answers:
    """Draw what happens to customers of whom each gets an offer by its number, or −1 for nothing.

    Near-duplicates have the same luck; what they get may differ.
    """
    n = len(choice)
    offers: Sequence[Truth] = list(world.offers.values())
    nothing = Truth(0.0, 0.0, 0.0, 0.0)
    truth = np.array([offers[k] if k >= 0 else nothing for k in choice.tolist()]).reshape(n, 4)
    luck = random.random((n, 4))[who.groups]
    noticed = (luck[:, 0] < world.reach) & (choice >= 0)
    would = luck[:, 1] < who.probability
    kept = noticed & would & (luck[:, 2] < truth[:, 0])
    harmed = noticed & ~would & (luck[:, 2] < truth[:, 1])
    taken = kept | (noticed & ~would & ~harmed & (luck[:, 3] < truth[:, 2]))
    decline = (would & ~kept) | harmed
    profit = who.profit * world.horizon_months * (1 - world.share_lost * decline)
    noise = random.lognormal(0, PROFIT_NOISE, n) / np.exp(PROFIT_NOISE**2 / 2)
    spent = world.contact_cost * (choice >= 0) + truth[:, 3] * taken
    return Answers(decline.astype(np.float64), profit * noise - spent, taken.astype(np.float64))


def expected_decline(world: World, who: Population, choice: NDArray[np.integer]) -> Floats:
    """Return by how much each customer's probability of decline changes by what they get, (n,)."""
    offers = list(world.offers.values())
    change = np.zeros(len(choice))
    for k, truth in enumerate(offers):
        mine = choice == k
        p = who.probability[mine]
        change[mine] = world.reach * ((1 - p) * truth.harm - p * truth.kept)
    return change
