"""Parameters of `segment`."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from retention.contract.columns import RULE_COLUMNS
from retention.harness.parameters import PARAMS_FILE, Section, Share
from retention.rules import Rule
from stages.parameters.report_language import Language


class Segment(Section):
    """`segment`: named rules in the notation of retention/rules.py."""

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
    language: Language
