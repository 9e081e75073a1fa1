"""Parameters of `discover`."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from retention.contract.schema import Roles
from retention.harness.parameters import At, Section, Seed, Share
from stages.parameters.features import Features


class Subgroups(Section):
    """`discover.subgroups`: see `Search` in retention/discovery/subgroups.py."""

    bins: Annotated[int, Field(ge=2)]
    conditions: Annotated[int, Field(ge=1, le=3)]
    size_exponent: Annotated[float, Field(ge=0, le=1)]
    smallest_share: Share
    overlap: Annotated[float, Field(gt=0, le=1)]
    higher: Annotated[int, Field(ge=0)]
    lower: Annotated[int, Field(ge=0)]


class Clusters(Section):
    """`discover.clusters`."""

    fewest: Annotated[int, Field(ge=2)]
    most: int
    restarts: Annotated[int, Field(ge=1)]
    reasons: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _check_range(self) -> Self:
        if self.most < self.fewest:
            raise ValueError("should have 'most' at least as large as 'fewest'")
        return self


class Discover(Section):
    """`discover`."""

    subgroups: Subgroups
    clusters: Clusters
    resamples: Annotated[int, Field(ge=2)]
    found_again: Annotated[float, Field(gt=0, le=1)]
    shuffles: Annotated[int, Field(ge=99)]
    level: Share


class Params(Section):
    """What the stage reads."""

    seed: Seed
    features: Features
    discover: Discover
    roles: Annotated[Roles, At("contract.yaml:roles")]
