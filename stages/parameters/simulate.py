"""Parameters of `simulate`."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import Section, Seed


class Simulate(Section):
    """`simulate`."""

    customers: Annotated[int, Field(ge=60)]
    seed: Seed
    next_continuing: Annotated[float, Field(ge=0, le=1)]
    next_fresh: Annotated[int, Field(ge=1)]
    next_drift: Annotated[float, Field(ge=0, le=5)]
    next_relation: Annotated[float, Field(gt=0, le=5)]


class Params(Section):
    """What the stage reads."""

    simulate: Simulate
