"""From the shop's raw tables to one row per customer."""

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from retention.contract import columns
from retention.contract.schema import CONTRACT_FILE, Check, Outcome, Repair, Tables, wide
from retention.contract.schema import Table as Description
from retention.harness.errors import UserError
from retention.intake.reading import Note, Table, same_word
from retention.rules import Rule


def unify(table: Table, known: Mapping[str, Iterable[str]]) -> Table:
    """Write values as they are known where only case, blanks or underscores differ.

    `known` maps columns to their values; a column that the table lacks is passed over.
    """
    rows, notes = table.rows.copy(), list(table.notes)
    for column, values in known.items():
        if column not in rows:
            continue
        words = {same_word(value): value for value in values}
        for found in sorted(set(rows[column]) - set(values)):
            if same_word(found) in words:
                hit = rows[column] == found
                meant = words[same_word(found)]
                notes.append(_note(table, column, found, meant, hit))
                rows.loc[hit, column] = meant
    return replace(table, rows=rows, notes=notes)


def _note(table: Table, column: str, found: str, meant: str, hit: "pd.Series[bool]") -> Note:
    line = table.line(int(hit.to_numpy().argmax()))
    return Note(table.file, line, column, found, f"read as '{meant}' in {int(hit.sum())} rows")


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
                    notes.append(Note(tables[name].file, None, column, f"{median:g}", done))
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
            notes.append(Note(place, None, columns.CUSTOMER_ID, first, words))
    return notes


def told(notes: Iterable[Note]) -> str:
    """Return the notes as lines for who runs the stage."""
    lines = []
    for one in notes:
        place = f"{one.file}" if one.line is None else f"{one.file}, line {one.line}"
        lines.append(
            f"{place}: {' '.join(filter(None, [one.column, repr(one.value)]))}: {one.done}\n"
        )
    return "".join(lines)


def findings(notes: Iterable[Note]) -> pd.DataFrame:
    """Return the notes as a table with the columns of `Note`.

    One row is one way in which values were understood, with the first line that has it; all of a
    file has none.
    """
    names = ["file", "line", "column", "value", "done"]
    found = [(str(one.file), one.line, one.column, one.value, one.done) for one in notes]
    return pd.DataFrame(found, columns=names).astype({"line": "Int64"})


def repair(table: Table, repairs: Iterable[Repair]) -> tuple[Table, dict[str, int]]:
    """Mend declared typos. Returns the table, and the number of mended rows by column."""
    rows, notes = table.rows.copy(), list(table.notes)
    counts: dict[str, int] = {}
    for typo in repairs:
        if typo.column in rows:
            hit = rows[typo.column] == typo.found
            rows.loc[hit, typo.column] = typo.meant
            counts[typo.column] = counts.get(typo.column, 0) + int(hit.sum())
            if hit.any():
                notes.append(_note(table, typo.column, typo.found, typo.meant, hit))
    return replace(table, rows=rows, notes=notes), counts


def check_labels(table: Table, description: Description, blank: Collection[str] = ()) -> None:
    """Raise UserError for a label or a period that the contract doesn't have.

    Columns in `blank` may also have none.
    """
    for name, column in description.columns.items():
        allowed = column.values or list((column.periods or {}).values())
        if allowed and name in table.rows:
            place = f"tables.{table.file.stem}.columns.{name} of {CONTRACT_FILE}"
            check_values(table, name, [*allowed, *([""] if name in blank else [])], place)


def check_values(table: Table, column: str, allowed: Sequence[str], declare: str) -> None:
    """Raise UserError for the first value of a column that isn't allowed.

    `declare` tells where a new value would have to be declared.
    """
    wrong = ~table.rows[column].isin(allowed)
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        value = str(table.rows[column].iloc[row])
        near = difflib.get_close_matches(value, allowed, n=1)
        hint = f" (did you mean '{near[0]}'?)" if near else ""
        count = int((table.rows[column] == value).sum())
        raise UserError(
            f"{table.file}, line {table.line(row)}: {column} is '{value}' in {count} rows, "
            f"expected one of: {', '.join(allowed)}{hint}; correct it, declare the typo in "
            f"repairs of {CONTRACT_FILE}, or declare the value in {declare}."
        )


def check_unique(table: Table, key: list[str]) -> None:
    """Raise UserError when two rows have the same key."""
    twice = table.rows.duplicated(key)
    if twice.any():
        row = int(twice.to_numpy().argmax())
        what = ", ".join(f"{name} {table.rows[name].iloc[row]}" for name in key)
        raise UserError(
            f"{table.file}, line {table.line(row)} repeats {what}: keep one row for each, or sum "
            "up the parts."
        )


def widen(table: Table, description: Description) -> pd.DataFrame:
    """Return one row per customer: values of a long table in a column a period, the oldest first.

    Raises UserError when a customer stands twice, lacks a period, or has it twice.
    """
    period = description.period
    check_unique(table, list(description.key))
    if period is None:
        return table.rows
    labels = description.columns[period].periods or {}
    # Without a suffix, the current month of two tables would be one column.
    suffix = {raw: name for name, raw in labels.items()}
    rows = table.rows.assign(**{period: table.rows[period].map(suffix)})
    parts = []
    for value in description.values:
        if value not in rows:
            continue
        part = rows.pivot(index=columns.CUSTOMER_ID, columns=period, values=value)
        part = part.reindex(columns=list(labels))
        lacking = part.isna().any(axis=1)
        if lacking.any():
            customer = lacking.index[int(lacking.to_numpy().argmax())]
            raise UserError(
                f"{table.file} lacks a period of customer {customer}: expected {len(labels)} rows "
                "for each customer; add the row."
            )
        part.columns = pd.Index([f"{value}_{name}" for name in part.columns])
        whole = pd.api.types.is_integer_dtype(rows[value])
        parts.append(part.astype("int64") if whole else part)
    return pd.concat(parts, axis=1).reset_index()


def join_customers(parts: Sequence[tuple[Table, pd.DataFrame]]) -> pd.DataFrame:
    """Join tables of one row per customer, which come with the file that they stem from.

    Raises UserError when a customer stands in one file and not in the other.
    """
    (first, rows), *others = parts
    customers = rows.sort_values(columns.CUSTOMER_ID, ignore_index=True)
    for source, table in others:
        _check_same_customers(first, customers, source, table)
        customers = customers.merge(table, on=columns.CUSTOMER_ID, validate="one_to_one")
    return customers


def _check_same_customers(
    market: Table, customers: pd.DataFrame, source: Table, table: pd.DataFrame
) -> None:
    ours = set(customers[columns.CUSTOMER_ID])
    theirs = set(table[columns.CUSTOMER_ID])
    for missing, here, there in (
        (ours - theirs, source.file, market.file),
        (theirs - ours, market.file, source.file),
    ):
        if missing:
            raise UserError(
                f"{here} lacks {len(missing)} customers of {there}, the first is "
                f"{min(missing)}: both files must have the same customers."
            )


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
