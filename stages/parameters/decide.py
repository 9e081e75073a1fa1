"""Parameters of `decide`."""

from typing import Annotated

from pydantic import Field

from retention.contract.schema import Roles
from retention.harness.parameters import At, Section, Seed, Share, Values
from stages.parameters.offer import Offer

Shape = Annotated[float, Field(gt=0)]
Money = Annotated[float, Field(ge=0)]


class Beta(Section):
    """The distribution of the share kept in the EMPC."""

    alpha: Shape
    beta: Shape


class Empc(Section):
    """What the EMPC is worked out with: one offer for all."""

    offer_cost: Money
    contact_cost: Money
    kept: Values[Beta]


class Decide(Section):
    """`decide`."""

    lists: list[str]
    bootstrap_samples: Annotated[int, Field(ge=100)]
    thresholds: Values[Share]
    empc: Empc


class Params(Section):
    """What the stage reads."""

    confidence: Share
    seed: Seed
    decide: Decide
    offer: Offer
    roles: Annotated[Roles, At("contract.yaml:roles")]
