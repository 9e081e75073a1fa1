"""Parameters of `correlate`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import Section, Share
from stages.parameters.features import Features
from stages.parameters.report_language import Language


class Correlate(Section):
    """`correlate`."""

    bins: Annotated[int, Field(ge=3)]
    collinearity_limit: Share


class Params(Section):
    """What the stage reads."""

    features: Features
    correlate: Correlate
    language: Language
