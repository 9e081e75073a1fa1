"""Parameters of `audit`."""

from typing import Annotated

from retention.contract.schema import Roles
from retention.harness.parameters import At, Section, Seed
from stages.parameters.features import Features


class Params(Section):
    """What the stage reads."""

    seed: Seed
    features: Features
    folds: Annotated[int, At("split.folds")]
    roles: Annotated[Roles, At("contract.yaml:roles")]
