"""Parameters of `split`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import Section, Seed, Share, Values

Folds = Annotated[int, Field(ge=3)]
SameCustomer = list[Values[str]]


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
