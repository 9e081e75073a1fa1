"""The file of what was learnt (offers/learned.yaml), which the next plan's assumptions take in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field

from retention.campaign.assumptions import Assumptions, OfferAssumptions, ShareAssumption
from retention.campaign.measurement.learning import Learnt
from retention.harness.files import write_bytes
from retention.harness.parameters import Section, validate
from retention.harness.yaml12 import read_yaml

Count = Annotated[int, Field(ge=0)]
_DIGITS = 6


class LearnedShare(Section):
    """An assumption as the next plan takes it, its means before and after, and its interval."""

    assumption: ShareAssumption
    before: float
    after: float
    low: float
    high: float


class LearnedOffer(Section):
    """What was learnt of an offer, from so many customers of its own."""

    contacted: Count
    control: Count
    share_kept: LearnedShare
    take_up: LearnedShare
    harm: LearnedShare


class Learned(Section):
    """What was learnt in a campaign: its name and date as the shop gave them."""

    campaign: str
    date: str
    offers: dict[str, LearnedOffer]


def write_learned(
    path: Path,
    campaign: str,
    date: str,
    offers: Mapping[str, tuple[int, int, Mapping[str, Learnt]]],
) -> None:
    """Write what was learnt of each offer: customers contacted and in control, and its shares."""
    content = {
        "campaign": campaign,
        "date": date,
        "offers": {
            offer: {
                "contacted": contacted,
                "control": control,
                **{name: _line(each) for name, each in shares.items()},
            }
            for offer, (contacted, control, shares) in offers.items()
        },
    }
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    write_bytes(path, text.encode("utf-8"))


def read_learned(path: Path) -> Learned:
    """Read what `write_learned` wrote. Raises UserError when something is missing or wrong."""
    return validate(Learned, read_yaml(path), str(path))


def with_learned(assumptions: Assumptions, learned: Learned) -> Assumptions:
    """Return the assumptions with the shares of the offers that something was learnt of.

    Offers that the catalogue doesn't have any more are passed over.
    """
    offers = dict(assumptions.offers)
    for name, offer in learned.offers.items():
        if name in offers:
            offers[name] = OfferAssumptions(
                share_kept=offer.share_kept.assumption,
                take_up=offer.take_up.assumption,
                harm=offer.harm.assumption,
                cost=offers[name].cost,
            )
    return assumptions.model_copy(update={"offers": offers})


def _line(learnt: Learnt) -> dict[str, Any]:
    figures = {name: getattr(learnt, name) for name in ("before", "after", "low", "high")}
    known = learnt.assumption.model_dump()
    assumption = {
        key: round(value, _DIGITS) if isinstance(value, float) else value
        for key, value in known.items()
    }
    return {
        "assumption": assumption,
        **{name: round(value, _DIGITS) for name, value in figures.items()},
    }
