"""Parameters of `answer`."""

from typing import Annotated

from retention.harness.parameters import At, Section, Seed
from stages.parameters.data import Data
from stages.parameters.returned import FILE, Campaign


class Answer(Section):
    """`answer`."""

    seed: Seed


class Params(Campaign):
    """What the stage reads."""

    answer: Annotated[Answer, At(f"{FILE}:answer")]
    data: Data
