"""What the shop can offer: offers, channels and limits, with what is assumed of each.

Part of params.yaml, section `offer`. A shop that knows no profit has no sums of money: a plan then
keeps as many decliners as it can, and costs don't count.
"""

from collections.abc import Collection
from typing import Annotated, Any, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from retention.campaign.assumptions import (
    AmountAssumption,
    Assumptions,
    ChannelAssumptions,
    Fixed,
    OfferAssumptions,
    ShareAssumption,
)
from retention.campaign.planning.problem import Limits
from retention.harness.parameters import PARAMS_FILE, Section, Values
from retention.rules import Rule

Count = Annotated[int, Field(ge=0)]
Money = Annotated[float, Field(ge=0)]


class Channel(Section):
    """A way to reach customers: what is assumed of it, and how many contacts it can carry."""

    needs_consent: bool
    capacity: Count | None
    reach: ShareAssumption
    cost: AmountAssumption


class Entry(Section):
    """An offer: whom it fits, which reasons it answers, by which channels, and how often.

    It fits who meets `when` and has one of the columns in `answers` among the reasons; without any
    there, it answers every reason.
    """

    when: str
    answers: list[str]
    channels: Values[str]
    minimum: Count | None
    maximum: Count | None
    share_kept: ShareAssumption
    take_up: ShareAssumption
    harm: ShareAssumption
    cost: AmountAssumption

    @field_validator("maximum")
    @classmethod
    def _not_below_the_minimum(cls, maximum: int | None, known: ValidationInfo) -> int | None:
        minimum = known.data.get("minimum")
        if maximum is not None and minimum is not None and maximum < minimum:
            raise ValueError(f"should be at least its minimum, {minimum}")
        return maximum


class Catalogue(Section):
    """What a plan is made of."""

    consider: str
    tired: str | None
    budget: Money | None
    horizon_months: Annotated[float, Field(gt=0)]
    share_lost: ShareAssumption
    fatigue: ShareAssumption
    channels: Annotated[dict[str, Channel], Field(min_length=1)]
    catalogue: Annotated[dict[str, Entry], Field(min_length=1)]

    @model_validator(mode="after")
    def _check_whole(self) -> Self:
        self.rules()
        for name, entry in self.catalogue.items():
            for channel in entry.channels:
                if channel not in self.channels:
                    raise PydanticCustomError(
                        "unknown_key",
                        "has '{offer}' by the unknown channel '{channel}': known here are {known}.",
                        {"offer": name, "channel": channel, "known": ", ".join(self.channels)},
                    )
        return self

    def rules(self, columns: Collection[str] | None = None) -> dict[str, Rule]:
        """Return the rules by their place: `consider`, `tired` if any, and each offer's `when`.

        Raises UserError for one that can't be read, or names none of the `columns`.
        """
        texts = {
            "consider": self.consider,
            **({"tired": self.tired} if self.tired else {}),
            **{f"catalogue.{name}.when": entry.when for name, entry in self.catalogue.items()},
        }
        return {
            place: Rule(text, columns, f"{PARAMS_FILE}: 'offer.{place}'")
            for place, text in texts.items()
        }

    def assumptions(self) -> Assumptions:
        """Return what is assumed, as the catalogue declares it."""
        months = Fixed(
            distribution="fixed", value=self.horizon_months, origin="offer.horizon_months"
        )
        return Assumptions(
            share_lost=self.share_lost,
            horizon_months=months,
            fatigue=self.fatigue,
            offers={
                name: OfferAssumptions(**_parts(one, OfferAssumptions))
                for name, one in self.catalogue.items()
            },
            channels={
                name: ChannelAssumptions(**_parts(one, ChannelAssumptions))
                for name, one in self.channels.items()
            },
        )

    def limits(self) -> Limits:
        """Return the limits that are set."""
        return Limits(
            budget=self.budget,
            capacity=_set({name: one.capacity for name, one in self.channels.items()}),
            minimum=_set({name: one.minimum for name, one in self.catalogue.items()}),
            maximum=_set({name: one.maximum for name, one in self.catalogue.items()}),
        )


def _parts(item: Section, kind: type[Section]) -> dict[str, Any]:
    return {field: getattr(item, field) for field in kind.model_fields}


def _set(limits: dict[str, int | None]) -> dict[str, int]:
    return {name: limit for name, limit in limits.items() if limit is not None}
