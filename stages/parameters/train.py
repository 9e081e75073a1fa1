"""Parameters of `train`."""

from typing import Literal

from retention.harness.parameters import Section
from stages.parameters.features import Features


class Train(Section):
    """`train`."""

    threshold: Literal["f1", "youden"]


class Params(Section):
    """What the stage reads."""

    features: Features
    train: Train
