"""Customers whose outcome nobody knows yet, scored by the model that ships."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from retention.contract.columns import CUSTOMER_ID, PREDICTED, PROBABILITY
from retention.explanation.shapley import Explanation, Task, explain, typical
from retention.harness.errors import UserError
from retention.models.blend import Blend

DECISION = Path("models/decision.json")


@dataclass(frozen=True)
class Shipped:
    """The model that ships, its threshold, and customers whom it learnt from.

    `known` (n, features) gives the background of explanations.
    """

    model: Blend
    threshold: float
    known: pd.DataFrame

    @property
    def features(self) -> list[str]:
        """The columns that the model sees, in order."""
        return list(self.known.columns)

    def scores(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Return `customer_id`, `probability` and `predicted_decline` of customers."""
        probability = self.model.predict_proba(customers[self.features])[:, 1]
        return pd.DataFrame(
            {
                CUSTOMER_ID: customers[CUSTOMER_ID].to_numpy(),
                PROBABILITY: probability,
                PREDICTED: probability >= self.threshold,
            }
        )

    def explained(
        self, customers: pd.DataFrame, *, background: int, permutations: int, seed: int
    ) -> Explanation:
        """Return the SHAP values and responses of customers; shows progress."""
        rows = customers[self.features].reset_index(drop=True)
        task = Task(self.model, rows, typical(self.model, self.known, background))
        return explain([task], permutations=permutations, seed=seed)


def check_model(decision: Mapping[str, Any], features: Mapping[str, Any], columns: Any) -> None:
    """Raise UserError where the model was made for other features, or under another contract.

    `decision` is models/decision.json, `features` those of params.yaml, `columns` what the contract
    says of them: name → kind and values.
    """
    for kind, names in features.items():
        _refuse_other(f"features.{kind}", decision["features"][kind], list(names))
    for name, learnt in decision["columns"].items():
        _refuse_other(f"the column {name}", learnt, columns.get(name))


def _refuse_other(what: str, learnt: object, asked: object) -> None:
    if learnt != asked:
        raise UserError(
            f"{DECISION}: the model was made with {what} = {_short(learnt)}, but params.yaml and "
            f"contract.yaml have {_short(asked)}: make it anew with `dvc repro`, or restore them."
        )


def _short(value: object) -> str:
    return "none" if value is None else str(value)


def parts(customers: pd.DataFrame, size: int) -> Iterator[pd.DataFrame]:
    """Yield the customers in parts of at most `size`."""
    for start in range(0, len(customers), size):
        yield customers.iloc[start : start + size].reset_index(drop=True)


def continuing(customers: pd.DataFrame, known: "pd.Series[str]") -> int:
    """Return how many of the customers the model has learnt from, in an earlier month."""
    return int(np.isin(customers[CUSTOMER_ID], known).sum())
