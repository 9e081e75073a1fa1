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


def build(family: str, candidates: Sequence[Candidate], columns: Columns, seed: int) -> Pipeline:
    """Return the unfitted pipeline of one candidate of a family, or of the mean of several.

    The score of the mean is the mean of the candidates' scores. Raises ValueError for candidates
    that differ in their preprocessing.
    """
    prepare, _ = parts(candidates[0])
    if any(parts(candidate)[0] != prepare for candidate in candidates):
        raise ValueError("only candidates of one preprocessing can be averaged")
    module = find_family(family)
    members = [parts(candidate)[1] for candidate in candidates]
    if len(members) == 1:
        model = module.estimator(seed, **members[0])
    elif hasattr(module, "average"):
        model = module.average(seed, members)
    else:
        model = Average([module.estimator(seed, **member) for member in members])
    return Pipeline([("preprocessing", preprocessing(columns, **prepare)), ("model", model)])
