"""The contact list: whom to make which offer, and why, in the reader's language."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from retention.campaign.assumptions import Assumptions
from retention.campaign.measurement.returned import CONTROL
from retention.campaign.ranges import LEVELS
from retention.contract.columns import CUSTOMER_ID, PROBABILITY
from retention.texts import Texts

# Of the list, what was fixed when the control group was drawn (offers/plan.json).
FIXED = (
    CUSTOMER_ID,
    PROBABILITY,
    "profit",
    "segment",
    "offer",
    "channel",
    "group",
    "tired",
    "duplicates",
)
DIGITS = 4  # of numbers in the file
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def ranked(planned: pd.DataFrame) -> pd.DataFrame:
    """Return the customers of a plan, the most worthwhile contact first, the control group last.

    Without a known profit the most probable decliner comes first. Adds `rank`.
    """
    known = planned["expected_increment"].notna().any()
    order = "expected_increment" if known else PROBABILITY
    control = planned["group"] == CONTROL
    found = planned.assign(control=control).sort_values(
        ["control", order, CUSTOMER_ID], ascending=[True, False, True]
    )
    return found.drop(columns="control").assign(rank=np.arange(1, len(found) + 1))


def offer_texts(contacts: pd.DataFrame, customers: pd.DataFrame, texts: Texts) -> pd.DataFrame:
    """Return `offer_title`, `why` and `channel_title`, made out to each customer.

    `customers` has all that is known of the customers, whom the rows of `contacts` are among.
    """
    facts = customers.set_index(CUSTOMER_ID).loc[contacts[CUSTOMER_ID]].to_dict("records")
    rows = []
    for contact, known in zip(contacts.to_dict("records"), facts, strict=True):
        own = {
            str(name): texts.value(fact) if isinstance(fact, str) else texts.number(fact)
            for name, fact in {**known, **contact}.items()
        }
        rows.append(
            {
                "offer_title": texts.offer(contact["offer"], "title").format(**own),
                "why": texts.offer(contact["offer"], "why").format(**own),
                "channel_title": texts.channel(contact["channel"]),
            }
        )
    return pd.DataFrame(rows, columns=["offer_title", "why", "channel_title"], index=contacts.index)


def summary(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return the list by segment and offer, the largest increment first.

    Columns: `segment_title`, `offer_title` (the offer's name), `customers`, `contact` and
    `control`, mean `probability`, and the sums of `expected_increment` and `expected_cost` of those
    who are contacted.
    """
    contacted = contacts["group"] != CONTROL
    money = ("expected_increment", "expected_cost")
    sums = {name: contacts[name].where(contacted) for name in money}
    table = contacts.assign(contact=contacted, control=~contacted, customers=1, **sums)
    found = table.groupby(["segment_title", "offer_name"], as_index=False).agg(
        customers=("customers", "sum"),
        contact=("contact", "sum"),
        control=("control", "sum"),
        probability=(PROBABILITY, "mean"),
        expected_increment=("expected_increment", lambda values: values.sum(min_count=1)),
        expected_cost=("expected_cost", lambda values: values.sum(min_count=1)),
    )
    order = ["expected_increment", "customers", "segment_title", "offer_name"]
    return found.sort_values(order, ascending=[False, False, True, True], ignore_index=True)


def assumption_rows(assumptions: Assumptions, texts: Texts) -> pd.DataFrame:
    """Return each assumption in force: what it is of, its mean, its 5 % and 95 %, its origin."""
    rows = []
    for name, assumption in assumptions.by_name().items():
        low, high = assumption.quantile(np.array(LEVELS)).tolist()
        rows.append((texts.assumption(name), assumption.mean, low, high, assumption.origin))
    return pd.DataFrame(rows, columns=["assumption", "mean", "low", "high", "origin"])


def as_written(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as whoever reads its file sees it: every cell as text."""
    text = table.round(DIGITS).to_csv(index=False, lineterminator="\n")
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


def for_excel(table: pd.DataFrame, decimal: str) -> bytes:
    """Return a list as a CSV that a spreadsheet with this decimal point opens by a double click.

    Ids too are made `harmless` here: programs read the other list.
    """
    texts = [str(name) for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    shown = harmless(table.round(DIGITS), texts)
    text = shown.to_csv(index=False, sep=";", decimal=decimal, lineterminator="\n")
    # Excel takes a file for Unicode that begins with this mark.
    return text.encode("utf-8-sig")


def harmless(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the table with an apostrophe before texts that a spreadsheet takes for a formula."""

    def guarded(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and value.startswith(_DANGEROUS) else value

    return table.assign(**{name: table[name].map(guarded) for name in columns})
