"""Logistic regression on cubic splines of every encoded column."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from retention import families
from retention.harness.parameters import Values

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


class Grid(families.Grid):
    """Knots of SplineTransformer, evenly spaced, and C of LogisticRegression; the penalty is l2."""

    n_knots: Values[Annotated[int, Field(ge=2)]]
    C: Values[Annotated[float, Field(gt=0)]]


def estimator(seed: int, n_knots: int, C: float) -> "Pipeline":
    """Return the unfitted classifier; its solver (lbfgs) draws nothing at random."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import SplineTransformer

    # Evenly spaced: quantiles of a 0/1 column would fall together.
    splines = SplineTransformer(n_knots=n_knots, knots="uniform", extrapolation="constant")
    return make_pipeline(splines, LogisticRegression(C=C, max_iter=5_000))
