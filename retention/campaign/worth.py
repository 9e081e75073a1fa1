"""What a contact is worth: the one formula of the increment over not contacting the customer.

Symbols, all of one customer i, offer k and channel c:

    p  probability of decline when nobody contacts the customer
    V  profit from the customer in a month, H the months that count (`horizon_months`)
    s  share of it that a decline takes (`share_lost`): a lower level, not everything
    γ  share of decliners whom the offer keeps (`share_kept`)
    τ  share of those who would have stayed anyway who take the offer (`take_up`): waste
    η  share of those who would have stayed whom the contact makes decline (`harm`)
    d  cost of an offer that is taken, f cost of the contact (`cost` of offer and channel)
    a  share of contacts that are noticed: the channel's `reach`, times 1 − `fatigue` for a customer
       who has had many contacts already

    brought   = a·[p·γ − (1 − p)·η]·s·V·H
    spent     = f + a·d·[p·γ + (1 − p)·(1 − η)·τ]
    increment = brought − spent

With a = s = τ = 1 and η = 0 this is p·[γ(VH − d) − f] − (1 − p)·(d + f), the profit of a retention
campaign by Verbraken, Verbeke & Baesens (2013, https://doi.org/10.1109/TKDE.2012.50) after Neslin
et al. (2006, https://doi.org/10.1509/jmkr.43.2.204). That a contact can do harm was seen in a field
experiment by Ascarza, Iyengar & Schleicher (2016, https://doi.org/10.1509/jmr.13.0483), in which a
proactive campaign raised churn from 6 % to 10 %. Who is kept pays the full price of the offer; who
takes it and declines all the same is counted in γ and d.

The increment is linear in each assumption. So, where assumptions are independent, its expectation
over them is the formula at their means: a plan made with the means maximises what is expected.
Money is in the unit of V.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Value of each assumption by its dotted name: numbers, or arrays of one shape (draws,).
Values = Mapping[str, float] | Mapping[str, Floats]


class Option(NamedTuple):
    """A way to contact a customer: an offer by a channel."""

    offer: str
    channel: str


class Coefficients(NamedTuple):
    """What is brought and spent per unit of each `part` of a customer, (…, 5) each."""

    brought: Floats
    spent: Floats


def coefficients(values: Values, option: Option, tired: bool) -> Coefficients:
    """Return the formula's coefficients for one option, in the shape of the values + (5,)."""
    offer, channel = f"offers.{option.offer}", f"channels.{option.channel}"
    kept, take_up, harm, offer_cost = (
        np.asarray(values[f"{offer}.{name}"], dtype=np.float64)
        for name in ("share_kept", "take_up", "harm", "cost")
    )
    noticed = np.asarray(values[f"{channel}.reach"], dtype=np.float64)
    if tired:
        noticed = noticed * (1 - np.asarray(values["fatigue"]))
    loss = np.asarray(values["share_lost"]) * np.asarray(values["horizon_months"])
    contact = np.asarray(values[f"{channel}.cost"], dtype=np.float64)
    nothing = np.zeros_like(noticed)
    brought = [noticed * kept * loss, -noticed * harm * loss, nothing, nothing, nothing]
    taken = [noticed * offer_cost * kept, noticed * offer_cost * (1 - harm) * take_up]
    return Coefficients(
        np.stack(np.broadcast_arrays(*brought), axis=-1),
        np.stack(np.broadcast_arrays(nothing, nothing, *taken, contact), axis=-1),
    )


def parts(probability: Floats, profit: Floats) -> Floats:
    """Return p·V, (1 − p)·V, p, 1 − p and 1 of each customer, (n, 5).

    Everything that the formula needs of customers is a sum of these. With the observed outcome (0
    or 1) in place of p, it gives the realised increment: γ, τ and η stay assumptions, but the
    model's probabilities no longer count in it.
    """
    stays = 1 - probability
    columns = (probability * profit, stays * profit, probability, stays, np.ones_like(profit))
    return np.stack(columns, axis=1)


def worth(
    probability: Floats,
    profit: Floats,
    tired: NDArray[np.bool_],
    options: Sequence[Option],
    values: Mapping[str, float],
) -> tuple[Floats, Floats]:
    """Return the increment and the money spent of each customer by each option, (n, m) twice.

    Parameters
    ----------
    probability, profit, tired
        p, V, and whether `fatigue` applies, (n,).
    options
        The m options.
    values
        One number for each assumption: the means, unless something else is to be tried.

    """
    of_customer = parts(probability, profit)
    increment = np.empty((len(profit), len(options)))
    spent = np.empty_like(increment)
    for j, option in enumerate(options):
        for state in (False, True):
            rows = tired == state
            found = coefficients(values, option, state)
            spent[rows, j] = of_customer[rows] @ found.spent
            increment[rows, j] = of_customer[rows] @ found.brought - spent[rows, j]
    return increment, spent


def break_even(
    profit: Floats, tired: NDArray[np.bool_], option: Option, values: Mapping[str, float]
) -> Floats:
    """Return the probability of decline from which on a contact pays, (n,); inf where at none."""
    at_0, at_1 = (
        worth(np.full_like(profit, p), profit, tired, [option], values)[0][:, 0] for p in (0.0, 1.0)
    )
    slope = at_1 - at_0
    at = np.divide(-at_0, slope, out=np.full_like(slope, np.inf), where=slope > 0)
    return np.where(at <= 1, at, np.inf)
