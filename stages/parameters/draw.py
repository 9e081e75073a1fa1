"""Parameters of `draw`."""

from typing import Annotated

from pydantic import Field

from retention.contract.schema import Roles
from retention.harness.parameters import At, Section, Share
from stages.parameters.report_language import Language


class Draw(Section):
    """`draw`."""

    histogram_bins: Annotated[int, Field(ge=5)]


class Params(Section):
    """What the stage reads."""

    confidence: Share
    draw: Draw
    language: Language
    roles: Annotated[Roles, At("contract.yaml:roles")]
