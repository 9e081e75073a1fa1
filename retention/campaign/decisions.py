"""What a ranking is worth when only some customers are contacted.

p is the customer's probability of decline, V what the customer brings over the horizon, d the cost
of the offer, f the cost of the contact, γ the share of decliners whom the offer keeps. Sums are in
the unit of V, d and f, and hold under these assumptions: nothing here was measured on contacted
customers. Shapes: (customers,); class 1 is the decline.
"""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betaincc

from retention.statistics.intervals import Interval, rate_interval
from retention.statistics.ranking import tied_mean

PERCENTS = np.arange(1, 101)


def gain_table(
    decline: NDArray[np.int64],
    probability: NDArray[np.float64],
    expected: NDArray[np.float64],
    realised: NDArray[np.float64],
    waste: NDArray[np.float64],
    order_by: Literal["probability", "expected_increment"] = "probability",
) -> pd.DataFrame:
    """Return what contacting the first 1 %, 2 %, … 100 % of the customers brings, 100 rows.

    Customers who are equal in the ordering have no order: a cut through them takes the mean over
    all of them (`statistics.ranking.tied_mean`), so that figures of a list may be fractions.

    Parameters
    ----------
    decline, probability
        The observed outcome, and p: out-of-fold for customers that the model has seen.
    expected, realised
        What contacting each customer by the best option brings (`worth.worth`), with p and with
        the outcome in its place; 0 for who may not be contacted.
    waste
        What is expected to be spent on the customer if it would have stayed: (1 − p) · money.
    order_by
        The highest come first. The increment is the better order for money: a probable decliner
        may be worth less than the offer costs.

    Returns
    -------
    pandas.DataFrame
        `share` contacted, 0.01 to 1; `customers`, that share rounded up; `threshold`, the lowest
        `order_by` among them (a probability or a sum of money); `precision`, their rate of decline;
        `recall`, the share of all declines that they make up (cumulative gain); `lift`, precision
        over the rate of all; `expected_increment`, `realised_increment` and `waste`, summed over
        them. Without any decline, recall and lift are nan.

    """
    match order_by:
        case "probability":
            key = probability
        case "expected_increment":
            key = expected
        case _:
            raise ValueError(f"order_by is probability or expected_increment, not {order_by!r}")
    order = np.argsort(-key, kind="stable")
    # In whole numbers: 0.07·100 is more than 7.
    customers = -(-len(decline) * PERCENTS // 100)

    def total(values: NDArray[np.number]) -> NDArray[np.float64]:
        sums: NDArray[np.float64] = np.cumsum(tied_mean(values, key)[order])
        return sums[customers - 1]

    declines = total(decline)
    rate = float(decline.mean()) or np.nan
    return pd.DataFrame(
        {
            "share": PERCENTS / 100,
            "customers": customers,
            "threshold": key[order][customers - 1],
            "precision": declines / customers,
            "recall": declines / (rate * len(decline)),
            "lift": declines / customers / rate,
            "expected_increment": total(expected),
            "realised_increment": total(realised),
            "waste": total(waste),
        }
    )


def precision_at(
    decline: NDArray[np.int64],
    probability: NDArray[np.float64],
    customers: int,
    confidence: float = 0.95,
) -> Interval:
    """Return the rate of decline among the most probable `customers`, with Wilson's interval.

    Of customers tied at the cut, the mean is taken, and the declines are rounded to a whole number.
    The interval takes the list as given and customers as independent: it is a little too narrow
    where near-duplicates are on the list.
    """
    if not 0 <= customers <= len(decline):
        raise ValueError(f"can't take {customers} of {len(decline)} customers")
    order = np.argsort(-probability, kind="stable")[:customers]
    declines = float(tied_mean(decline, probability)[order].sum())
    return rate_interval(round(declines), customers, confidence)


def empc(
    decline: NDArray[np.int64],
    probability: NDArray[np.float64],
    clv: float,
    offer_cost: float,
    contact_cost: float,
    alpha: float = 6,
    beta: float = 14,
) -> dict[str, float]:
    """Return the expected maximum profit for churn: `value` a customer, `share` contacted for it.

    EMPC = ∫ max over t of P(t; γ) h(γ) dγ, where h is the density of Beta(α, β) and

        P(t; γ) = CLV·(γ(1 − δ) − φ)·π₀F₀(t) − CLV·(δ + φ)·π₁F₁(t),   δ = d/CLV, φ = f/CLV

    is the mean profit over all customers when those with a score of t or more are contacted; class
    0 of the paper are the churners, here `decline` = 1, and F₀, F₁ are the shares of each class
    that are contacted (Verbraken, Verbeke, Baesens 2013, IEEE TKDE 25(5), 961-973,
    https://doi.org/10.1109/TKDE.2012.50).

    No integration is needed. P is linear in (π₁F₁, π₀F₀), so that its maximum over t lies on the
    convex hull of the ROC curve. Let segment i of the hull hold the share aᵢ of decliners and bᵢ of
    others, both of all customers. Contacting it adds γ(V − d)aᵢ − [f·aᵢ + (d + f)bᵢ], which is
    positive from γᵢ = [f·aᵢ + (d + f)bᵢ] / [(V − d)aᵢ] on. Along the hull bᵢ/aᵢ grows, so γᵢ grows:
    the best list is all segments with γᵢ < γ, and each adds to the integral by itself

        (V − d)aᵢ·E[γ; γ > γᵢ] − [f·aᵢ + (d + f)bᵢ]·P[γ > γᵢ],

    where P[γ > g] = 1 − I_g(α, β) and E[γ; γ > g] = α/(α + β)·(1 − I_g(α + 1, β)), with I the
    regularised incomplete beta function. The share is Σ(aᵢ + bᵢ)·P[γ > γᵢ].

    The threshold is the best one on these same customers: in a small sample the value is too high,
    and even a score without any merit may beat one value for all.

    Parameters
    ----------
    decline, probability
        The observed outcome and the score: only its order counts.
    clv, offer_cost, contact_cost
        V, d ≥ 0 and f ≥ 0: the same for all customers.
    alpha, beta
        Of γ's distribution; 6 and 14, the paper's, are a convention: a mean of 0.3. Vary them.

    Returns
    -------
    dict
        `value` in the unit of V, 0 when no contact is worth its cost; `share` of all customers,
        where whoever adds exactly nothing is not contacted.

    """
    shares = hull_segments(decline, probability) / len(decline)
    return empc_of_hull(shares, clv, offer_cost, contact_cost, alpha, beta)


def empc_of_hull(
    shares: NDArray[np.float64],
    clv: float,
    offer_cost: float,
    contact_cost: float,
    alpha: float,
    beta: float,
) -> dict[str, float]:
    """Return the EMPC from the aᵢ and bᵢ of the hull's segments, (2, segments); see `empc`."""
    declined, stayed = shares
    gain = (clv - offer_cost) * declined
    cost = contact_cost * declined + (offer_cost + contact_cost) * stayed
    # γᵢ of 1: no γ makes up for the cost.
    least = np.divide(cost, gain, out=np.ones_like(gain), where=gain > cost)
    chance = betaincc(alpha, beta, least)
    kept = alpha / (alpha + beta) * betaincc(alpha + 1, beta, least)
    return {
        "value": float((gain * kept - cost * chance).sum()),
        "share": float(((declined + stayed) * chance).sum()),
    }


def hull_segments(
    decline: NDArray[np.int64], probability: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how many decliners and others each segment of the ROC curve's convex hull holds.

    Shape (2, segments), the highest scores first. Neighbours are pooled until the rate of decline
    falls from each segment to the next. Customers of equal score are never parted.
    """
    _, tie = np.unique(-probability, return_inverse=True)
    # Counts, so that slopes are compared without rounding.
    declines, sizes = np.bincount(tie, weights=decline), np.bincount(tie)
    segments: list[tuple[int, int]] = []
    for step_hits, step_size in zip(declines.tolist(), sizes.tolist(), strict=True):
        hits, size = int(step_hits), step_size
        while segments and segments[-1][0] * size <= hits * segments[-1][1]:
            earlier_hits, earlier_size = segments.pop()
            hits, size = hits + earlier_hits, size + earlier_size
        segments.append((hits, size))
    hull = np.array(segments, dtype=np.float64).reshape(-1, 2)
    return np.stack([hull[:, 0], hull[:, 1] - hull[:, 0]])
