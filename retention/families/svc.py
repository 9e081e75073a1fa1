"""Support vector classifier."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field

from retention import families
from retention.harness.parameters import Values

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from sklearn.svm import SVC

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

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


def decisions(
    seed: int,
    members: "Sequence[dict[str, Any]]",
    train: "Floats",
    decline: "Integers",
    test: "Floats",
) -> "list[Floats]":
    """Return each candidate's decision values, from kernels that are computed once.

    Candidates that differ in C alone share the kernel, and all of them the products of rows.
    """
    from sklearn.svm import SVC

    products = train @ train.T, test @ train.T
    kernels: dict[tuple[Any, ...], tuple[Any, Any]] = {}
    scores = []
    for member in members:
        shape = {name: value for name, value in member.items() if name != "C"}
        key = tuple(shape.values())
        if key not in kernels:
            kernels[key] = _kernels(train, test, products, **shape)
        known, new = kernels[key]
        model = SVC(kernel="precomputed", C=member["C"], cache_size=500).fit(known, decline)
        scores.append(model.decision_function(new))
    return scores


def _kernels(
    train: "Floats",
    test: "Floats",
    products: "tuple[Floats, Floats]",
    kernel: str,
    gamma: Any = None,
    degree: int = 0,
) -> "tuple[Floats, Floats]":
    """Return the kernel between training rows, and of test rows with training rows."""
    import functools
    import operator

    import numpy as np
    from sklearn.metrics.pairwise import euclidean_distances

    if kernel == "linear":
        return products
    if gamma == "scale":
        gamma = 1 / (train.shape[1] * train.var())
    elif gamma == "auto":
        gamma = 1 / train.shape[1]
    match kernel:
        case "rbf":
            known, new = (
                np.exp(-gamma * euclidean_distances(rows, train, squared=True))
                for rows in (train, test)
            )
        case "poly":
            # Products are many times faster than numpy's power.
            known, new = (
                functools.reduce(operator.mul, [gamma * product] * degree) for product in products
            )
        case _:
            known, new = (np.tanh(gamma * product) for product in products)
    return known, new
