"""Discriminant analysis by Gaussian mixtures, see retention/estimators/mixture.py."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from retention import families
from retention.parameters import Values

if TYPE_CHECKING:
    from retention.estimators.mixture import MixtureClassifier

_Components = Annotated[int, Field(ge=1)]


class Grid(families.Grid):
    """Hyperparameters of MixtureClassifier; class 0 stayed, class 1 declined."""

    components_0: Values[_Components]
    components_1: Values[_Components]
    reg_covar: Values[Annotated[float, Field(gt=0)]]


def estimator(seed: int, **hyperparameters: Any) -> "MixtureClassifier":
    """Return the unfitted classifier; the seed draws the starts of EM."""
    from retention.estimators.mixture import MixtureClassifier

    return MixtureClassifier(random_state=seed, **hyperparameters)
