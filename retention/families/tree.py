"""A single decision tree."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from retention import families
from retention.harness.parameters import Values

if TYPE_CHECKING:
    from sklearn.tree import DecisionTreeClassifier


class Grid(families.Grid):
    """Hyperparameters of DecisionTreeClassifier."""

    max_depth: Values[Annotated[int, Field(ge=1)]]
    min_samples_split: Values[Annotated[int, Field(ge=2)]]
    min_samples_leaf: Values[Annotated[int, Field(ge=1)]]


def estimator(seed: int, **hyperparameters: Any) -> "DecisionTreeClassifier":
    """Return the unfitted classifier; the seed breaks ties between equal splits."""
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(random_state=seed, **hyperparameters)
