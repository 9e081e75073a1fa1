"""What is known of customers in several files, joined by their id."""

import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE


def joined(customers: pd.DataFrame, *paths: str) -> pd.DataFrame:
    """Return id and outcome of the customers, joined by id with tables on disk (Parquet)."""
    table = customers[[CUSTOMER_ID, DECLINE]]
    for path in paths:
        table = table.merge(pd.read_parquet(path), on=CUSTOMER_ID, validate="1:1")
    return table
