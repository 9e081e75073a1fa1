"""Parameters of `tune`."""

from typing import Annotated, Any

from retention.harness.parameters import At, Section, Seed
from stages.parameters.features import Features


class Params(Section):
    """What the stage reads; the family's own module knows the type of its grid."""

    seed: Seed
    features: Features
    grid: Annotated[dict[str, Any], At("families.{item}")]
