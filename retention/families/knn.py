"""Nearest neighbours."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from retention import families
from retention.parameters import Values

if TYPE_CHECKING:
    from sklearn.neighbors import KNeighborsClassifier


class Grid(families.Grid):
    """Hyperparameters of KNeighborsClassifier."""

    n_neighbors: Values[Annotated[int, Field(ge=1)]]
    weights: Values[Literal["uniform", "distance"]]
    p: Values[Annotated[float, Field(ge=1)]]


def estimator(seed: int, **hyperparameters: Any) -> "KNeighborsClassifier":
    """Return the unfitted classifier; nothing in it is random."""
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(**hyperparameters)
