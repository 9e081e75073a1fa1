"""Parameters of `plan`."""

from typing import Annotated

from retention.contract.schema import Roles
from retention.harness.parameters import At, Section, Seed, Share
from stages.parameters.offer import Offer


class Params(Section):
    """What the stage reads."""

    confidence: Share
    seed: Seed
    offer: Offer
    same_customer: Annotated[list[list[str]], At("split.same_customer")]
    lists: Annotated[list[str], At("decide.lists")]
    roles: Annotated[Roles, At("contract.yaml:roles")]
