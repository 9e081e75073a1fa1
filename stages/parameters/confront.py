"""Parameters of `confront`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import At, Section, Seed
from stages.parameters.features import Features


class Confront(Section):
    """`confront`."""

    customers: Annotated[int, Field(ge=100)]
    seed: Seed


class Params(Section):
    """What the stage reads."""

    features: Features
    confront: Confront
    source: Annotated[str, At("data.source")]
