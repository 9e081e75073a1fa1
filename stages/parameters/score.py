"""Parameters of `score`: what it takes to read the shop's files, and to explain a model."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import At, Section, Seed, Share
from stages.parameters.features import Features
from stages.parameters.prepare import Reading

DEMO = ("data/demo", "data/demo_next")


class Data(Section):
    """`data`."""

    source: str
    next: str


class Params(Reading):
    """What the stage reads."""

    data: Data
    seed: Seed
    features: Features
    background: Annotated[int, Field(ge=10), At("explain.background")]
    permutations: Annotated[int, Field(ge=2), At("explain.permutations")]
    confidence: Share
    draws: Annotated[int, At("evaluate.bootstrap_samples")]

    @property
    def folder(self) -> str:
        """The folder of the customers to act on.

        The demo's next month belongs to the demo alone: with a shop's own files in `source`, they
        are taken, until `next` names another folder.
        """
        own = self.data.source not in DEMO
        return self.data.source if own and self.data.next in DEMO else self.data.next
