"""The shop's files: found, read and checked as the contract describes them.

How a file is written is found where only one reading makes sense, and refused where several do.
What was understood otherwise than it stands is noted, and all problems of all files are told at
once. Columns get our names, in the order of the contract.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from retention.contract.schema import CONTRACT_FILE, NUMBERS, Column, Repair, wide
from retention.contract.schema import Table as Description
from retention.harness.errors import UserError
from retention.intake.cells import Cells, Sheet, is_ascii
from retention.intake.decoding import decode, read_bytes, unsure
from retention.intake.headers import fits
from retention.intake.ids import TOTAL, TOTALS, read_ids
from retention.intake.labels import read_labels
from retention.intake.layout import lay_out
from retention.intake.marks import read_marks
from retention.intake.numbers import Numbers
from retention.intake.parquet import read_parquet
from retention.intake.places import find_file, missing_folder
from retention.intake.problems import Note, Problem, Refused, refuse
from retention.intake.quantities import read_quantities
from retention.intake.spots import Spots
from retention.intake.words import SAME, same_word
from retention.intake.workbooks import read_workbook


@dataclass(frozen=True)
class Table:
    """One file: `rows` under our names, the columns that were left out, and what to tell.

    Ids and labels are texts, numbers int64 or float64. `lines` has the line in the file of each
    row; without it, rows follow the header in line 1. `repaired` counts rows by column.
    """

    file: Path
    rows: pd.DataFrame
    ignored: list[str]
    lines: Sequence[int] = ()
    notes: list[Note] = field(default_factory=list)
    repaired: dict[str, int] = field(default_factory=dict)
    counted: str = "line"
    name: str = ""
    # Columns of which something is wrong: what is told of the table then is not all there is.
    unsound: frozenset[str] = frozenset()

    def line(self, row: int) -> int:
        """Return the line in the file of the row at a position in `rows`."""
        return self.lines[row] if len(self.lines) else row + 2


# What a row of totals may be called: looked at one by one.
_TITLE = f"(?i)({TOTALS}).*"


def collect(
    folder: Path,
    tables: Mapping[str, Description],
    *,
    repairs: Sequence[Repair] = (),
    without: str = "",
    outcome: str = "",
    blank: Collection[str] = (),
) -> tuple[dict[str, Table], list[Problem]]:
    """Return the tables of a folder that could be read, if with problems, and all problems.

    A table is NAME.csv, .csv.gz, .xlsx or .parquet. See `read_table` for the options.
    """
    if not folder.is_dir():
        return {}, [missing_folder(folder, tables)]
    read: dict[str, Table] = {}
    problems: list[Problem] = []
    for name, table in tables.items():
        try:
            file = find_file(folder, name)
            read[name], found = read_file(
                file, name, table, repairs=repairs, without=without, outcome=outcome, blank=blank
            )
            problems += found
        except Refused as refused:
            problems += _swapped(refused, name, tables) or refused.problems
    return read, problems


def read_table(
    file: Path,
    table: Description,
    *,
    repairs: Sequence[Repair] = (),
    without: str = "",
    outcome: str = "",
    blank: Collection[str] = (),
) -> Table:
    """Read one file as the contract describes it.

    The column `without` isn't expected: the outcome that nobody knows yet. Columns in `blank`,
    named as in the table of customers (a long table's with all of their periods), may have empty
    values, which become nan in numbers and stay "" elsewhere; the `outcome` never has any.
    `repairs` are typos that are mended. Raises UserError, a sentence a line for each problem.
    """
    name = file.name.removesuffix(".gz").rpartition(".")[0]
    try:
        read, problems = read_file(
            file, name, table, repairs=repairs, without=without, outcome=outcome, blank=blank
        )
    except FileNotFoundError as error:
        raise UserError(f"{file} is missing: put the shop's file there.") from error
    except Refused as refused:
        problems = list(refused.problems)
    refuse(problems)
    return read


def read_file(
    file: Path,
    name: str,
    table: Description,
    *,
    repairs: Sequence[Repair] = (),
    without: str = "",
    outcome: str = "",
    blank: Collection[str] = (),
) -> tuple[Table, list[Problem]]:
    """Return the table `name`, and what is wrong with it. Raises Refused where it isn't one."""
    wanted = {ours: one for ours, one in table.columns.items() if ours != without}
    table = table.model_copy(update={"columns": wanted})
    problems: list[Problem] = []
    notes: list[Note] = []
    doubt: list[Problem] = []
    if file.suffix == ".xlsx":
        sheet = read_workbook(file, name, wanted)
    elif file.suffix == ".parquet":
        sheet = read_parquet(file, name, wanted)
    else:
        text = decode(file, read_bytes(file, name), name, table)
        sheet = lay_out(file, text.content, name, table, problems)
        notes += text.notes
        doubt += [unsure(text, file, name)] if text.unsure else []
    spots = Spots(file, name, sheet, notes, problems, become=_become(table, outcome))
    places, ignored = _places(spots, wanted)
    spots.sheet = sheet = _customers(spots, wanted, places)
    cells = {ours: sheet.columns[place] for ours, place in places.items()}
    if doubt and not all(is_ascii(one) for one in cells.values()):
        raise Refused(*doubt)
    rows, repaired = _convert(spots, table, cells, repairs, blank)
    # Where lines can't be read at all, their customers are missing, and nobody need be told again.
    [ours] = [one for one, column in wanted.items() if column.kind == "id"]
    unsound = frozenset(one.column or ours for one in spots.problems)
    read = Table(file, rows, ignored, sheet.lines, notes, repaired, sheet.counted, name, unsound)
    return read, problems


def _become(table: Description, outcome: str) -> dict[str, list[str]]:
    """Return for each column that may have blanks what it becomes: one a period in a long table.

    Neither the key nor the outcome may: who has none would pass for one who stayed.
    """
    columns = wide({"": table})
    return {
        ours: [name for name, one in columns.items() if one is table.columns[ours]]
        for ours in table.values
        if ours != outcome
    }


def _swapped(refused: Refused, name: str, tables: Mapping[str, Description]) -> list[Problem]:
    """Return the problem of a file that has the columns of another table, if it has."""
    for other, table in tables.items():
        headers = [column.header for column in table.columns.values()]
        if other != name and refused.header and fits(refused.header, headers):
            wrong = f" has the columns of {other}, not of {name}"
            file = refused.problems[0].file
            return [Problem(file, wrong, "were two files swapped?", table=name)]
    return []


def _places(spots: Spots, wanted: Mapping[str, Column]) -> tuple[dict[str, int], list[str]]:
    """Return the place of each wanted column, and the columns that are left out."""
    sheet, places = spots.sheet, {}
    if sheet.above:
        done = "the header is here, lines above are left out"
        _note_header(spots, "", "", done, "the first line with all columns")
    for ours, column in wanted.items():
        exact = [n for n, one in enumerate(sheet.names) if one == column.header]
        word = same_word(column.header)
        alike = [n for n, one in enumerate(sheet.names) if same_word(one) == word]
        fitting = exact if len(exact) == 1 else alike
        if len(fitting) > 1:
            wrong = f" has the column '{column.header}' twice in its header"
            raise Refused(Problem(spots.file, wrong, "remove one of them", table=spots.table))
        places[ours] = fitting[0]
        found = sheet.names[fitting[0]]
        if found != column.header:
            _note_header(spots, ours, found, f"read as '{column.header}'", SAME)
    taken = set(places.values())
    ignored = []
    for place, one in enumerate(sheet.names):
        if place not in taken and (one or not sheet.columns[place].empty().all()):
            ignored.append(one)
            _note_header(spots, one, one, "left out", f"not in {CONTRACT_FILE}")
    return places, ignored


def _note_header(spots: Spots, column: str, value: str, done: str, why: str) -> None:
    line = spots.sheet.header or None
    spots.notes.append(Note(spots.file, line, column, value, done, why, table=spots.table))


def _customers(spots: Spots, wanted: Mapping[str, Column], places: Mapping[str, int]) -> Sheet:
    """Return the sheet without blank rows, totals and repeated headers. Raises Refused if empty."""
    sheet = spots.sheet
    [ours] = [one for one, column in wanted.items() if column.kind == "id"]
    cells = sheet.columns[places[ours]]
    keep = np.ones(len(cells.codes), bool)
    blank = np.flatnonzero(cells.empty())
    titles = dict.fromkeys(blank.tolist(), "")
    for column in sheet.columns if len(blank) else []:
        for row in blank[~column.empty()[blank]].tolist():
            titles[row] = titles[row] or column.at(row)
    keep[[row for row, title in titles.items() if not title]] = False
    texts = cells.texts.to_pylist() if cells.matching(_TITLE).any() else []
    totals = cells.rows(cells.among([n for n, text in enumerate(texts) if TOTAL.match(text)]))
    totals = np.sort(
        np.append(totals, [row for row, title in titles.items() if TOTAL.match(title)])
    ).astype(int)
    if len(totals):
        title = cells.at(int(totals[0])) or titles[int(totals[0])]
        spots.problem(ours, totals, title, f" is a total ('{title}')", "remove the line")
    again = cells.rows(cells.matching(re.escape(wanted[ours].header)))
    spots.note(ours, again, wanted[ours].header, "left out", "the header once more")
    keep[totals] = keep[again] = False
    if not keep.any() and spots.problems:
        raise Refused(*spots.problems)
    if not keep.any():
        wrong = " has no rows: expected a header and one row a customer or period"
        raise Refused(Problem(spots.file, wrong, "put the shop's file there", table=spots.table))
    return sheet if keep.all() else sheet.keep(keep)


def _convert(
    spots: Spots,
    table: Description,
    cells: Mapping[str, Cells],
    repairs: Sequence[Repair],
    blanks: Collection[str],
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the rows under our names, and how many values were repaired by column."""
    columns: dict[str, Any] = {}
    repaired = {}
    for ours, column in table.columns.items():
        if column.kind == "id":
            spots.ids = read_ids(spots, ours, column.header, cells[ours])
            columns[ours] = spots.ids.texts.take(pa.array(spots.ids.codes))
    numbers = {
        ours: Numbers(column.kind, cells[ours])
        for ours, column in table.columns.items()
        if column.kind in NUMBERS
    }
    read_marks(spots, numbers, table.decimal)
    for ours, column in table.columns.items():
        become = spots.become.get(ours, ())
        blank = bool(become) and set(become) <= set(blanks)
        if column.kind in NUMBERS:
            columns[ours] = read_quantities(spots, ours, column, numbers[ours], blank=blank)
        elif column.kind != "id":
            columns[ours], count = read_labels(
                spots, ours, column, cells[ours], repairs, blank=blank
            )
            if any(one.column == ours for one in repairs):
                repaired[ours] = count
    frame = pa.table({ours: columns[ours] for ours in table.columns}).to_pandas()
    return frame, repaired
