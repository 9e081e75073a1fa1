"""Parameters of `segment`."""

from collections.abc import Collection
from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from retention.contract.schema import Roles
from retention.harness.parameters import PARAMS_FILE, At, Section, Share
from retention.rules import Rule
from stages.parameters.features import Features


def _rising(cuts: list[float]) -> list[float]:
    if any(left >= right for left, right in pairwise(cuts)):
        raise ValueError("should rise from each value to the next")
    return cuts


Cuts = Annotated[list[Share], Field(min_length=1), AfterValidator(_rising)]


class Segment(Section):
    """`segment`: named rules in the notation of retention/rules.py, and what bands are cut by."""

    risk_cuts: Cuts
    profit_quantiles: Cuts
    within_categories: str | None
    rules: Annotated[dict[str, str], Field(min_length=1)]

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        self.parsed()
        self.within()
        return self

    def parsed(self, columns: Collection[str] | None = None) -> dict[str, Rule]:
        """Return the rules by segment. Raises UserError for one that can't be read."""
        return {
            name: Rule(text, columns, f"{PARAMS_FILE}: 'segment.rules.{name}'")
            for name, text in self.rules.items()
        }

    def within(self, columns: Collection[str] | None = None) -> Rule | None:
        """Return the rule of `within_categories`, where there is one."""
        if self.within_categories is None:
            return None
        place = f"{PARAMS_FILE}: 'segment.within_categories'"
        return Rule(self.within_categories, columns, place)


class Params(Section):
    """What the stage reads."""

    confidence: Share
    features: Features
    segment: Segment
    roles: Annotated[Roles, At("contract.yaml:roles")]
