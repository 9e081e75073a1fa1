"""How families search their grids, in `tune` and `nest` alike."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from retention.contract.schema import IMPUTED, Derived, Groups
from retention.harness.parameters import At, Section, Seed
from stages.parameters.features import Features
from stages.parameters.split import Folds

if TYPE_CHECKING:
    from retention.models.preprocessing import Columns
    from retention.selection.procedure import Learning


class Racing(Section):
    """`search.race`: see `Race` in retention/selection/search.py."""

    folds: Annotated[int, Field(ge=1)]
    share: Annotated[float, Field(gt=0, le=1)]
    least: Annotated[int, Field(ge=1)]


class Searching(Section):
    """`search`."""

    race: Racing


class Learner(Section):
    """What a stage reads that learns families."""

    seed: Seed
    features: Features
    folds: Annotated[Folds, At("split.folds")]
    search: Searching
    groups: Annotated[Groups, At("contract.yaml:groups")]
    derived: Annotated[Derived, At("contract.yaml:derived")]

    def columns(self) -> "Columns":
        """Return the columns that a family may see."""
        from retention.models.preprocessing import Columns  # the check has to stay fast

        return Columns(
            self.features.numbers,
            self.features.categories,
            self.groups.get("behavioural", []),
            self.derived,
            self.groups.get(IMPUTED, []),
        )

    def learning(self) -> "Learning":
        """Return how a family learns."""
        from retention.selection.procedure import Learning  # the check has to stay fast
        from retention.selection.search import Race

        return Learning(
            self.columns(), self.folds, self.seed, Race(**self.search.race.model_dump())
        )


class SearchParams(Learner):
    """What `tune` and `nest` read; the family's own module knows the type of its grid."""

    grid: Annotated[dict[str, Any], At("families.{item}")]
