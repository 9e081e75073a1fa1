"""Parameters of `train`."""

from typing import Annotated, Literal

from pydantic import Field

from retention.harness.parameters import At, Section
from stages.parameters.choose import Members
from stages.parameters.search import Learner


class Train(Section):
    """`train`."""

    pull: Annotated[float, Field(ge=0)]
    threshold: Literal["f1", "youden"]


class Params(Learner):
    """What the stage reads."""

    members: Annotated[Members, At("choose.members")]
    train: Train
