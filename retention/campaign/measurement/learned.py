"""The file of what was learnt (offers/learned.yaml), which the next plan's assumptions take in.

Each offer names the campaign that taught it, so that a campaign with other offers leaves it as it
is. Before anything was measured the file is empty.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import yaml
from pydantic import Field

from retention.campaign.assumptions import Assumptions, OfferAssumptions, ShareAssumption
from retention.campaign.measurement.learning import Learnt
from retention.harness.errors import UserError
from retention.harness.files import write_bytes
from retention.harness.parameters import Section, validate
from retention.harness.yaml12 import read_yaml

Count = Annotated[int, Field(ge=0)]
_DIGITS = 6
_COMMENT = """\
# What campaigns taught of the offers: each share as the next plan takes it, its mean before and
# after, and its interval. The next plan uses what stands in offers/learned.yaml: docs/campaign.md.
"""


class LearnedShare(Section):
    """An assumption as the next plan takes it, its means before and after, and its interval."""

    assumption: ShareAssumption
    before: float
    after: float
    low: float
    high: float


class LearnedOffer(Section):
    """What a campaign taught of an offer, from so many customers for whom it was planned.

    Its name and date are those that the shop gave.
    """

    campaign: str
    date: str
    contacted: Count
    control: Count
    share_kept: LearnedShare
    take_up: LearnedShare
    harm: LearnedShare


class Learned(Section):
    """What was learnt so far, by offer."""

    offers: Annotated[dict[str, LearnedOffer], Field(default_factory=dict)]


class Lesson(NamedTuple):
    """What `learn` found of an offer, and the number of its customers in each arm."""

    contacted: int
    control: int
    shares: Mapping[str, Learnt]


def origin(campaign: str, date: str) -> str:
    """Return what a learnt assumption names as its origin."""
    return f"campaign {campaign}, {date}"


def refuse_taught(assumptions: Assumptions, campaign: str, date: str, plan: str) -> None:
    """Raise UserError where a plan was made with what the same campaign taught: it counts once."""
    taught = origin(campaign, date)
    if any(assumption.origin == taught for assumption in assumptions.by_name().values()):
        raise UserError(
            f"{plan} was made with what the campaign '{campaign}' of {date} taught, so this list "
            "is another campaign's: give 'campaign' and 'sent' in campaign/params.yaml its name "
            "and date, or restore the list that went out."
        )


def learned_offer(campaign: str, date: str, lesson: Lesson) -> LearnedOffer:
    """Return a lesson of a campaign, rounded as the file has it."""
    lines = {name: _line(each) for name, each in lesson.shares.items()}
    counts = {"contacted": lesson.contacted, "control": lesson.control}
    return LearnedOffer.model_validate({"campaign": campaign, "date": date, **counts, **lines})


def write_learned(path: Path, learned: Learned) -> None:
    """Write what was learnt."""
    text = yaml.safe_dump(learned.model_dump(), sort_keys=False, allow_unicode=True, width=100)
    write_bytes(path, (_COMMENT + text).encode("utf-8"))


def read_learned(path: Path) -> Learned:
    """Read what `write_learned` wrote; an empty file says that nothing was learnt yet.

    Raises UserError when something is missing or wrong.
    """
    return validate(Learned, read_yaml(path) or {}, str(path))


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


def applied(assumptions: Assumptions, path: Path) -> Assumptions:
    """Return the assumptions in force: those of the catalogue, what was learnt in their places.

    Raises UserError when something in the file is missing or wrong.
    """
    return with_learned(assumptions, read_learned(path))


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
