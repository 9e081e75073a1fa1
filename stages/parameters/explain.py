"""Parameters of `explain`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import Section, Seed
from stages.parameters.features import Features


class Explain(Section):
    """`explain`."""

    background: Annotated[int, Field(ge=10)]
    permutations: Annotated[int, Field(ge=2)]
    importance_repeats: Annotated[int, Field(ge=2)]


class Params(Section):
    """What the stage reads."""

    seed: Seed
    features: Features
    explain: Explain
