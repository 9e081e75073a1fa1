"""Parameters of `choose`."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from retention.harness.parameters import At, Section, Share, Values, distinct
from stages.parameters.families import Families

Rule = Literal["blend", "best_mean", "one_se"]
Members = Annotated[list[str], AfterValidator(distinct)]


class Choose(Section):
    """`choose`."""

    rule: Rule
    members: Members
    simplest_first: Values[str]


class Params(Section):
    """What the stage reads."""

    confidence: Share
    choose: Choose
    families: Families
    folds: Annotated[int, At("split.folds")]
