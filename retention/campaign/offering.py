"""Customers and what each way to contact them would bring: from the catalogue to a problem."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.campaign.assumptions import Assumptions
from retention.campaign.catalogue import Catalogue
from retention.campaign.measurement.control import AtStake
from retention.campaign.planning.options import allowed, options
from retention.campaign.planning.policies import (
    best_single_offer,
    cut_to_limits,
    listed,
    nobody,
    uninformed,
)
from retention.campaign.planning.problem import NOBODY, Choice, Limits, Problem
from retention.campaign.ranges import Contacts, contacts
from retention.campaign.worth import Floats, break_even, worth
from retention.contract.columns import CONSENT, CUSTOMER_ID, PREDICTED, PROBABILITY, PROFIT

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Offering:
    """Customers, (n,) each, and the problem of whom to offer what.

    `in_money` is whether increments are sums of money; otherwise they count decliners who are kept.
    """

    problem: Problem
    assumptions: Assumptions
    probability: Floats
    profit: Floats
    tired: Flags
    in_money: bool

    def at(self, probability: Floats) -> tuple[Floats, Floats]:
        """Return increment and money spent with other probabilities, (n, m) twice.

        With outcomes (0 or 1) in their place these are what was realised.
        """
        means = self.assumptions.means()
        return worth(probability, self.profit, self.tired, self.problem.options, means)

    def contacts(self, choice: Choice) -> Contacts:
        """Return the sums of a plan that its ranges over assumptions rest on."""
        return contacts(self.probability, self.profit, self.tired, self.problem.options, choice)

    def at_stake(self, choice: Choice) -> AtStake | None:
        """Return what a plan's customers may lose; None without a known profit."""
        if not self.in_money:
            return None
        means = self.assumptions.means()
        profit = self.profit[choice != NOBODY] * means["horizon_months"]
        return AtStake(profit, means["share_lost"])


def offering(
    catalogue: Catalogue,
    assumptions: Assumptions,
    table: pd.DataFrame,
    reasons: pd.DataFrame,
    *,
    ranks: bool,
) -> Offering:
    """Return what can be offered to customers, and what it would bring.

    Parameters
    ----------
    catalogue, assumptions
        What there is to offer, and the assumptions in force.
    table
        Scored customers with roles (`contract.roles.with_roles`), a row each.
    reasons
        A row a reason: `customer_id` and `column`.
    ranks
        Whether the model surely ranks better than chance: otherwise nobody may be contacted, as a
        list would promise money by luck.

    """
    profit = table[PROFIT].to_numpy(dtype=np.float64)
    in_money = not np.isnan(profit).all()
    rules = catalogue.rules()
    considered = rules["consider"].holds(table).to_numpy(dtype=bool) & ranks
    if in_money:  # who has no known profit isn't known to be worth anything
        considered &= ~np.isnan(profit)
        profit = np.nan_to_num(profit)
    else:
        # Nothing says whether a contact pays, so only who is predicted to decline is contacted.
        considered &= table[PREDICTED].to_numpy(dtype=bool)
        assumptions, profit = without_money(assumptions), np.ones(len(table))
    ways = options({name: entry.channels for name, entry in catalogue.catalogue.items()})
    fits = {
        name: considered
        & rules[f"catalogue.{name}.when"].holds(table).to_numpy(dtype=bool)
        & answered(table[CUSTOMER_ID], reasons, entry.answers)
        for name, entry in catalogue.catalogue.items()
    }
    asks = [name for name, channel in catalogue.channels.items() if channel.needs_consent]
    probability = table[PROBABILITY].to_numpy(dtype=np.float64)
    tired = np.zeros(len(table), dtype=bool)
    if "tired" in rules:
        tired = rules["tired"].holds(table).to_numpy(dtype=bool)
    increment, spent = worth(probability, profit, tired, ways, assumptions.means())
    consent = table[CONSENT].to_numpy(dtype=bool)
    may = allowed(ways, fits, consent, asks)
    limits = catalogue.limits() if ranks else Limits()  # no minimum can be kept with nobody
    problem = Problem(ways, increment, spent, may, limits)
    return Offering(problem, assumptions, probability, profit, tired, in_money)


def answered(
    customers: "pd.Series[str]", reasons: pd.DataFrame, columns: list[str]
) -> NDArray[np.bool_]:
    """Return which customers have one of the columns among their reasons; all, without columns."""
    if not columns:
        return np.ones(len(customers), dtype=bool)
    having = reasons.loc[reasons["column"].isin(columns), CUSTOMER_ID]
    return customers.isin(having).to_numpy(dtype=bool)


def without_money(assumptions: Assumptions) -> Assumptions:
    """Return the assumptions by which an increment counts decliners who are kept."""

    def exactly(value: float) -> dict[str, object]:
        return {"distribution": "fixed", "value": value, "origin": "no profit is known"}

    content = assumptions.model_dump()
    content["share_lost"] = content["horizon_months"] = exactly(1.0)
    for part in ("offers", "channels"):
        for item in content[part].values():
            item["cost"] = exactly(0.0)
    return Assumptions.model_validate(content)


def of_plan(found: Offering, choice: Choice, table: pd.DataFrame) -> pd.DataFrame:
    """Return the customers of a plan, each with its offer and what that is expected to bring.

    `table` has the customers of the offering, with `segment` and `duplicates`. Added are `offer`,
    `channel`, `expected_increment`, `expected_cost` and `break_even`, the probability from which on
    this contact pays (missing without a known profit), and `tired`.
    """
    rows = np.flatnonzero(choice != NOBODY)
    option = choice[rows]
    ways = [found.problem.options[k] for k in option]
    increment, spent = (
        values[rows, option] if found.in_money else np.full(len(rows), np.nan)
        for values in (found.problem.increment, found.problem.spent)
    )
    pays_from = np.full(len(rows), np.nan)
    for k in np.unique(option) if found.in_money else ():
        of = rows[option == k]
        each, means = found.problem.options[k], found.assumptions.means()
        pays_from[option == k] = break_even(found.profit[of], found.tired[of], each, means)
    known = [CUSTOMER_ID, PROBABILITY, PROFIT, "segment", "duplicates"]
    return table.iloc[rows][known].assign(
        offer=[way.offer for way in ways],
        channel=[way.channel for way in ways],
        expected_increment=increment,
        expected_cost=spent,
        break_even=pays_from,
        tired=found.tired[rows],
    )


def policies(
    found: Offering, lists: Mapping[str, Flags], seed: int
) -> tuple[dict[str, Choice], str]:
    """Return other ways to choose whom to contact, and the name of the best single offer.

    `nobody`; `everybody`; the `lists` of others, (n,) each; `best_single_offer`, the best plan with
    one offer alone; `uninformed`, the plan of who doesn't know who will decline. Everybody on a
    list is contacted by the option that is expected to be best; where limits don't allow all of
    them, the most probable decliners first.
    """
    problem = found.problem
    order = np.argsort(-found.probability, kind="stable")
    everybody = np.ones(problem.customers, dtype=bool)
    # A minimum may not be kept without money: such a policy has none.
    single, alone = best_single_offer(problem, seed)
    mean = np.full_like(found.probability, found.probability.mean())
    free = replace(found.problem, limits=replace(problem.limits, minimum={}))
    return {
        "nobody": nobody(problem),
        **{
            name: cut_to_limits(problem, listed(problem, on_list), order)
            for name, on_list in {"everybody": everybody, **lists}.items()
        },
        "best_single_offer": alone,
        "uninformed": uninformed(free, *found.at(mean), seed),
    }, single
