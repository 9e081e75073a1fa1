"""Parameters of `segment`."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from retention.contract.columns import RULE_COLUMNS
from retention.harness.parameters import PARAMS_FILE, Section, Share
from retention.rules import Rule


def _rising(cuts: list[float]) -> list[float]:
    if any(left >= right for left, right in pairwise(cuts)):
        raise ValueError("should rise from each value to the next")
    return cuts


Cuts = Annotated[list[Share], Field(min_length=1), AfterValidator(_rising)]


class Segment(Section):
    """`segment`: named rules in the notation of retention/rules.py, and what bands are cut by."""

    risk_cuts: Cuts
    profit_quantiles: Cuts
    promo_share: Annotated[float, Field(ge=0, lt=1)]
    rules: Annotated[dict[str, str], Field(min_length=1)]

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        self.parsed()
        return self

    def parsed(self) -> dict[str, Rule]:
        """Return the rules by segment. Raises UserError for one that can't be read."""
        return {
            name: Rule(text, RULE_COLUMNS, f"{PARAMS_FILE}: 'segment.rules.{name}'")
            for name, text in self.rules.items()
        }


class Params(Section):
    """What the stage reads."""

    confidence: Share
    segment: Segment
