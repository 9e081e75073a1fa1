"""The main reasons for a customer's probability, in words."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention.texts import Texts


def main_reasons(
    shap_values: pd.DataFrame,
    features: pd.DataFrame,
    numbers: Sequence[str],
    count: int,
    least: float,
    texts: Texts,
) -> pd.DataFrame:
    """Return `reason_1` … `reason_<count>`: what raises each customer's probability most.

    Only columns that raise the probability by at least `least` (and by more than nothing) are
    reasons; where fewer than `count` do, the rest is empty. A number stands beside the median of
    all customers.
    """
    typical = features[list(numbers)].median()
    columns = list(features.columns)
    strength = shap_values[columns].to_numpy()
    strongest = np.argsort(-strength, axis=1, kind="stable")[:, :count]
    rows = [
        [
            _sentence(columns[k], features[columns[k]].iloc[row], typical, texts)
            if strength[row, k] >= least and strength[row, k] > 0
            else ""
            for k in order
        ]
        for row, order in enumerate(strongest)
    ]
    names = [f"reason_{k}" for k in range(1, count + 1)]
    return pd.DataFrame(rows, columns=names, index=features.index)


def _sentence(column: str, value: object, typical: "pd.Series[float]", texts: Texts) -> str:
    label = texts.column(column)
    if column not in typical:
        return texts.get("reasons", "category").format(label=label, value=texts.value(str(value)))
    return texts.get("reasons", "number").format(
        label=label,
        value=texts.number(float(str(value))),
        typical=texts.number(float(typical[column])),
    )
