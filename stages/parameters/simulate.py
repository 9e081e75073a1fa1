"""Parameters of `simulate`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import Section, Seed


class Simulate(Section):
    """`simulate`."""

    customers: Annotated[int, Field(ge=60)]
    seed: Seed


class Params(Section):
    """What the stage reads."""

    simulate: Simulate
