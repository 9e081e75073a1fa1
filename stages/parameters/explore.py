"""Parameters of `explore`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import Section, Share
from stages.parameters.features import Features


class Explore(Section):
    """`explore`."""

    bins: Annotated[int, Field(ge=3)]
    collinearity_limit: Share


class Params(Section):
    """What the stage reads."""

    confidence: Share
    features: Features
    explore: Explore
