"""The shop's folder: its tables as the contract describes them, and what was found on the way."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from retention.contract.schema import Check, Column, Repair, Tables
from retention.intake.customers import broken_checks, implausible
from retention.intake.problems import Note, refuse
from retention.intake.reading import collect
from retention.intake.widening import join_customers, widen


@dataclass(frozen=True)
class Source:
    """One row per customer, and how it came about.

    `customers` is sorted by id. `rows` counts those of each table, `ignored` the columns that were
    left out, `repaired` the mended rows by table and column; `notes` are findings.
    """

    customers: pd.DataFrame
    rows: dict[str, int]
    ignored: int
    repaired: dict[str, dict[str, int]]
    notes: list[Note]


def read_source(
    folder: Path,
    tables: Tables,
    repairs: Sequence[Repair],
    checks: Mapping[str, Check],
    *,
    without: str = "",
    outcome: str = "",
    blank: Collection[str] = (),
) -> Source:
    """Read the tables of a folder and join them.

    The column `without` isn't expected: the outcome that nobody knows yet. The `outcome` never has
    empty values, columns in `blank` may. Raises UserError, a sentence a line for each problem of
    any of the files.
    """
    read, problems = collect(
        folder, tables, repairs=repairs, without=without, outcome=outcome, blank=blank
    )
    parts = {name: widen(table, tables[name], problems) for name, table in read.items()}
    customers = join_customers(read, parts, problems)
    refuse(problems)
    notes = [note for table in read.values() for note in table.notes]
    notes += implausible(customers, read, tables)
    notes += broken_checks(customers, checks, folder)
    return Source(
        customers,
        {name: len(table.rows) for name, table in read.items()},
        sum(len(table.ignored) for table in read.values()),
        {name: table.repaired for name, table in read.items()},
        notes,
    )


def described(columns: Mapping[str, Column]) -> dict[str, Any]:
    """Return what a model has to know of the columns: their kinds and labels, not their ranges."""
    return {name: {"kind": one.kind, "values": one.values} for name, one in columns.items()}
