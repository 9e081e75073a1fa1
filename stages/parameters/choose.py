"""Parameters of `choose`."""

from typing import Annotated

from retention.parameters import At, Section, Share
from stages.parameters.families import Families


class Params(Section):
    """What the stage reads."""

    confidence: Share
    families: Families
    folds: Annotated[int, At("split.folds")]
