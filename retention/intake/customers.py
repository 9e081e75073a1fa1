"""From the four raw tables to one row per customer."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from retention.contract import columns
from retention.harness.errors import UserError
from retention.intake.reading import Note, Table, same_word
from retention.intake.values import known_values

# Thousand roubles a month: a median outside of it speaks of another unit.
PLAUSIBLE_PROFIT = (0.05, 100)


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


def implausible(customers: pd.DataFrame, table: Table) -> list[Note]:
    """Return a note where the profit of the customers looks like one in another unit."""
    low, high = PLAUSIBLE_PROFIT
    median = float(customers[columns.PROFIT].median())
    if low <= median <= high:
        return []
    expected = f"a median between {low} and {high} thousand roubles was expected: another unit?"
    return [Note(table.file, None, columns.PROFIT, f"{median:g}", expected)]


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


def repair(table: Table, typos: Iterable[tuple[str, str, str]]) -> tuple[Table, dict[str, int]]:
    """Mend declared typos, each a (column, found, meant).

    Returns the table, and the number of mended rows by column.
    """
    rows, notes = table.rows.copy(), list(table.notes)
    counts: dict[str, int] = {}
    for column, found, meant in typos:
        if column in rows:
            hit = rows[column] == found
            rows.loc[hit, column] = meant
            counts[column] = counts.get(column, 0) + int(hit.sum())
            if hit.any():
                notes.append(_note(table, column, found, meant, hit))
    return replace(table, rows=rows, notes=notes), counts


def check_market(market: Table, categories: Sequence[str]) -> None:
    """Raise UserError for a value of market_file.csv that nothing after it would understand."""
    for column, allowed in known_values(categories).items():
        if column in market.rows:
            own = column == "favourite_category"
            place = "prepare.categories" if own else "retention/contract/columns.py"
            check_values(market, column, allowed, place)


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
            f"prepare.repairs of params.yaml, or declare the value in {declare}."
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


def pivot_periods(table: Table, value: str, periods: Sequence[str]) -> pd.DataFrame:
    """Turn (customer, period, value) rows into one row per customer.

    Returns columns `customer_id`, `<value>_<period>` in the order of `periods`. Raises UserError
    when a customer lacks a period or has it twice.
    """
    check_unique(table, [columns.CUSTOMER_ID, "period"])
    # Without a suffix, «текущий_месяц» of revenue and of minutes would be one column.
    suffix = {raw: name for raw, name in columns.PERIODS.items() if name in periods}
    check_values(table, "period", list(suffix), "retention/contract/columns.py")
    wide = (
        table.rows.assign(period=table.rows["period"].map(suffix))
        .pivot(index=columns.CUSTOMER_ID, columns="period", values=value)
        .reindex(columns=list(periods))
    )
    lacking = wide.isna().any(axis=1)
    if lacking.any():
        customer = lacking.index[int(lacking.to_numpy().argmax())]
        raise UserError(
            f"{table.file} lacks a month of customer {customer}: expected {len(periods)} rows "
            "for each customer; add the row."
        )
    wide.columns = pd.Index([f"{value}_{name}" for name in wide.columns])
    if pd.api.types.is_integer_dtype(table.rows[value]):
        wide = wide.astype("int64")
    return wide.reset_index()


def join_customers(market: Table, others: Sequence[tuple[Table, pd.DataFrame]]) -> pd.DataFrame:
    """Join tables of one row per customer. `others` come with the file that they stem from.

    Raises UserError when a customer stands in one file and not in the other.
    """
    check_unique(market, [columns.CUSTOMER_ID])
    customers = market.rows.sort_values(columns.CUSTOMER_ID, ignore_index=True)
    for source, table in others:
        check_unique(Table(source.file, table, []), [columns.CUSTOMER_ID])
        _check_same_customers(market, customers, source, table)
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


def add_target(customers: pd.DataFrame) -> pd.DataFrame:
    """Add `decline`: 1 where the activity declined, 0 where it stayed."""
    decline = (customers[columns.ACTIVITY] == columns.DECLINED).astype("int64")
    return customers.assign(**{columns.DECLINE: decline})


def exclude(customers: pd.DataFrame, revenue_limit: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split off who wasn't a regular customer of all three months, and impossible revenue.

    Parameters
    ----------
    customers
        One row per customer with the three revenues, in roubles per month.
    revenue_limit
        Roubles per month; more than that in any month, or less than nothing, is impossible.

    Returns
    -------
    kept
        The customers that remain.
    excluded
        `customer_id`, `reason` (`impossible_revenue`, `no_revenue`), `column`, `value`: one row a
        customer, with the first column that decided.

    Raises UserError when nobody remains.

    """
    revenue = customers[list(columns.REVENUES)]
    reasons = {
        "impossible_revenue": (revenue < 0) | (revenue > revenue_limit),
        "no_revenue": revenue == 0,
    }
    found = [
        pd.DataFrame(
            {
                columns.CUSTOMER_ID: customers.loc[hit.any(axis=1), columns.CUSTOMER_ID],
                "reason": reason,
                "column": hit[hit.any(axis=1)].idxmax(axis=1) if hit.any(axis=None) else "",
                "value": revenue.where(hit).bfill(axis=1).iloc[:, 0][hit.any(axis=1)],
            }
        )
        for reason, hit in reasons.items()
    ]
    excluded = (
        pd.concat(found, ignore_index=True)
        .drop_duplicates(columns.CUSTOMER_ID)
        .sort_values(columns.CUSTOMER_ID, ignore_index=True)
    )
    kept = customers[~customers[columns.CUSTOMER_ID].isin(excluded[columns.CUSTOMER_ID])]
    if kept.empty:
        counts = excluded["reason"].value_counts().sort_index()
        why = ", ".join(f"{count} for {reason}" for reason, count in counts.items())
        raise UserError(
            f"nobody is left of {len(customers)} customers, excluded {why}: check the revenue in "
            "market_money.csv, and prepare.revenue_limit in params.yaml."
        )
    return kept.reset_index(drop=True), excluded
