"""Parameters of `split`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import Section, Seed, Share, Values
from stages.parameters.features import Feature

Folds = Annotated[int, Field(ge=3)]
SameCustomer = Annotated[list[Values[Feature]], Field(min_length=1)]


class Split(Section):
    """`split`."""

    folds: Folds
    repeats: Annotated[int, Field(ge=1)]
    largest_group: Share
    same_customer: SameCustomer


class Params(Section):
    """What the stage reads."""

    seed: Seed
    split: Split
