"""Parameters of `offer`, and of what plans from the same catalogue."""

from typing import Annotated

from pydantic import Field

from retention.campaign.catalogue import Catalogue
from retention.contract.schema import Roles
from retention.harness.parameters import At, Section, Share
from stages.parameters.report_language import Language


class Offer(Catalogue):
    """`offer`."""

    control: Annotated[float, Field(ge=0, lt=1)]
    smallest_effect: Share | None
    draws: Annotated[int, Field(ge=100)]
    steps: Annotated[int, Field(ge=2)]


class Params(Section):
    """What the stage reads."""

    confidence: Share
    horizon_months: Annotated[float, At("offer.horizon_months")]
    language: Language
    roles: Annotated[Roles, At("contract.yaml:roles")]
