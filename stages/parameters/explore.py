"""Parameters of `explore`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import Section, Share
from stages.parameters.features import Features
from stages.parameters.report_language import Language


class Explore(Section):
    """`explore`."""

    bins: Annotated[int, Field(ge=5)]


class Params(Section):
    """What the stage reads."""

    confidence: Share
    features: Features
    explore: Explore
    language: Language
