"""Parameters of `train`."""

from typing import Annotated, Literal

from pydantic import Field

from retention.harness.parameters import At, Section
from stages.parameters.choose import Members
from stages.parameters.features import Features


class Train(Section):
    """`train`."""

    pull: Annotated[float, Field(ge=0)]
    threshold: Literal["f1", "youden"]


class Params(Section):
    """What the stage reads."""

    features: Features
    members: Annotated[Members, At("choose.members")]
    train: Train
