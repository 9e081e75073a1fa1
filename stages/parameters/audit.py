"""Parameters of `audit`."""

from typing import Annotated

from retention.contract.schema import Groups, Roles
from retention.harness.parameters import At, Section, Seed
from stages.parameters.features import Features


class Params(Section):
    """What the stage reads."""

    seed: Seed
    features: Features
    folds: Annotated[int, At("split.folds")]
    groups: Annotated[Groups, At("contract.yaml:groups")]
    roles: Annotated[Roles, At("contract.yaml:roles")]
