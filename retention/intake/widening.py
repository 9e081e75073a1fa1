"""From tables of a row a customer and period to one row per customer, nobody lost or doubled."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from retention.contract.columns import CUSTOMER_ID
from retention.contract.schema import Table as Description
from retention.intake.problems import COLUMN, Problem
from retention.intake.reading import Table


def widen(table: Table, description: Description, problems: list[Problem]) -> pd.DataFrame:
    """Return one row per customer: values of a long table in a column a period, the oldest first.

    Adds a problem when a customer stands twice, lacks a period, or has it twice: then the result
    has that customer once, with what was found first.
    """
    ids, who = _encoded(table.rows[CUSTOMER_ID])
    period = description.period
    if period is None:
        first = _first(table, description, who, len(ids), problems)
        return table.rows if len(first) == len(table.rows) else table.rows.iloc[first]
    periods = description.columns[period].periods or {}
    when = table.rows[period].map({raw: n for n, raw in enumerate(periods.values())})
    known = when.notna().to_numpy()  # an unknown one is a problem already
    cell = who[known] * len(periods) + when[known].to_numpy().astype(np.int64)
    rows = np.flatnonzero(known)
    first = rows[_first(table, description, cell, len(ids) * len(periods), problems, rows)]
    place = np.full(len(ids) * len(periods), -1)
    place[cell[np.searchsorted(rows, first)]] = first
    lacks = (place < 0).reshape(len(ids), -1)
    if lacks.any() and not {period, CUSTOMER_ID} & table.unsound:
        _lacking(table, ids, lacks, list(periods.values()), problems)
    place = np.maximum(place, 0).reshape(len(ids), -1)
    columns: dict[str, Any] = {CUSTOMER_ID: ids}
    for value in description.values:
        if value in table.rows:
            values = table.rows[value].to_numpy()
            for n, suffix in enumerate(periods):
                columns[f"{value}_{suffix}"] = values[place[:, n]]
    frame: pd.DataFrame = pa.table(columns).to_pandas()
    return frame


def _encoded(values: "pd.Series[str]") -> tuple[Any, NDArray[np.int64]]:
    """Return the distinct values as a pyarrow array, and the place in it of each row's."""
    encoded = pa.chunked_array(pa.array(values)).dictionary_encode().combine_chunks()
    return encoded.dictionary, encoded.indices.to_numpy().astype(np.int64)


def _first(
    table: Table,
    description: Description,
    key: NDArray[np.int64],
    keys: int,
    problems: list[Problem],
    rows: NDArray[np.intp] | None = None,
) -> NDArray[np.intp]:
    """Return the first place of each key in its order; add the problem of those that come again."""
    if len(key) == 0 or np.bincount(key, minlength=keys).max() == 1:
        return np.arange(len(key))
    _, first = np.unique(key, return_index=True)
    again = np.ones(len(key), bool)
    again[first] = False
    row = int(np.flatnonzero(again)[0] if rows is None else rows[again][0])
    if not set(description.key) & table.unsound:
        what = ", ".join(f"{name} {table.rows[name].iloc[row]}" for name in description.key)
        problems.append(
            Problem(
                file=table.file,
                wrong=f" repeats {what}",
                advice="keep one row for each, or sum up the parts",
                weight=COLUMN,
                line=table.line(row),
                column=CUSTOMER_ID,
                value=str(table.rows[CUSTOMER_ID].iloc[row]),
                rows=int(again.sum()),
                lines=table.counted,
                table=table.name,
            )
        )
    return np.sort(first)


def _lacking(
    table: Table,
    ids: Any,
    lacks: NDArray[np.bool_],
    labels: Sequence[str],
    problems: list[Problem],
) -> None:
    who = np.flatnonzero(lacks.any(axis=1))
    customer = str(ids[int(who[0])])
    periods = ", ".join(label for label, gone in zip(labels, lacks[who[0]], strict=True) if gone)
    more = f", and some of {len(who) - 1:,} more customers" if len(who) > 1 else ""
    wrong = f" lacks a period of customer {customer} ({periods}){more}"
    advice = f"each customer needs {len(labels)} rows: add what is missing"
    problems.append(
        Problem(table.file, wrong, advice, COLUMN, None, CUSTOMER_ID, customer, table=table.name)
    )


def join_customers(
    tables: Mapping[str, Table], parts: Mapping[str, pd.DataFrame], problems: list[Problem]
) -> pd.DataFrame:
    """Join tables of one row per customer, sorted by id.

    Adds a problem for each file that lacks customers of the first, or has others.
    """
    if not parts:
        return pd.DataFrame()
    (name, first), *others = parts.items()
    order = pc.sort_indices(pa.array(first[CUSTOMER_ID]))
    customers = first.take(order.to_numpy()).reset_index(drop=True)
    ids = pa.array(customers[CUSTOMER_ID])
    joined = [customers]
    for other, part in others:
        theirs = pa.array(part[CUSTOMER_ID])
        at = pc.index_in(ids, value_set=theirs)
        sound = CUSTOMER_ID not in tables[name].unsound | tables[other].unsound
        if sound and (at.null_count or len(theirs) != len(ids)):
            _others(tables[name], tables[other], ids, theirs, problems)
        place = pc.fill_null(at, 0).to_numpy()
        columns = part.drop(columns=CUSTOMER_ID)
        if len(columns):
            joined.append(columns.take(place).reset_index(drop=True))
    return pd.concat(joined, axis=1)


def _others(
    ours: Table, theirs: Table, our_ids: Any, their_ids: Any, problems: list[Problem]
) -> None:
    pairs = ((theirs, ours, our_ids, their_ids), (ours, theirs, their_ids, our_ids))
    for here, there, needed, known in pairs:
        missing = needed.filter(pc.invert(pc.is_in(needed, value_set=known)))
        if len(missing):
            # Filled up with zeros alone, they would be the same: a spreadsheet took them away.
            short = pc.utf8_ltrim(known, characters="0")
            zeros = pc.is_in(pc.utf8_ltrim(missing, characters="0"), value_set=short)
            advice = "both files must have the same customers"
            if pc.all(zeros).as_py():
                advice = f"{advice}: they differ in leading zeros, so export both the same way"
            wrong = f" lacks {len(missing):,} customers of {there.file.name}"
            wrong += f", the first is {pc.min(missing)}"
            problems.append(Problem(here.file, wrong, advice, COLUMN, rows=1, table=here.name))
