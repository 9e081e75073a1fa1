"""Gaussian process classifier with a squared exponential kernel."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from retention import families
from retention.harness.parameters import Values

if TYPE_CHECKING:
    from sklearn.gaussian_process import GaussianProcessClassifier


class Grid(families.Grid):
    """Hyperparameters of the kernel: its variance, and its length in units of scaled columns."""

    variance: Values[Annotated[float, Field(gt=0)]]
    length_scale: Values[Annotated[float, Field(gt=0)]]


def estimator(seed: int, variance: float, length_scale: float) -> "GaussianProcessClassifier":
    """Return the unfitted classifier; with the kernel given, nothing in it is random."""
    from sklearn.gaussian_process import GaussianProcessClassifier
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel

    kernel = ConstantKernel(variance) * RBF(length_scale)
    return GaussianProcessClassifier(kernel, optimizer=None, random_state=seed)
