"""Gradient boosting of trees over histograms."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from retention import families
from retention.harness.parameters import Values

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier


class Grid(families.Grid):
    """Hyperparameters of HistGradientBoostingClassifier."""

    learning_rate: Values[Annotated[float, Field(gt=0)]]
    max_iter: Values[Annotated[int, Field(ge=1)]]
    max_leaf_nodes: Values[Annotated[int, Field(ge=2)]]
    min_samples_leaf: Values[Annotated[int, Field(ge=1)]]
    l2_regularization: Values[Annotated[float, Field(ge=0)]]


def estimator(seed: int, **hyperparameters: Any) -> "HistGradientBoostingClassifier":
    """Return the unfitted classifier; the seed draws the sample that the bins are cut on."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    # Stopping early would set customers aside by a random split of its own, near-duplicates apart.
    return HistGradientBoostingClassifier(
        early_stopping=False, random_state=seed, **hyperparameters
    )
