"""Parameters of `learn`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import Section, Seed, Values
from stages.parameters.choose import Choose
from stages.parameters.search import Learner
from stages.parameters.train import Train


class Learn(Section):
    """`learn`: shares of the customers below all, whose figure is that of the outer models."""

    shares: Values[Annotated[float, Field(gt=0, lt=1)]]
    seed: Seed


class Params(Learner):
    """What the stage reads."""

    choose: Choose
    train: Train
    learn: Learn
