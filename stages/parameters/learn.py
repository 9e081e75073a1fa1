"""Parameters of `learn`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import Section, Seed, Share, Values
from stages.parameters.features import Features


class Learn(Section):
    """`learn`."""

    shares: Values[Annotated[float, Field(gt=0, le=1)]]
    seed: Seed


class Params(Section):
    """What the stage reads."""

    confidence: Share
    features: Features
    learn: Learn
