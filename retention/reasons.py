"""The main reasons for a customer's probability of decline, in words.

A reason is a column that raises the model's log-odds for this customer. Its sentence says how the
customer's value compares with the others', never that the value is what makes the customer leave.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from retention.contract.columns import CUSTOMER_ID, LEVELS
from retention.contract.schema import NUMBERS, Column
from retention.texts import Texts

REASONS = 3

_COLUMNS = [CUSTOMER_ID, "rank", "column", "reason", "controllable", "log_odds"]


def find_reasons(
    log_odds: pd.DataFrame,
    features: pd.DataFrame,
    columns: Mapping[str, Column],
    reference: pd.DataFrame,
    *,
    least: float,
    controllable: Mapping[str, Sequence[str]],
    texts: Texts,
) -> pd.DataFrame:
    """Return each customer's reasons, up to three, the strongest first.

    `log_odds` (the SHAP values) and `features` have a row a customer, indexed by the id, and the
    same columns, which `columns` describes. Only columns that raise the log-odds by more than
    `least` (≥ 0) are reasons. Numbers are compared with those of the `reference` customers.
    `controllable` names for a column the levels that the shop can act on.

    Returns a row a reason: `customer_id`, `rank` from 1, `column`, `reason` (the sentence),
    `controllable` ("yes" or "no") and `log_odds`.
    """
    names = list(features.columns)
    numbers = [name for name in names if columns[name].kind in NUMBERS]
    strength = log_odds.loc[features.index, names].to_numpy()
    level = levels(features, numbers, reference)
    typical = reference[numbers].median()
    strongest = np.argsort(-strength, axis=1, kind="stable")[:, :REASONS]
    rows: list[tuple[Any, ...]] = []
    for row, customer in enumerate(features.index):
        for rank, place in enumerate(strongest[row], start=1):
            if not strength[row, place] > least:
                break
            name = names[place]
            found = str(level[name].iloc[row])
            value, usual = features[name].iloc[row], typical.get(name)
            sentence = texts.reason(name, found).format(
                value=_shown(value, columns[name], texts),
                typical=_shown(usual, columns[name], texts),
            )
            mark = "yes" if found in controllable.get(name, ()) else "no"
            rows.append((customer, rank, name, sentence, mark, strength[row, place]))
    return pd.DataFrame(rows, columns=_COLUMNS)


def uncontradicted(log_odds: pd.DataFrame, responses: pd.DataFrame) -> pd.DataFrame:
    """Return the SHAP values, 0 where the model's response to that column alone has another sign.

    A column may raise the risk on the mean over all coalitions of columns, and yet not this
    customer's: `responses` has the change of the log-odds against other customers' values of it.
    """
    return log_odds.where(log_odds * responses[log_odds.columns] > 0, 0.0)


def levels(features: pd.DataFrame, numbers: Sequence[str], reference: pd.DataFrame) -> pd.DataFrame:
    """Return where each value stands among the reference customers': low, typical or high.

    Low is the lowest quarter, high the highest, so that the words agree with what a reader would
    call few or many in this shop; a value equal to the median is typical even where so many
    customers share it that it is a quartile as well. A category's level is its value.
    """
    low, typical, high = LEVELS
    found = features.astype(str)
    for column in numbers:
        values = features[column]
        lower, median, upper = reference[column].quantile([0.25, 0.5, 0.75])
        below = (values <= lower) & (values < median)
        above = (values >= upper) & (values > median)
        found[column] = np.select([below, above], [low, high], typical)
    return found


def reason_columns(
    reasons: pd.DataFrame, customers: "pd.Series[str]", texts: Texts
) -> pd.DataFrame:
    """Return `reason_1` … `reason_3`, the controllable ones marked, and `reason_<k>_controllable`.

    `reasons` are those of `find_reasons`; the rows are as in `customers` (ids), "" where a customer
    has no such reason.
    """
    mark = texts.get("reasons", "controllable")
    wide = {}
    for rank in range(1, REASONS + 1):
        ranked = reasons[reasons["rank"] == rank].set_index(CUSTOMER_ID)
        controllable = ranked["controllable"].to_dict()
        shown = {
            customer: mark.format(reason=reason) if controllable[customer] == "yes" else reason
            for customer, reason in ranked["reason"].items()
        }
        wide[f"reason_{rank}"] = [shown.get(customer, "") for customer in customers]
        wide[f"reason_{rank}_controllable"] = [controllable.get(one, "") for one in customers]
    return pd.DataFrame(wide, index=customers.index)


def summarise(reasons: pd.DataFrame, customers: int, columns: Sequence[str]) -> dict[str, Any]:
    """Return how many of the `customers` have reasons, and how often each column is one.

    `controllable` is the share of customers with at least one controllable reason.
    """
    controllable = reasons.loc[reasons["controllable"] == "yes", CUSTOMER_ID].nunique()
    counts = reasons["column"].value_counts()
    return {
        "customers": customers,
        "at_least": {
            str(rank): int((reasons["rank"] == rank).sum()) for rank in range(1, REASONS + 1)
        },
        "controllable": controllable / customers,
        "by_column": {column: int(counts.get(column, 0)) for column in columns},
    }


def _shown(value: Any, column: Column, texts: Texts) -> str:
    if column.kind not in NUMBERS:
        return texts.value(str(value))
    if column.kind == "share":
        return texts.percent(float(value))
    return texts.number(float(value), column.shown_digits)
