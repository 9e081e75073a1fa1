"""Discriminant analysis by Gaussian mixtures, see retention/models/mixture.py."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from retention import families
from retention.harness.parameters import Values

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from retention.models.mixture import MixtureAverage, MixtureClassifier

_Components = Annotated[int, Field(ge=1)]


class Grid(families.Grid):
    """Hyperparameters of MixtureClassifier; class 0 stayed, class 1 declined."""

    components_0: Values[_Components]
    components_1: Values[_Components]
    reg_covar: Values[Annotated[float, Field(gt=0)]]


def estimator(seed: int, **hyperparameters: Any) -> "MixtureClassifier":
    """Return the unfitted classifier; the seed draws the starts of EM."""
    from retention.models.mixture import MixtureClassifier

    return MixtureClassifier(random_state=seed, **hyperparameters)


def average(seed: int, members: "Sequence[dict[str, Any]]") -> "MixtureAverage":
    """Return the unfitted mean of candidates, which share what they can."""
    from retention.models.mixture import MixtureAverage

    names = ("components_0", "components_1", "reg_covar")
    grid = [tuple(member[name] for name in names) for member in members]
    return MixtureAverage(grid, random_state=seed)


def decisions(
    seed: int,
    members: "Sequence[dict[str, Any]]",
    train: "NDArray[np.float64]",
    decline: "NDArray[np.int64]",
    test: "NDArray[np.float64]",
) -> "list[NDArray[np.float64]]":
    """Return each candidate's log-odds, from mixtures that are fitted once."""
    return list(average(seed, members).fit(train, decline).candidate_log_odds(test))
