"""Parameters of `decide`."""

from typing import Annotated

from pydantic import Field

from retention.contract.schema import Roles
from retention.harness.parameters import At, Section, Share
from stages.parameters.offer import ContactCost, KeptShare


class Decide(Section):
    """`decide`."""

    offer_cost: Annotated[float, Field(ge=0)]
    kept_alpha: Annotated[float, Field(gt=0)]
    kept_beta: Annotated[float, Field(gt=0)]


class Params(Section):
    """What the stage reads."""

    confidence: Share
    roles: Annotated[Roles, At("contract.yaml:roles")]
    decide: Decide
    horizon_months: Annotated[float, At("offer.horizon_months")]
    contact_cost: Annotated[ContactCost, At("offer.contact_cost")]
    kept_share: Annotated[KeptShare, At("offer.kept_share")]
