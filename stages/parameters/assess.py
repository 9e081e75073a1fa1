"""Parameters of `assess`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import At, Section, Seed, Share
from stages.parameters.choose import Rule
from stages.parameters.families import Families
from stages.parameters.features import Features


class Assess(Section):
    """`assess`."""

    repeats: Annotated[int, Field(ge=1)]


class Params(Section):
    """What the stage reads."""

    seed: Seed
    confidence: Share
    features: Features
    families: Families
    assess: Assess
    folds: Annotated[int, At("split.folds")]
    rule: Annotated[Rule, At("choose.rule")]
    members: Annotated[list[str], At("choose.members")]
    simplest_first: Annotated[list[str], At("choose.simplest_first")]
    bins: Annotated[int, At("evaluate.calibration_bins")]
