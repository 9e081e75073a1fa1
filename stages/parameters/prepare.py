"""Parameters of `prepare`, and where the shop's files lie."""

from typing import Annotated

from retention.contract.schema import CONTRACT_FILE, Check, Groups, Repair, Roles, Tables
from retention.harness.parameters import At, Section, Share
from retention.rules import Rule
from stages.parameters.split import Folds, SameCustomer


class Data(Section):
    """`data`."""

    source: str


class Params(Section):
    """What the stage reads. `prepare` has the numbers that exclusions name."""

    data: Data
    prepare: dict[str, float]
    folds: Annotated[Folds, At("split.folds")]
    same_customer: Annotated[SameCustomer, At("split.same_customer")]
    largest_group: Annotated[Share, At("split.largest_group")]
    tables: Annotated[Tables, At("contract.yaml:tables")]
    repairs: Annotated[list[Repair], At("contract.yaml:repairs")]
    exclusions: Annotated[dict[str, str], At("contract.yaml:exclusions")]
    checks: Annotated[dict[str, Check], At("contract.yaml:checks")]
    groups: Annotated[Groups, At("contract.yaml:groups")]
    roles: Annotated[Roles, At("contract.yaml:roles")]

    def rules(self) -> dict[str, Rule]:
        """Return the exclusions. Raises UserError for one that can't be read."""
        return {
            name: Rule(text, None, f"{CONTRACT_FILE}: 'exclusions.{name}'", self.prepare)
            for name, text in self.exclusions.items()
        }
