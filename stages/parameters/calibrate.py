"""Parameters of `calibrate`."""

from typing import Annotated

from retention.harness.parameters import At, Section, Seed, Share
from stages.parameters.families import Families


class Params(Section):
    """What the stage reads."""

    seed: Seed
    confidence: Share
    families: Families
    members: Annotated[list[str], At("choose.members")]
    bins: Annotated[int, At("evaluate.calibration_bins")]
    samples: Annotated[int, At("evaluate.bootstrap_samples")]
