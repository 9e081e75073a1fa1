"""What went out and what came back: campaign/params.yaml, but for the demo's answers."""

from typing import Annotated

from retention.contract.schema import Column, Repair, Roles, Tables
from retention.harness.parameters import At, Section

FILE = "campaign/params.yaml"


class Returned(Section):
    """`returned`: the file, and the column that says who was contacted, its yes first."""

    file: str
    contacted: Column


class Campaign(Section):
    """What both stages of a campaign read: the list's folder, the file, and the contract of it."""

    folder: Annotated[str, At(f"{FILE}:list")]
    returned: Annotated[Returned, At(f"{FILE}:returned")]
    repairs: Annotated[list[Repair], At("contract.yaml:repairs")]
    roles: Annotated[Roles, At("contract.yaml:roles")]
    tables: Annotated[Tables, At("contract.yaml:tables")]
