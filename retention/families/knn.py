"""Nearest neighbours."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from retention import families
from retention.harness.errors import UserError
from retention.harness.parameters import PARAMS_FILE, Values

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
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


def decisions(
    seed: int,
    members: "Sequence[dict[str, Any]]",
    train: "NDArray[np.float64]",
    decline: "NDArray[np.int64]",
    test: "NDArray[np.float64]",
) -> "list[NDArray[np.float64]]":
    """Return each candidate's probabilities of class 1, from neighbours that are found once.

    The k nearest neighbours are the first k of the nearest K: one query per metric answers all
    numbers of neighbours and both weightings.
    """
    import numpy as np
    from sklearn.neighbors import NearestNeighbors

    largest = max(member["n_neighbors"] for member in members)
    if largest > len(train):
        raise UserError(
            f"{PARAMS_FILE}: 'families.knn.n_neighbors' has {largest}, but a training fold has "
            f"{len(train)} customers: remove the larger values."
        )
    found = {}
    for p in {member["p"] for member in members}:
        most = max(member["n_neighbors"] for member in members if member["p"] == p)
        distance, index = NearestNeighbors(n_neighbors=most, p=p).fit(train).kneighbors(test)
        found[p] = distance, decline[index]
    scores = []
    for member in members:
        distance, labels = (part[:, : member["n_neighbors"]] for part in found[member["p"]])
        if member["weights"] == "uniform":
            scores.append(labels.mean(axis=1))
        else:
            # As scikit-learn: neighbours at distance zero, if there are any, decide alone.
            same = distance == 0
            near = 1 / np.where(same, 1, distance)
            weight = np.where(same.any(axis=1, keepdims=True), same, near)
            scores.append((weight * labels).sum(axis=1) / weight.sum(axis=1))
    return scores
