"""Parameters of `report`."""

from typing import Annotated, Literal

from retention.contract.schema import Roles
from retention.harness.parameters import At, Section, Share

OPTIONAL = ("profit", "consent", "category", "series")


class Report(Section):
    """`report`."""

    language: Literal["ru", "en"]


class Params(Section):
    """What the stage reads."""

    confidence: Share
    report: Report
    source: Annotated[str, At("data.source")]
    least_reason: Annotated[float, At("phrase.least_reason")]
    roles: Annotated[Roles, At("contract.yaml:roles")]

    @property
    def absent(self) -> list[str]:
        """The roles that the shop has no column for."""
        return [name for name in OPTIONAL if not getattr(self.roles, name)]
