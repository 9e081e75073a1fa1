"""Parameters of `cut`."""

from collections.abc import Collection
from typing import Annotated, Self

from pydantic import Field, model_validator

from retention.harness.parameters import PARAMS_FILE, Section, Seed, Share
from retention.rules import Rule
from stages.parameters.features import Features


class Cuts(Section):
    """`cut`: cuts of numbers, and beside them `reference` rules that others named."""

    least_share: Annotated[float, Field(gt=0, lt=0.5)]
    bootstrap_samples: Annotated[int, Field(ge=20)]
    tolerance: Share
    shuffles: Annotated[int, Field(ge=99)]
    level: Share
    counted: Annotated[int, Field(ge=1)]
    reference: Annotated[dict[str, str], Field(min_length=1)]

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        self.rules()
        return self

    def rules(self, columns: Collection[str] | None = None) -> dict[str, Rule]:
        """Return the reference rules by name. Raises UserError for one that can't be read."""
        return {
            name: Rule(text, columns, f"{PARAMS_FILE}: 'cut.reference.{name}'")
            for name, text in self.reference.items()
        }


class Params(Section):
    """What the stage reads."""

    seed: Seed
    features: Features
    cut: Cuts
