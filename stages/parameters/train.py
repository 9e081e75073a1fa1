"""Parameters of `train`."""

from typing import Annotated, Literal

from pydantic import Field

from retention.harness.parameters import Section
from stages.parameters.choose import Choose
from stages.parameters.search import Learner


class Train(Section):
    """`train`."""

    pull: Annotated[float, Field(ge=0)]
    threshold: Literal["f1", "youden"]


class Params(Learner):
    """What the stage reads."""

    choose: Choose
    train: Train
