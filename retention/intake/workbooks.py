"""From an Excel workbook to a sheet: the one that has the header, its cells as they are shown."""

import datetime as dt
import io
import itertools
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa

from retention.contract.schema import Column
from retention.intake.cells import Cells, Sheet
from retention.intake.headers import HEADER_WITHIN, fits, lacking
from retention.intake.problems import Problem, Refused
from retention.intake.signatures import ZIP, refuse_other
from retention.intake.words import clean, same_word

_ROWS = 1_048_576  # of a sheet, as Excel has them
_ZEROS = re.compile(r"^0+$")  # a number format that shows leading zeros
_LARGEST = 1e15  # a spreadsheet keeps fifteen digits


def read_workbook(file: Path, name: str, wanted: Mapping[str, Column]) -> Sheet:
    """Return the sheet that has the header. Raises Refused where there is none, or several."""
    headers = [column.header for column in wanted.values()]
    raw = file.read_bytes()
    refuse_other(file, raw, name, ZIP)
    try:
        with warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
            heads = {one.title: _head(one) for one in book.worksheets}
            found = {
                title: next((row for row in rows if fits(row[1], headers)), None)
                for title, rows in heads.items()
            }
            fitting = {title: row for title, row in found.items() if row is not None}
            if len(fitting) == 1:
                [(title, (line, names))] = fitting.items()
                return _sheet(book[title], line, names)
    except Exception as error:  # whatever a broken file makes of a zip, of XML, or of openpyxl
        wrong = " can't be opened as a workbook"
        raise Refused(Problem(file, wrong, "save it again as .xlsx", table=name)) from error
    if fitting:
        sheets = " and ".join(f"'{title}'" for title in fitting)
        wrong = f" has the table in several sheets, {sheets}"
        raise Refused(Problem(file, wrong, "keep one of them", table=name))
    sought = set(map(same_word, headers))
    rows = max(heads.values(), key=lambda rows: _most(rows, sought), default=[])
    raise lacking(file, name, rows, wanted)


def _most(rows: list[tuple[int, list[str]]], sought: set[str]) -> tuple[int, int]:
    fit = max((len(sought & set(map(same_word, names))) for _, names in rows), default=0)
    return fit, len(rows)


def _rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    sheet.reset_dimensions()  # which other programs leave out, or get wrong
    yield from enumerate((list(row) for row in itertools.islice(sheet.iter_rows(), _ROWS)), start=1)


def _head(sheet: Any) -> list[tuple[int, list[str]]]:
    rows = itertools.islice(_rows(sheet), HEADER_WITHIN)
    return [(line, [clean(_text(cell)[0]) for cell in row]) for line, row in rows]


def _sheet(sheet: Any, header: int, names: list[str]) -> Sheet:
    rows = [(line, row) for line, row in _rows(sheet) if line > header]
    rows = [(line, row) for line, row in rows if any(cell.value is not None for cell in row)]
    width = max([len(names), *(len(row) for _, row in rows)])
    names = names + [""] * (width - len(names))
    columns = []
    for place in range(width):
        cells = [row[place] if place < len(row) else None for _, row in rows]
        columns.append(_column(cells))
    return Sheet(names, header, columns, [line for line, _ in rows], "row", header - 1)


def _column(cells: list[Any]) -> Cells:
    distinct: dict[tuple[str, bool], int] = {}
    codes = np.zeros(len(cells), np.int64)
    numbers: list[float] = []
    for row, cell in enumerate(cells):
        text, number = _text(cell)
        key = (text, number is not None)
        if key not in distinct:
            numbers.append(float("nan") if number is None else number)
        codes[row] = distinct.setdefault(key, len(distinct))
    texts = pa.array([text for text, _ in distinct], pa.string())
    return Cells(texts, codes, np.array(numbers, float))


def _text(cell: Any) -> tuple[str, float | None]:
    """Return what a cell shows, and its value if it is a number."""
    value = None if cell is None else cell.value
    match value:
        case None:
            return "", None
        case bool():
            return str(value), None
        case int():
            zeros = str(getattr(cell, "number_format", ""))
            text = str(value).zfill(len(zeros)) if _ZEROS.match(zeros) else str(value)
            return text, float(value) if abs(value) < 10**300 else float("inf")
        case float():
            whole = value.is_integer() and abs(value) < _LARGEST
            return str(int(value)) if whole else repr(value), value
        case dt.datetime() | dt.date() | dt.time():
            return str(value), None
        case _:
            return clean(str(value)), None
