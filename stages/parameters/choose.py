"""Parameters of `choose`: the members of the blend."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import Section
from stages.parameters.families import Families

# Family → its share of the weights, see retention/models/blend.py.
Members = Annotated[dict[str, Annotated[float, Field(ge=0)]], Field(min_length=1)]


Insurance = dict[str, Annotated[float, Field(gt=0)]]


class Choose(Section):
    """`choose`: see `Combining` in retention/selection/procedure.py."""

    members: Members
    insurance: Insurance


class Params(Section):
    """What the stage reads."""

    choose: Choose
    families: Families
