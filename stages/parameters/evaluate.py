"""Parameters of `evaluate`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import At, Section, Seed, Share
from stages.parameters.families import Families


class Evaluate(Section):
    """`evaluate`."""

    bootstrap_samples: Annotated[int, Field(ge=100)]
    calibration_bins: Annotated[int, Field(ge=2)]


class Params(Section):
    """What the stage reads."""

    confidence: Share
    seed: Seed
    families: Families
    evaluate: Evaluate
    folds: Annotated[int, At("split.folds")]
