"""Customers with their scores, joined by id."""

import pandas as pd

from retention.contract.columns import CUSTOMER_ID, PREDICTED, PROBABILITY


def scored_customers(customers: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Return the customers with their scores."""
    columns = scores[[CUSTOMER_ID, PROBABILITY, PREDICTED]]
    return customers.merge(columns, on=CUSTOMER_ID, validate="one_to_one")


def same_customers(first: pd.DataFrame, second: pd.DataFrame) -> None:
    """Raise ValueError unless two tables have the same customers in the same rows."""
    if not first[CUSTOMER_ID].equals(second[CUSTOMER_ID]):
        raise ValueError("two tables of customers do not have the same customers in the same rows")
