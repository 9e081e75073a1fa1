"""How the demo's customers answer the offers that were planned for them, which only it knows.

Each customer has the hidden type t of `retention.demo.store`, drawn from its posterior given the
values and the outcome that the customer would have had without any offer. An offer that is noticed
keeps a decliner of type t with the probability `kept`_t, is taken by the share `take_up` of those
who would have stayed, and makes the share `harm` of them decline: the model of
`retention.campaign.worth`, with an effect that differs by type. A decline takes the share
`share_lost` of the profit; what an offer costs is taken off the profit of whoever took it, by the
shop's own prices.

As in a real campaign, some of those to be contacted aren't, some of the control group are, and some
customers are missing in the file that comes back.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE, PROFIT
from retention.contract.schema import Repair
from retention.demo.store import (
    CATEGORY,
    LATENT,
    STATISTICS_FILE,
    Floats,
    Statistics,
    decline_rates,
    latent_values,
    log_kinds,
)
from retention.harness.errors import UserError

CONTACT = "contact"  # the arm of the list whose members are to be contacted
# Numbers of one customer: type, noticed, kept or harmed, taken, contacted, missing; one by name, so
# that nobody's luck depends on who else is on the list.
_DRAWS = 6


@dataclass(frozen=True)
class Answer:
    """How customers answer an offer: `kept` (types,) by type, `take_up` and `harm` of stayers."""

    kept: Floats
    take_up: float
    harm: float


@dataclass(frozen=True)
class Declared:
    """The declared answers, as read from `store.json`.

    `noticed` is the share of contacts that are noticed, by channel; `noise` the standard deviation
    of the logarithm of the profit afterwards; `others` the answer to offers that aren't named.
    """

    offers: Mapping[str, Answer]
    others: Answer
    noticed: Mapping[str, float]
    share_lost: float
    noise: float
    not_contacted: float
    contaminated: float
    missing: float


@dataclass(frozen=True)
class Prices:
    """What the shop knows of its offers: the cost of each when taken, and the months that count."""

    costs: Mapping[str, float]
    months: float


def load_answers(path: Path = STATISTICS_FILE) -> Declared:
    """Read the declared answers; raise `UserError` if the file is missing or unfit."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["answers"]
        offers = {name: _answer(each) for name, each in content.pop("offers").items()}
        return Declared(offers=offers, others=_answer(content.pop("others")), **content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path.name} does not hold the answers of the demo store's customers ({error!r}): "
            "restore it from git."
        ) from error


def as_drawn(customers: pd.DataFrame, repairs: Sequence[Repair]) -> pd.DataFrame:
    """Return customers whose categories are misspelt again, as the shop's files have them."""
    typos = {one.meant: one.found for one in repairs if one.column == CATEGORY}
    return customers.assign(**{CATEGORY: customers[CATEGORY].replace(typos)})


