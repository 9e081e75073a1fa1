"""Parameters of `choose`."""

from typing import Annotated, Literal

from retention.parameters import At, Section, Share
from stages.parameters.families import Families

Rule = Literal["blend", "best_mean"]


class Choose(Section):
    """`choose`."""

    rule: Rule


class Params(Section):
    """What the stage reads."""

    confidence: Share
    choose: Choose
    families: Families
    folds: Annotated[int, At("split.folds")]
