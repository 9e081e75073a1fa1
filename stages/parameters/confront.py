"""Parameters of `confront`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import At, Section, Seed, Share
from stages.parameters.features import Features


class Confront(Section):
    """`confront`."""

    customers: Annotated[int, Field(ge=100)]
    seed: Seed
    bins: Annotated[int, Field(ge=2)]


class Params(Section):
    """What the stage reads."""

    confidence: Share
    features: Features
    confront: Confront
    source: Annotated[str, At("data.source")]
    bootstrap_samples: Annotated[int, At("evaluate.bootstrap_samples")]
