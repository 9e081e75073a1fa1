"""The scikit-learn pipeline of a candidate: encoder and scaler, then the family's estimator."""

from collections.abc import Sequence
from typing import Any

from sklearn.pipeline import Pipeline

from retention.families import Candidate, find_family
from retention.models.average import Average
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


def build_average(
    family: str,
    candidates: Sequence[Candidate],
    columns: Columns,
    seed: int,
) -> Pipeline:
    """Return the unfitted pipeline whose score is the mean over candidates of a family.

    Raises ValueError where they differ in encoder, scaler or subset of columns, or there are none.
    """
    prepared = [parts(candidate)[0] for candidate in candidates]
    if not candidates or any(prepare != prepared[0] for prepare in prepared):
        raise ValueError(f"{family}: an average needs candidates of one preprocessing")
    members = [parts(candidate)[1] for candidate in candidates]
    return Pipeline(
        [
            ("preprocessing", preprocessing(columns, **prepared[0])),
            ("model", average_estimator(family, seed, members)),
        ]
    )


def average_estimator(family: str, seed: int, members: Sequence[dict[str, Any]]) -> Any:
    """Return the unfitted classifier whose score is the mean over hyperparameters of a family."""
    module = find_family(family)
    if hasattr(module, "average"):
        return module.average(seed, members)
    return Average([module.estimator(seed, **member) for member in members])
