"""Parameters of `explore`."""

from typing import Annotated

from pydantic import Field

from retention.contract.schema import Roles
from retention.harness.parameters import At, Section, Share
from stages.parameters.features import Features


class Explore(Section):
    """`explore`."""

    bins: Annotated[int, Field(ge=3)]
    collinearity_limit: Share


class Params(Section):
    """What the stage reads."""

    confidence: Share
    features: Features
    explore: Explore
    roles: Annotated[Roles, At("contract.yaml:roles")]
