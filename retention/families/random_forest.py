"""Random forest."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from retention import families
from retention.harness.parameters import Values

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier


class Grid(families.Grid):
    """Hyperparameters of RandomForestClassifier."""

    n_estimators: Values[Annotated[int, Field(ge=1)]]
    max_features: Values[Annotated[float, Field(gt=0, le=1)]]
    min_samples_leaf: Values[Annotated[int, Field(ge=1)]]


def estimator(seed: int, **hyperparameters: Any) -> "RandomForestClassifier":
    """Return the unfitted classifier; the seed draws customers and features."""
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(random_state=seed, **hyperparameters)
