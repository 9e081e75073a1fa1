"""Who gets which offer, by which channel, and what that is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.campaign.money import break_even, expected_profit
from retention.contract.columns import CONSENT, CUSTOMER_ID, PROBABILITY, PROFIT
from retention.rules import Rule
from retention.texts import Texts


@dataclass(frozen=True)
class CatalogueOffer:
    """An offer that can be made: for whom, its cost, and its channels, the preferred one first."""

    when: Rule
    cost: float
    channels: Sequence[str]


def assign_offers(table: pd.DataFrame, catalogue: Mapping[str, CatalogueOffer]) -> pd.DataFrame:
    """Return `offer`, `channel` and `offer_cost` for each customer.

    The first offer of the catalogue that fits is taken. Who gave no consent to messages gets only
    what the site itself can show. Customers whom nothing fits have empty values.
    """
    assigned = pd.DataFrame({"offer": "", "channel": "", "offer_cost": 0.0}, index=table.index)
    for name, offer in catalogue.items():
        fits = offer.when.holds(table)
        for channel in offer.channels:
            reached = fits & (assigned["offer"] == "")
            if channel == "message":
                reached &= table[CONSENT]
            assigned.loc[reached, "offer"] = name
            assigned.loc[reached, "channel"] = channel
            assigned.loc[reached, "offer_cost"] = offer.cost
    return assigned


def list_contacts(
    table: pd.DataFrame,
    assigned: pd.DataFrame,
    wanted: "pd.Series[bool]",
    *,
    months: float,
    contact_cost: Mapping[str, float],
    kept: Mapping[str, float],
) -> pd.DataFrame:
    """Return the customers to contact, the most profitable contact first.

    A customer is on the list when `wanted`, when some offer fits, and when the contact is expected
    to bring more than it costs; without a known profit the list goes by probability. Adds to the
    columns of `table` and `assigned`: `rank`, `expected_profit` with its `_low` and `_high` for the
    range of the share kept, `break_even`.
    """
    joined = pd.concat([table, assigned], axis=1)[wanted & (assigned["offer"] != "")]
    probability, value, cost, contact = (
        joined[PROBABILITY].to_numpy(dtype=np.float64),
        joined[PROFIT].to_numpy(dtype=np.float64) * months,
        joined["offer_cost"].to_numpy(dtype=np.float64),
        joined["channel"].map(contact_cost).to_numpy(dtype=np.float64),
    )
    worth = {
        name: expected_profit(probability, value, cost, contact, share)
        for name, share in kept.items()
    }
    contacts = joined.assign(
        expected_profit=worth["expected"],
        expected_profit_low=worth["low"],
        expected_profit_high=worth["high"],
        break_even=break_even(value, cost, contact, kept["expected"]),
    )
    if contacts[PROFIT].isna().all():
        order = PROBABILITY
    else:
        contacts, order = contacts[contacts["expected_profit"] > 0], "expected_profit"
    contacts = contacts.sort_values([order, CUSTOMER_ID], ascending=[False, True])
    return contacts.assign(rank=np.arange(1, len(contacts) + 1))


def offer_texts(contacts: pd.DataFrame, texts: Texts) -> pd.DataFrame:
    """Return `offer_title`, `why` and `channel_title`, made out to each customer."""
    rows = []
    for customer in contacts.to_dict("records"):
        facts = {
            str(name): texts.value(fact) if isinstance(fact, str) else fact
            for name, fact in customer.items()
        }
        rows.append(
            {
                "offer_title": texts.offer(customer["offer"], "title").format(**facts),
                "why": texts.offer(customer["offer"], "why").format(**facts),
                "channel_title": texts.get("channels", customer["channel"]),
            }
        )
    names = ["offer_title", "why", "channel_title"]
    return pd.DataFrame(rows, columns=names, index=contacts.index)


def summarise(contacts: pd.DataFrame) -> dict[str, Any]:
    """Return the sums over the list, in the unit of the shop's profit."""
    waste: NDArray[np.float64] = ((1 - contacts[PROBABILITY]) * contacts["offer_cost"]).to_numpy()
    return {
        "customers": len(contacts),
        "by_offer": contacts["offer"].value_counts().sort_index().to_dict(),
        "by_channel": contacts["channel"].value_counts().sort_index().to_dict(),
        "mean_probability": contacts[PROBABILITY].mean(),
        "expected_profit": {
            "value": contacts["expected_profit"].sum(min_count=min(len(contacts), 1)),
            "low": contacts["expected_profit_low"].sum(min_count=min(len(contacts), 1)),
            "high": contacts["expected_profit_high"].sum(min_count=min(len(contacts), 1)),
        },
        "discount_waste": float(waste.sum()),
    }
