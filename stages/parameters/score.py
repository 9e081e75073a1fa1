"""Parameters of `score`: what it takes to read the shop's files, and to explain a model."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import At, Seed
from stages.parameters.data import Data
from stages.parameters.features import Features
from stages.parameters.prepare import Reading


class Params(Reading):
    """What the stage reads."""

    data: Data
    seed: Seed
    features: Features
    background: Annotated[int, Field(ge=10), At("explain.background")]
    permutations: Annotated[int, Field(ge=2), At("explain.permutations")]
