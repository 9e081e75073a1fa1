"""Discriminant analysis by Gaussian mixtures, see retention/models/mixture.py."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from retention import families
from retention.harness.parameters import Values

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from retention.models.mixture import MixtureClassifier

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


def decisions(
    seed: int,
    members: "Sequence[dict[str, Any]]",
    train: "NDArray[np.float64]",
    decline: "NDArray[np.int64]",
    test: "NDArray[np.float64]",
) -> "list[NDArray[np.float64]]":
    """Return each candidate's log-odds, from mixtures that are fitted once.

    Candidates that differ in the components of one class share the mixture of the other.
    """
    import numpy as np

    from retention.models.mixture import MixtureClassifier

    classes = [train[decline == label] for label in (0, 1)]
    prior = np.log(len(classes[1]) / len(classes[0]))
    densities: dict[tuple[Any, ...], Any] = {}
    scores = []
    for member in members:
        model = MixtureClassifier(random_state=seed, **member)
        keys = [(0, model.components_0, model.reg_covar), (1, model.components_1, model.reg_covar)]
        for key in keys:
            if key not in densities:
                label, components, _ = key
                densities[key] = model.fit_class(classes[label], components).score_samples(test)
        stayed, declined = (densities[key] for key in keys)
        scores.append(model.limited(declined - stayed + prior))
    return scores
