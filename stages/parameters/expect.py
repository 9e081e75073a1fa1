"""Parameters of `expect`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import At, Section, Seed, Share
from stages.parameters.features import Features
from stages.parameters.report_language import Language
from stages.parameters.split import SameCustomer


class Expect(Section):
    """`expect`."""

    draws: Annotated[int, Field(ge=200)]
    permutations: Annotated[int, Field(ge=199)]


class Params(Section):
    """What the stage reads."""

    confidence: Share
    seed: Seed
    features: Features
    same_customer: Annotated[SameCustomer, At("split.same_customer")]
    expect: Expect
    language: Language
