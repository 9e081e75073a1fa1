"""The truth behind the customers, which only a simulated store has."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.contract.columns import CUSTOMER_ID, PROBABILITY
from retention.harness.errors import UserError


def true_probability(customers: pd.DataFrame, truth: pd.DataFrame) -> NDArray[np.float64]:
    """Return the true probability of each customer, (customers,), from the table of `simulate`.

    Raises UserError for customers whom the table lacks.
    """
    known = truth.set_index(CUSTOMER_ID)[PROBABILITY].reindex(customers[CUSTOMER_ID])
    missing = int(known.isna().sum())
    if missing:
        raise UserError(
            f"data/demo/truth.csv lacks {missing} of the customers in data/customers.parquet: put "
            "your own files into data/raw, and make the demo store anew with `dvc repro --force "
            "simulate`."
        )
    return known.to_numpy(dtype=np.float64)
