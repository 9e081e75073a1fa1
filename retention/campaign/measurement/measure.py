"""What a campaign brought: effects on decline and profit, and what they amount to.

Two outcomes, each raw and adjusted: *decline* (0 or 1), adjusted by the probability that was known
beforehand, and the *net* profit over the horizon less what was spent, adjusted by the profit before
and the probability times it. The adjusted one is the headline, fixed before anything is sent; the
raw one stands beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.campaign.measurement.effect import (
    Effect,
    Flags,
    Floats,
    Groups,
    differences,
    effect,
    effects_by,
    size_for,
)
from retention.campaign.measurement.returned import AFTER, CONTACT, CONTACTED
from retention.campaign.measurement.verdict import verdict
from retention.contract.columns import DECLINE, PROBABILITY, PROFIT

SAME = 0.05  # of a test that the effect is the same for all


@dataclass(frozen=True)
class Campaign:
    """A campaign's customers, (n,) each.

    `contacted` is who was drawn to be; `probability` and `before` what was known: probability of
    decline, and the profit that was expected over the horizon if nothing changed; `decline` and
    `net` what was seen: 0 or 1, and the profit over the horizon less what was spent on the
    customer, nan for all where the shop knows no profit. `offer` and `segment` are labels, `groups`
    those of near-duplicates.
    """

    contacted: Flags
    probability: Floats
    before: Floats
    decline: Floats
    net: Floats
    offer: NDArray[Any]
    segment: NDArray[Any]
    groups: Groups


def as_campaign(both: pd.DataFrame, months: float, costs: Mapping[str, float]) -> Campaign:
    """Return the customers of a list who came back.

    Parameters
    ----------
    both
        Columns of the list (`sent.Sent`) and of the file that came back (`received`). The profit of
        the file has the cost of offers that were taken in it.
    months
        That the profit is counted over.
    costs
        Of a contact by each channel.

    """
    spent = both["channel"].map(dict(costs)).to_numpy(dtype=np.float64) * both[CONTACTED]
    return Campaign(
        contacted=(both["group"] == CONTACT).to_numpy(),
        probability=both[PROBABILITY].to_numpy(dtype=np.float64),
        before=both[PROFIT].to_numpy(dtype=np.float64) * months,
        decline=both[DECLINE].to_numpy(dtype=np.float64),
        net=(both[AFTER] * months - spent).to_numpy(dtype=np.float64),
        offer=both["offer"].to_numpy(dtype=object),
        segment=both["segment"].to_numpy(dtype=object),
        groups=both["duplicates"].to_numpy(dtype=np.intp),
    )


def known(campaign: Campaign, outcome: str) -> Floats:
    """Return the covariates that an outcome, decline or net, is adjusted by, (n, k)."""
    if outcome == "decline":
        return campaign.probability[:, None]
    # A decline takes a share of the profit: what is left is linear in both of these.
    return np.column_stack([campaign.before, campaign.probability * campaign.before])


def overall(campaign: Campaign, confidence: float) -> dict[str, Any]:
    """Return the effects on decline and net profit: `raw`, `adjusted`, and the ratio of widths."""
    found = {}
    for name, outcome in _outcomes(campaign).items():
        raw, adjusted = (
            effect(outcome, campaign.contacted, campaign.groups, confidence, covariates)
            for covariates in (None, known(campaign, name))
        )
        found[name] = {
            "raw": raw.figures(),
            "adjusted": adjusted.figures(),
            "width_ratio": _ratio(adjusted, raw),
        }
    return found


def by_part(campaign: Campaign, confidence: float) -> pd.DataFrame:
    """Return the adjusted effects by offer and by segment.

    Columns: `by` (offer or segment), `outcome` (decline or net), and those of `effects_by`; Holm's
    adjustment is among the parts of one kind and outcome.
    """
    tables = [
        effects_by(
            parts, outcome, campaign.contacted, campaign.groups, confidence, known(campaign, name)
        ).assign(by=by, outcome=name)
        for by, parts in (("offer", campaign.offer), ("segment", campaign.segment))
        for name, outcome in _outcomes(campaign).items()
    ]
    table = pd.concat(tables, ignore_index=True)
    return table[["by", "outcome", *table.columns.drop(["by", "outcome"])]]


def judged(campaign: Campaign, expected: float, confidence: float) -> dict[str, Any]:
    """Return the verdict on money, and whether the effect differs between customers.

    `expected` is what the plan expected of a customer on the list. Without profits there is no
    verdict (None). `personal` says of the effect on decline whether it differs by the probability
    more than noise (`p`, `spread`, `smallest` as in `effect.differences`); only where it does is a
    personal effect `worth_learning`; `from_customers` on, a spread as large as half of the effect
    itself would be seen.
    """
    covariates = known(campaign, "net")
    money = None
    if not np.isnan(campaign.net).any():
        net = effect(campaign.net, campaign.contacted, campaign.groups, confidence, covariates)
        money = verdict(net, expected, confidence)
    modifiers = campaign.probability[:, None]
    arms = campaign.decline, campaign.contacted, campaign.groups
    found = differences(modifiers, *arms, confidence)
    mean = effect(*arms, confidence, modifiers).value
    return {
        "money": money,
        "personal": {
            **found,
            "worth_learning": bool(found["p"] < SAME),
            "from_customers": size_for(found["smallest"], abs(mean) / 2, len(modifiers)),
        },
    }


def lines(campaign: Campaign, found: Mapping[str, Any], confidence: float) -> pd.DataFrame:
    """Return all effects in one table: those of `overall` (`found`), then those of `by_part`.

    Columns: `by` (all, offer or segment), `part` (empty for all), `outcome`, `estimate` (raw or
    adjusted), the fields of `Effect`, and `p_holm`.
    """
    rows = [
        {"by": "all", "part": "", "outcome": outcome, "estimate": estimate, **line[estimate]}
        for outcome, line in found.items()
        for estimate in ("raw", "adjusted")
    ]
    whole = pd.DataFrame(rows)
    parts = by_part(campaign, confidence).assign(estimate="adjusted")
    return pd.concat([whole.assign(p_holm=whole["p"]), parts[[*whole.columns, "p_holm"]]])


def _outcomes(campaign: Campaign) -> dict[str, Floats]:
    outcomes = {"decline": campaign.decline}
    if not np.isnan(campaign.net).any():
        outcomes["net"] = campaign.net
    return outcomes


def _ratio(adjusted: Effect, raw: Effect) -> float:
    return adjusted.error / raw.error if raw.error > 0 else float("nan")
