"""Parameters of `choose`: the members of the blend."""

from typing import Annotated

from pydantic import Field

from retention.harness.parameters import Section

# Family → its share of the weights, see retention/models/blend.py.
Members = Annotated[dict[str, Annotated[float, Field(ge=0)]], Field(min_length=1)]


class Choose(Section):
    """`choose`."""

    members: Members


class Params(Section):
    """What the stage reads."""

    choose: Choose
