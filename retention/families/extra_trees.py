"""Extremely randomised trees."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from retention import families
from retention.harness.parameters import Values

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesClassifier


class Grid(families.Grid):
    """Hyperparameters of ExtraTreesClassifier."""

    n_estimators: Values[Annotated[int, Field(ge=1)]]
    max_features: Values[Annotated[float, Field(gt=0, le=1)]]
    min_samples_leaf: Values[Annotated[int, Field(ge=1)]]


def estimator(seed: int, **hyperparameters: Any) -> "ExtraTreesClassifier":
    """Return the unfitted classifier; the seed draws features and cuts."""
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(random_state=seed, **hyperparameters)
