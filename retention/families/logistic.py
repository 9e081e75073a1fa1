"""Logistic regression."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from retention import families
from retention.harness.parameters import Values

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression


def _equal_weights() -> list[Literal["balanced"] | None]:
    return [None]


class Grid(families.Grid):
    """Hyperparameters of LogisticRegression; the penalty is l2."""

    C: Values[Annotated[float, Field(gt=0)]]
    class_weight: Values[Literal["balanced"] | None] = Field(default_factory=_equal_weights)


def estimator(seed: int, **hyperparameters: Any) -> "LogisticRegression":
    """Return the unfitted classifier; its solver (lbfgs) draws nothing at random."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=2_000, **hyperparameters)
