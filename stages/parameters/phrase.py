"""Parameters of `phrase`."""

from typing import Annotated

from pydantic import Field

from retention.contract.schema import Tables
from retention.harness.parameters import At, Section, Values
from stages.parameters.report_language import Language


class Phrase(Section):
    """`phrase`."""

    least_reason: Annotated[float, Field(ge=0)]
    controllable: dict[str, Values[str]]


class Params(Section):
    """What the stage reads."""

    phrase: Phrase
    language: Language
    tables: Annotated[Tables, At("contract.yaml:tables")]
