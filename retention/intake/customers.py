"""What is checked of customers as a whole, their target, and who is left out."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from retention.contract import columns
from retention.contract.schema import CONTRACT_FILE, Check, Outcome, Tables, wide
from retention.harness.errors import UserError
from retention.intake.problems import Note
from retention.intake.reading import Table
from retention.rules import Rule


def implausible(
    customers: pd.DataFrame, tables: Mapping[str, Table], contract: Tables
) -> list[Note]:
    """Return a note for each column whose median looks like one in another unit."""
    notes = []
    for name, description in contract.items():
        for column, about in wide({name: description}).items():
            if about.plausible and column in customers:
                low, high = about.plausible
                median = float(customers[column].median())
                if not low <= median <= high:
                    unit = f" {about.unit}" if about.unit else ""
                    done = (
                        f"a median between {low:g} and {high:g}{unit} was expected: another unit?"
                    )
                    notes.append(
                        Note(
                            file=tables[name].file,
                            line=None,
                            column=column,
                            value=f"{median:g}",
                            done=done,
                            severity="warning",
                            table=name,
                        )
                    )
    return notes


def broken_checks(customers: pd.DataFrame, checks: Mapping[str, Check], place: Path) -> list[Note]:
    """Return a note for each of the contract's checks that some customers don't meet.

    Raises UserError where the check is an error.
    """
    notes = []
    for name, check in checks.items():
        where = f"{CONTRACT_FILE}: 'checks.{name}'"
        wrong = ~Rule(check.rule, None, where).holds(customers)
        if wrong.any():
            first = customers.loc[wrong, columns.CUSTOMER_ID].iloc[0]
            words = f"«{check.rule}» doesn't hold for {int(wrong.sum())} customers"
            if check.severity == "error":
                raise UserError(
                    f"{place}: {words}, the first is {first}: correct the files, or {where}."
                )
            count = int(wrong.sum())
            notes.append(
                Note(
                    file=place,
                    line=None,
                    column=columns.CUSTOMER_ID,
                    value=first,
                    done=words,
                    why=where,
                    severity="warning",
                    rows=count,
                    customer=first,
                )
            )
    return notes


def add_target(customers: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """Add `decline`: 1 where the outcome is the decline, else 0."""
    decline = (customers[outcome.column] == outcome.decline).astype("int64")
    return customers.assign(**{columns.DECLINE: decline})


def exclude(
    customers: pd.DataFrame, rules: Mapping[str, Rule]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split off the customers whom a rule excludes.

    Parameters
    ----------
    customers
        One row per customer.
    rules
        Reason → rule. The first reason counts, and of its alternatives the first that holds.

    Returns
    -------
    kept
        The customers that remain.
    excluded
        `customer_id`, `reason`, `column`, `value`: one row a customer, with the column that decided
        and what it holds.

    Raises UserError when nobody remains.

    """
    rows: dict[str, tuple[str, str, str, object]] = {}
    for reason, rule in rules.items():
        for alternative in rule.alternatives():
            hit = customers[alternative.holds(customers)]
            column = next(iter(sorted(alternative.named)), "")
            values = hit[column] if column else [""] * len(hit)
            for customer, value in zip(hit[columns.CUSTOMER_ID], values, strict=True):
                rows.setdefault(customer, (customer, reason, column, value))
    names = [columns.CUSTOMER_ID, "reason", "column", "value"]
    excluded = pd.DataFrame([rows[customer] for customer in sorted(rows)], columns=names)
    kept = customers[~customers[columns.CUSTOMER_ID].isin(excluded[columns.CUSTOMER_ID])]
    if kept.empty:
        counts = excluded["reason"].value_counts().sort_index()
        why = ", ".join(f"{count} for {reason}" for reason, count in counts.items())
        raise UserError(
            f"nobody is left of {len(customers)} customers, excluded {why}: check the files, and "
            f"'exclusions' in {CONTRACT_FILE} with the numbers of 'prepare' in params.yaml."
        )
    return kept.reset_index(drop=True), excluded
