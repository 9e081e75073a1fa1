"""From a text to a sheet: its separator, its header, and the columns below.

pyarrow reads what is plain, a hundred times as fast as one can in Python. What isn't (a line of
another length, a quote in an odd place) goes through the csv module, which tells where it stands.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from retention.contract.schema import Table
from retention.intake.cells import Cells, Sheet
from retention.intake.headers import (
    HEADER_WITHIN,
    SEP_LINE,
    header_among,
    lacking,
    likely_separator,
    rows_of,
    separators_that_fit,
)
from retention.intake.problems import COLUMN, FILE, Patch, Problem, Refused, quoted

_ODD_SEPARATOR = re.compile(r"[^\w\s\"',;|]| ")  # what else may stand between columns
_BATCH = 100_000  # rows that are Python texts at a time


@dataclass(frozen=True)
class _Head:
    separator: str
    line: int
    names: list[str]
    above: int


def lay_out(file: Path, content: bytes, name: str, table: Table, problems: list[Problem]) -> Sheet:
    """Return the sheet of a text in UTF-8.

    Lines of the wrong length are added to `problems` and left out. Raises Refused where nothing
    fits as a header.
    """
    head = _find_header(file, content, name, table)
    start = 0
    for _ in range(head.line):
        start = content.find(b"\n", start) + 1 or len(content)
    plain = _plain(content, start, head)
    if plain is not None:
        arrays, lines = plain
    else:
        text = content[start:].decode()
        arrays, lines = _careful(file, text, head, name, problems)
    cells = [Cells.of(array) for array in arrays]
    return Sheet(head.names, head.line, cells, lines, above=head.above)


def _first_lines(content: bytes, count: int) -> str:
    end = 0
    for _ in range(count):
        end = content.find(b"\n", end) + 1
        if not end:
            return content.decode()
    return content[:end].decode()


def _find_header(file: Path, content: bytes, name: str, table: Table) -> _Head:
    headers = [column.header for column in table.columns.values()]
    text = _first_lines(content, 3 * HEADER_WITHIN)
    above = 0
    if SEP_LINE.match(text.split("\n", 1)[0].strip()):
        # Excel's own line, which says how the file is written: the header shows it, too.
        above, text = 1, text.partition("\n")[2]
    fitting = separators_that_fit(text, headers)
    used = table.separator or (fitting[0] if fitting else likely_separator(text, headers))
    found = header_among(text, headers, used)
    if found is not None:
        return _Head(used, found.line + above, found.names, found.above)
    if fitting:
        wrong = f" separates columns by {_shown(fitting[0])}, but {_shown(used)} is declared"
        patch = Patch(f"tables.{name}", f"separator: {quoted(fitting[0])}")
        advice = f"remove 'separator' of tables.{name}"
        raise Refused(Problem(file, wrong, advice, FILE, table=name, patches=(patch,)))
    odd = separators_that_fit(text, headers, sorted(set(_ODD_SEPARATOR.findall(text))))
    if len(headers) > 1 and odd:
        wrong = f" separates columns by {_shown(odd[0])}, which is too rare to be taken for granted"
        patch = Patch(f"tables.{name}", f"separator: {quoted(odd[0])}")
        advice = "export it with ';'"
        raise Refused(Problem(file, wrong, advice, FILE, table=name, patches=(patch,)))
    try:
        rows = [(line + above, names) for line, names in rows_of(text, used)]
    except csv.Error:
        rows = [(n, line.split(used)) for n, line in enumerate(text.split("\n"), start=1 + above)]
    raise lacking(file, name, rows[:HEADER_WITHIN], table.columns, used)


def _shown(separator: str) -> str:
    return "tabs" if separator == "\t" else f"'{separator}'"


def _plain(content: bytes, start: int, head: _Head) -> tuple[list[Any], Sequence[int]] | None:
    """Return columns of texts, and the line of each row, where nothing odd is in the way."""
    if start >= len(content) or not _quotes_are_plain(content, start, head.separator):
        return None
    names = [str(place) for place in range(len(head.names))]
    try:
        found = pyarrow.csv.read_csv(
            pa.BufferReader(pa.py_buffer(content).slice(start)),
            read_options=pyarrow.csv.ReadOptions(column_names=names),
            parse_options=pyarrow.csv.ParseOptions(delimiter=head.separator),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    below = head.line + 1
    count = content.count(b"\n", start) + (not content.endswith(b"\n"))
    if count == found.num_rows:
        return found.columns, range(below, below + count)
    ends = np.flatnonzero(np.frombuffer(content, np.uint8, offset=start) == ord("\n"))
    ends = np.append(ends, len(content) - start)
    written = np.flatnonzero(np.diff(ends, prepend=-1) > 1)
    if len(written) != found.num_rows:
        return None
    return found.columns, (written + below).tolist()


def _quotes_are_plain(content: bytes, start: int, separator: str) -> bool:
    """Return whether quotes stand at the edges of values alone, with no line end inside."""
    if content.find(b'"', start) < 0:
        return True
    data = np.frombuffer(content, np.uint8, offset=start)
    at = np.flatnonzero(data == ord('"'))
    if len(at) % 2:
        return False
    opening, closing = at[::2], at[1::2]
    edges = (ord(separator), ord("\n"), ord('"'))
    padded = np.concatenate([[ord("\n")], data, [ord("\n")]])
    if not np.isin(padded[opening], edges).all() or not np.isin(padded[closing + 2], edges).all():
        return False
    ends = np.flatnonzero(data == ord("\n"))
    return not (np.searchsorted(at, ends) % 2).any()


def _careful(
    file: Path,
    text: str,
    head: _Head,
    name: str,
    problems: list[Problem],
) -> tuple[list[Any], list[int]]:
    """Return columns of texts, and the line of each row, by the csv module."""
    width = len(head.names)
    # A value that is left out within shifts the others: only unnamed columns may be left out.
    needed = max(place for place, one in enumerate(head.names) if one)
    lines: list[int] = []
    odd: list[tuple[int, int]] = []
    batches: list[list[Any]] = []
    batch: list[list[str]] = []
    for line, values in _rows(file, text, head, name, problems):
        if not any(value and not value.isspace() for value in values):
            continue  # blank, or what Excel leaves of a deleted row
        long = len(values) > width and any(value.strip() for value in values[width:])
        if long or len(values) <= needed:
            odd.append((line, len(values)))
            continue
        lines.append(line)
        batch.append(values[:width] + [""] * (width - len(values)))
        if len(batch) == _BATCH:
            batches.append([pa.array(column) for column in zip(*batch, strict=True)])
            batch = []
    if batch:
        batches.append([pa.array(column) for column in zip(*batch, strict=True)])
    if odd:
        problems.append(_ragged(file, odd, width, head, name))
    columns = [
        pa.chunked_array([one[place] for one in batches], pa.string()) for place in range(width)
    ]
    return columns, lines


def _rows(
    file: Path, text: str, head: _Head, name: str, problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows, each with the line that it begins in, up to a quote that is never closed."""
    # Blanks that align columns may stand behind a closing quote, as they may before an opening one.
    text = re.sub(f'" +(?={re.escape(head.separator)}|\n|$)', '"', text)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=head.separator, skipinitialspace=True, strict=True
    )
    begins = head.line + 1
    try:
        for values in reader:
            yield begins, values
            begins = head.line + 1 + reader.line_num
    except csv.Error:
        wrong = " has a quote that is never closed, or one inside of a value"
        advice = "double quotes inside of a value, or export the file again"
        problems.append(Problem(file, wrong, advice, COLUMN, begins, table=name))


def _ragged(file: Path, odd: list[tuple[int, int]], width: int, head: _Head, name: str) -> Problem:
    line, count = odd[0]
    wrong = f" has {count} values, but its header has {width}"
    advice = "correct the line"
    if count > width and head.separator == ",":
        advice += ", or export the file with ';' where numbers have a decimal comma"
    return Problem(file, wrong, advice, COLUMN, line, rows=len(odd), table=name)
