"""Parameters of `prepare`, and what it takes to read the shop's files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from retention.contract.schema import IMPUTED, Check, Groups, Repair, Roles, Tables
from retention.harness.parameters import At, Section, Share
from stages.parameters.split import Folds, SameCustomer

if TYPE_CHECKING:
    from retention.intake.source import Source
    from retention.rules import Rule


class Reading(Section):
    """What it takes to read the shop's files. `prepare` has the numbers that exclusions name."""

    prepare: dict[str, float]
    tables: Annotated[Tables, At("contract.yaml:tables")]
    repairs: Annotated[list[Repair], At("contract.yaml:repairs")]
    exclusions: Annotated[dict[str, str], At("contract.yaml:exclusions")]
    checks: Annotated[dict[str, Check], At("contract.yaml:checks")]
    groups: Annotated[Groups, At("contract.yaml:groups")]
    roles: Annotated[Roles, At("contract.yaml:roles")]

    def source(self, folder: str, *, without: str = "") -> "Source":
        """Read the files of a folder, the column `without` not among them."""
        from retention.intake.source import read_source  # the check has to stay fast

        return read_source(
            Path(folder),
            self.tables,
            self.repairs,
            self.checks,
            without=without,
            outcome=self.roles.outcome.column,
            blank=self.groups.get(IMPUTED, []),
        )

    def rules(self) -> "dict[str, Rule]":
        """Return the exclusions. Raises UserError for one that can't be read."""
        from retention.intake.customers import exclusion_rules  # the check has to stay fast

        return exclusion_rules(self.exclusions, self.prepare)


class Params(Reading):
    """What the stage reads."""

    folder: Annotated[str, At("data.source")]
    folds: Annotated[Folds, At("split.folds")]
    same_customer: Annotated[SameCustomer, At("split.same_customer")]
    largest_group: Annotated[Share, At("split.largest_group")]
