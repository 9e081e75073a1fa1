"""How families search their grids, in `tune` and `nest` alike."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from retention.harness.parameters import At, Section, Seed
from stages.parameters.features import Features
from stages.parameters.split import Folds

if TYPE_CHECKING:
    from retention.selection.procedure import Learning


class Racing(Section):
    """`search.race`: see `Race` in retention/selection/search.py."""

    folds: Annotated[int, Field(ge=1)]
    share: Annotated[float, Field(gt=0, le=1)]
    least: Annotated[int, Field(ge=1)]


class Searching(Section):
    """`search`."""

    race: Racing


class SearchParams(Section):
    """What `tune` and `nest` read; the family's own module knows the type of its grid."""

    seed: Seed
    features: Features
    folds: Annotated[Folds, At("split.folds")]
    search: Searching
    grid: Annotated[dict[str, Any], At("families.{item}")]

    def learning(self) -> "Learning":
        """Return how a family learns."""
        from retention.selection.procedure import Learning  # the check has to stay fast
        from retention.selection.search import Race

        columns = (self.features.numbers, self.features.categories)
        return Learning(columns, self.folds, self.seed, Race(**self.search.race.model_dump()))
