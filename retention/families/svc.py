"""Support vector classifier."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field

from retention import families
from retention.parameters import Values

if TYPE_CHECKING:
    from sklearn.svm import SVC

_USED_BY = {"gamma": ("rbf", "poly", "sigmoid"), "degree": ("poly",)}


def _check_gamma(gamma: Any) -> Any:
    number = isinstance(gamma, int | float) and not isinstance(gamma, bool) and gamma > 0
    if not number and gamma not in ("scale", "auto"):
        raise ValueError("should be 'scale', 'auto' or a number greater than 0")
    return gamma


class Grid(families.Grid):
    """Hyperparameters of SVC."""

    kernel: Values[Literal["linear", "rbf", "poly", "sigmoid"]]
    C: Values[Annotated[float, Field(gt=0)]]
    gamma: Values[Annotated[Any, AfterValidator(_check_gamma)]]
    degree: Values[Annotated[int, Field(ge=1)]]

    def candidates(self) -> list[families.Candidate]:
        """Return every combination, without the hyperparameters that its kernel ignores."""
        kept = []
        for candidate in super().candidates():
            used = {
                name: value
                for name, value in candidate.items()
                if candidate["kernel"] in _USED_BY.get(name, (candidate["kernel"],))
            }
            if used not in kept:
                kept.append(used)
        return kept


def estimator(seed: int, **hyperparameters: Any) -> "SVC":
    """Return the unfitted classifier; without `probability`, nothing in it is random."""
    from sklearn.svm import SVC

    return SVC(cache_size=500, **hyperparameters)
