"""Weighted sums of columns."""

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin


class Combinations(TransformerMixin, BaseEstimator):
    """Turns named columns of numbers into named weighted sums of them.

    Parameters
    ----------
    weights
        New column → weight of each column that it is made of.

    """

    feature_names_in_: NDArray[Any]

    def __init__(self, weights: dict[str, dict[str, float]]) -> None:
        self.weights = weights

    def fit(self, X: pd.DataFrame, y: object = None) -> Self:  # noqa: ARG002 - as in scikit-learn
        """Remember the columns' names."""
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        return self

    def transform(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the sums, shape (n, new columns)."""
        matrix = pd.DataFrame(self.weights).reindex(X.columns).fillna(0.0).to_numpy()
        return np.asarray(X.to_numpy(dtype=np.float64) @ matrix)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:  # noqa: ARG002
        """Return the new columns' names."""
        return np.asarray(list(self.weights), dtype=object)
