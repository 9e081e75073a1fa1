"""From the shop's columns to an array of floats, and back to the columns."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from retention.models.combinations import Combinations


class Columns(NamedTuple):
    """What a model may see.

    `behavioural` are the columns that say what customers do, `derived` the sums and differences
    that are made of numbers, as weights: what the subsets of a grid mean. Numbers among `imputed`
    may be missing.
    """

    numbers: Sequence[str]
    categories: Sequence[str]
    behavioural: Sequence[str] = ()
    derived: Mapping[str, Mapping[str, float]] = {}
    imputed: Sequence[str] = ()


_SCALERS = {"standard": StandardScaler, "min-max": MinMaxScaler, "robust": RobustScaler}


def preprocessing(
    columns: Columns, encoder: str, scaler: str, subset: str = "all"
) -> ColumnTransformer:
    """Return the unfitted transformer of the features to an array of floats.

    Of the columns, `subset` takes `all`; the `behavioural` numbers among them; or all, and what is
    derived of them (`engineered`).

    Numbers are scaled. Categories become 0/1 columns (`one-hot`), or codes in alphabetical order
    that are scaled like the numbers (`ordinal`): unscaled codes up to 5 would outweigh the rest.
    A category that training did not have gives zeros, or the code -1. Missing numbers are filled
    with the median of training.
    """
    numbers, categories, behavioural, derived, imputed = Columns(*columns)
    if subset == "behavioural":
        numbers, categories = [name for name in numbers if name in behavioural], []
    scale = _SCALERS[scaler]
    match encoder:
        case "one-hot":
            encode: Any = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        case "ordinal":
            unknown = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
            encode = make_pipeline(unknown, scale())
        case _:
            raise ValueError(f"unknown encoder {encoder!r}")

    def scaled() -> Any:
        fill = SimpleImputer(strategy="median", keep_empty_features=True)
        return make_pipeline(fill, scale()) if set(imputed) & set(numbers) else scale()

    steps = [("numbers", scaled(), list(numbers)), ("categories", encode, list(categories))]
    made = {name: dict(one) for name, one in derived.items() if set(one) <= set(numbers)}
    if subset == "engineered" and made:
        combined = make_pipeline(Combinations(made), scaled())
        steps.append(("engineered", combined, list(numbers)))
    return ColumnTransformer(steps, verbose_feature_names_out=False)


def column_positions(transformer: ColumnTransformer, columns: Sequence[str]) -> NDArray[np.intp]:
    """Return for each encoded column the position in `columns` of the one that it is made of.

    Raises ValueError for `engineered` columns, which are made of several.
    """
    owners: list[str] = []
    for name, step, names in transformer.transformers_:
        if isinstance(step, str) or not names:
            continue  # columns that are dropped, or none at all
        if name == "engineered":
            raise ValueError("engineered columns have no single owner")
        if name == "categories" and isinstance(step, OneHotEncoder):
            for column, values in zip(names, step.categories_, strict=True):
                owners += [column] * len(values)
        else:
            owners += list(names)
    return np.array([columns.index(owner) for owner in owners], dtype=np.intp)
