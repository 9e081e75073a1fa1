"""The scikit-learn pipeline of a candidate: encoder and scaler, then the family's estimator."""

from typing import Any

from sklearn.pipeline import Pipeline

from retention.families import Candidate, find_family
from retention.models.preprocessing import Columns, preprocessing


def parts(candidate: Candidate) -> tuple[dict[str, str], dict[str, Any]]:
    """Split a candidate into what the preprocessing takes, and what the estimator takes."""
    names = ("encoder", "scaler", "subset")
    return (
        {name: candidate[name] for name in names if name in candidate},
        {name: value for name, value in candidate.items() if name not in names},
    )


def build(
    family: str,
    candidate: Candidate,
    columns: Columns,
    seed: int,
) -> Pipeline:
    """Return the unfitted pipeline of one candidate of a family."""
    prepare, hyperparameters = parts(candidate)
    return Pipeline(
        [
            ("preprocessing", preprocessing(columns, **prepare)),
            ("model", find_family(family).estimator(seed, **hyperparameters)),
        ]
    )
