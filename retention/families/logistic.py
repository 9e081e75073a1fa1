"""Logistic regression."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from retention import families
from retention.harness.parameters import Values

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression


class Grid(families.Grid):
    """Hyperparameters of LogisticRegression; the penalty is l2."""

    C: Values[Annotated[float, Field(gt=0)]]
    class_weight: Values[Literal["balanced"] | None]


def estimator(seed: int, **hyperparameters: Any) -> "LogisticRegression":
    """Return the unfitted classifier; its solver (lbfgs) draws nothing at random."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=2_000, **hyperparameters)
