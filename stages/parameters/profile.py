"""Parameters of `profile`."""

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from retention.harness.parameters import Section, Share
from stages.parameters.report_language import Language
from stages.parameters.segment import Segment


def _rising(cuts: list[float]) -> list[float]:
    if any(left >= right for left, right in pairwise(cuts)):
        raise ValueError("should rise from each value to the next")
    return cuts


Cuts = Annotated[list[Share], Field(min_length=1), AfterValidator(_rising)]


class Profile(Section):
    """`profile`."""

    risk_cuts: Cuts
    profit_quantiles: Cuts
    promo_share: Annotated[float, Field(ge=0, lt=1)]


class Params(Section):
    """What the stage reads."""

    confidence: Share
    segment: Segment
    profile: Profile
    language: Language
