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


def build(family: str, candidate: Candidate, columns: Columns, seed: int) -> Pipeline:
    """Return the unfitted pipeline of one candidate of a family."""
    prepare, hyperparameters = parts(candidate)
    model = find_family(family).estimator(seed, **hyperparameters)
    return Pipeline([("preprocessing", preprocessing(columns, **prepare)), ("model", model)])


def build_average(
    family: str, candidates: Sequence[Candidate], columns: Columns, seed: int
) -> Pipeline | Average:
    """Return the unfitted model whose score is the mean over candidates of a family.

    Candidates of one preprocessing share it; where there are several, the mean is over pipelines.
    Raises ValueError for an unequal number of candidates by preprocessing.
    """
    groups: dict[tuple[str, ...], list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(tuple(parts(candidate)[0].values()), []).append(candidate)
    if len({len(group) for group in groups.values()}) != 1:
        raise ValueError(f"{family}: an average needs as many candidates of each preprocessing")
    pipelines = []
    for group in groups.values():
        prepare, _ = parts(group[0])
        model = _average(family, [parts(candidate)[1] for candidate in group], seed)
        steps = [("preprocessing", preprocessing(columns, **prepare)), ("model", model)]
        pipelines.append(Pipeline(steps))
    return pipelines[0] if len(pipelines) == 1 else Average(pipelines)


def _average(family: str, members: Sequence[dict[str, Any]], seed: int) -> Any:
    """Return the unfitted classifier whose score is the mean over hyperparameters of a family."""
    module = find_family(family)
    if len(members) > 1 and hasattr(module, "average"):
        return module.average(seed, members)
    estimators = [module.estimator(seed, **member) for member in members]
    return estimators[0] if len(estimators) == 1 else Average(estimators)
