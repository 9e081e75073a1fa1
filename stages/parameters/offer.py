"""Parameters of `offer`."""

from collections.abc import Collection
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from retention.contract.schema import Roles
from retention.harness.parameters import PARAMS_FILE, At, Section, Values
from retention.rules import Rule
from stages.parameters.report_language import Language

Money = Annotated[float, Field(ge=0)]
Kept = Annotated[float, Field(gt=0, le=1)]


class KeptShare(Section):
    """Share of decliners whom an offer keeps: an assumption, so a range."""

    low: Kept
    expected: Kept
    high: Kept

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if not self.low <= self.expected <= self.high:
            raise ValueError("should have low ≤ expected ≤ high")
        return self


class ContactCost(Section):
    """Cost of one contact, in the unit of the shop's profit."""

    message: Money
    on_site: Money


class CatalogueEntry(Section):
    """An offer: for whom, what it costs, and how it reaches the customer."""

    when: str
    cost: Money
    channels: Values[Literal["message", "on_site"]]


class Offer(Section):
    """`offer`."""

    contact: str
    horizon_months: Annotated[float, Field(gt=0)]
    kept_share: KeptShare
    contact_cost: ContactCost
    catalogue: Annotated[dict[str, CatalogueEntry], Field(min_length=1)]

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        self.contact_rule()
        self.catalogue_rules()
        return self

    def contact_rule(self, columns: Collection[str] | None = None) -> Rule:
        """Return the rule for whom to contact. Raises UserError when it can't be read."""
        return Rule(self.contact, columns, f"{PARAMS_FILE}: 'offer.contact'")

    def catalogue_rules(self, columns: Collection[str] | None = None) -> dict[str, Rule]:
        """Return the rules by offer. Raises UserError for one that can't be read."""
        return {
            name: Rule(entry.when, columns, f"{PARAMS_FILE}: 'offer.catalogue.{name}.when'")
            for name, entry in self.catalogue.items()
        }


class Params(Section):
    """What the stage reads."""

    offer: Offer
    language: Language
    roles: Annotated[Roles, At("contract.yaml:roles")]