def draw_answers(
    listed: pd.DataFrame,
    customers: pd.DataFrame,
    truth: pd.DataFrame,
    prices: Prices,
    declared: Declared,
    statistics: Statistics,
    seed: int,
) -> pd.DataFrame:
    """Return what the shop sees of the customers of a list after the campaign, by id.

    Parameters
    ----------
    listed
        `customer_id`, `offer`, `channel`, `group` and `profit` a month of the list that went out.
    customers
        The values that the shop's files show, of at least those on the list, as in `as_drawn`.
    truth
        `customer_id` and `decline`, the outcome without any offer, of at least those on the list.
    prices, declared, statistics
        What the shop knows of its offers, and what only the simulator knows.
    seed
        What draws the answers.

    Returns
    -------
    pd.DataFrame
        `customer_id`, `contacted` (true or false), `decline` (0 or 1) and `profit`, the mean of a
        month, of the customers who came back.

    Raises UserError for customers whom the demo doesn't know.

    """
    luck = _luck(truth, seed)
    listed = listed.sort_values(CUSTOMER_ID, ignore_index=True)
    unknown = ~listed[CUSTOMER_ID].isin(luck.index) | ~listed[CUSTOMER_ID].isin(
        customers[CUSTOMER_ID]
    )
    if unknown.any():
        raise UserError(
            f"the list has the customer {listed.loc[unknown, CUSTOMER_ID].iloc[0]}, whom the demo "
            "store doesn't know, so that nobody answers: name the file that came back from the "
            "campaign as 'returned.file' in campaign/params.yaml."
        )
    drawn = luck.loc[listed[CUSTOMER_ID]].to_numpy()
    would = truth.set_index(CUSTOMER_ID)[DECLINE].loc[listed[CUSTOMER_ID]].to_numpy() == 1
    shown = customers.set_index(CUSTOMER_ID).loc[listed[CUSTOMER_ID]].reset_index()
    kinds = hidden_types(shown, would, statistics, drawn[:, 0])

    answers = [declared.offers.get(name, declared.others) for name in listed["offer"]]
    kept = np.array([one.kept[kind] for one, kind in zip(answers, kinds, strict=True)])
    take_up, harm = (
        np.array([getattr(one, part) for one in answers]) for part in ("take_up", "harm")
    )
    planned = (listed["group"] == CONTACT).to_numpy()
    contacted = np.where(
        planned, drawn[:, 4] >= declared.not_contacted, drawn[:, 4] < declared.contaminated
    )
    reach = listed["channel"].map(dict(declared.noticed)).fillna(1.0).to_numpy(dtype=float)
    noticed = contacted & (drawn[:, 1] < reach)
    stays = noticed & would & (drawn[:, 2] < kept)
    harmed = noticed & ~would & (drawn[:, 2] < harm)
    taken = stays | (noticed & ~would & ~harmed & (drawn[:, 3] < take_up))
    decline = (would & ~stays) | harmed
    noise = _noise(truth, seed, declared.noise).loc[listed[CUSTOMER_ID]].to_numpy()
    cost = listed["offer"].map(dict(prices.costs)).to_numpy(dtype=float)
    profit = listed[PROFIT].to_numpy(dtype=float) * (1 - declared.share_lost * decline) * noise
    table = pd.DataFrame(
        {
            CUSTOMER_ID: listed[CUSTOMER_ID],
            "contacted": contacted,
            DECLINE: decline.astype(int),
            PROFIT: profit - taken * cost / prices.months,
        }
    )
    return table[drawn[:, 5] >= declared.missing].reset_index(drop=True)


def hidden_types(
    customers: pd.DataFrame, declined: np.ndarray, statistics: Statistics, luck: Floats
) -> np.ndarray:
    """Draw the hidden type (n,) of customers from its posterior given values and outcome.

    `declined` (n,) is the outcome, `luck` (n,) numbers between 0 and 1 that draw.
    """
    values = latent_values(customers, statistics)
    joint = log_kinds(values, LATENT, customers[CATEGORY], statistics)
    rates = np.column_stack(
        [decline_rates(values, customers[CATEGORY], kind) for kind in statistics.kinds]
    )
    seen = np.exp(joint - joint.max(axis=1, keepdims=True))
    seen = seen * np.where(declined[:, None], rates, 1 - rates)
    shares = np.cumsum(seen, axis=1) / seen.sum(axis=1, keepdims=True)
    return np.asarray((luck[:, None] > shares[:, :-1]).sum(axis=1))


def _answer(content: Mapping[str, Any]) -> Answer:
    return Answer(
        np.array(content["kept"], dtype=float), float(content["take_up"]), float(content["harm"])
    )


def _luck(truth: pd.DataFrame, seed: int) -> pd.DataFrame:
    ids = np.sort(truth[CUSTOMER_ID].to_numpy())
    return pd.DataFrame(np.random.default_rng(seed).random((len(ids), _DRAWS)), index=ids)


def _noise(truth: pd.DataFrame, seed: int, deviation: float) -> "pd.Series[float]":
    """Return factors of mean 1 by id."""
    ids = np.sort(truth[CUSTOMER_ID].to_numpy())
    normal = np.random.default_rng([seed, 1]).normal(0, deviation, len(ids))
    return pd.Series(np.exp(normal - deviation**2 / 2), index=ids)
