"""What a contact is worth, under stated assumptions.

Symbols: p is the customer's probability of decline, V what the customer brings over the horizon, d
the cost of the offer, f the cost of the contact, γ the share of decliners whom the offer keeps. It
is assumed that a customer who would have stayed takes the offer too.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Amounts = NDArray[np.floating[Any]]  # (customers,)


def expected_profit(
    p: Amounts, value: Amounts, offer: Amounts, contact: Amounts, kept: float
) -> Amounts:
    """Return p·[γ(V − d) − f] − (1 − p)(d + f), in the unit of V, d and f."""
    return p * (kept * (value - offer) - contact) - (1 - p) * (offer + contact)


def break_even(value: Amounts, offer: Amounts, contact: Amounts, kept: float) -> Amounts:
    """Return (d + f) / (γ(V − d) + d): the probability from which on a contact pays."""
    return (offer + contact) / (kept * (value - offer) + offer)
