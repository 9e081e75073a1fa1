"""Parameters of `split`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import Section, Seed, Values
from stages.parameters.features import Feature


class Split(Section):
    """`split`."""

    holdout_parts: Annotated[int, Field(ge=2)]
    folds: Annotated[int, Field(ge=3)]
    repeats: Annotated[int, Field(ge=1)]
    same_customer: Annotated[list[Values[Feature]], Field(min_length=1)]


class Params(Section):
    """What the stage reads."""

    seed: Seed
    split: Split
