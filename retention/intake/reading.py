"""The shop's four files: read as text, then checked and converted column by column.

How a file is written is found where only one reading makes sense, and refused where two do. What
was found, mended or left out is told in `Table.notes`. Columns get the names of contract.yaml, in
its order. Each error names the file, the line as an editor counts it, what
was expected and what to do.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from retention.contract.schema import NUMBERS, Column
from retention.contract.schema import Table as Description
from retention.harness.errors import UserError

FIND = ""  # a separator or a decimal mark that the file itself shows
_SEPARATORS = (",", ";", "\t", "|")
# Where Cyrillic isn't UTF-8: taken when the header makes sense in one of them only.
_ENCODINGS = ("cp1251", "koi8-r", "cp866", "utf-16-le", "utf-16-be")
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# What isn't a table at all, by how it begins.
_OTHER_FILES = {
    b"PK\x03\x04": "an Excel workbook with the name .csv: save it as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook with the name .csv: save it as CSV UTF-8",
    b"version https://git-lfs": "a pointer of Git LFS, not the file: fetch it with git lfs pull",
    b"<!doctype html": "a web page, not a table: export the table again",
    b"<html": "a web page, not a table: export the table again",
}
_SEP_LINE = re.compile(r'^"?sep=(.)"?$', re.IGNORECASE)
_NUMBER = re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,2})?$", re.ASCII)
_GROUPED = re.compile(r"^[-+]?\d{1,3}( \d{3})+([.,]\d+)?$", re.ASCII)
_THOUSAND_OR_PART = re.compile(r"^[-+]?[1-9]\d{0,2}[.,]\d{3}$", re.ASCII)
_FORMULA = re.compile(r'^="(.*)"$')  # Excel's way to keep a number a text
_SHORTENED = re.compile(r"^\d[.,]\d+E\+\d+$", re.IGNORECASE)
_DATE = re.compile(
    r"^(\d{1,2}[.\-/ ]?(янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|jan|feb|mar|apr|may|jun"
    r"|jul|aug|sep|oct|nov|dec)\w*\.?([.\-/ ]\d{2,4})?|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
    r"|\d{4}-\d{2}-\d{2}.*)$",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"^(итого|всего|total|sum)\b", re.IGNORECASE)
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_QUESTION_MARKS = re.compile(r"\?{3}")
# Cyrillic in UTF-8 that was taken for latin-1 (Ð and Ñ) or for cp1251 (every letter begins with Р
# or С).
_MOJIBAKE = re.compile("[ÐÑ\ufffd]|([РС].){3}")
# An index that somebody's to_csv left in front of the table.
_UNNAMED = re.compile(r"^(Unnamed: \d+(\.\d+)*)?$")
_HEADER_WITHIN = 10  # lines: titles stand above a header, rarely more


@dataclass(frozen=True)
class Kind:
    """What a column may hold: `convert` raises ValueError for anything else."""

    expected: str
    convert: Callable[[str], object]


def _whole(text: str) -> int:
    whole, _, rest = text.partition(".")
    if rest.strip("0") or not whole.isdecimal():
        raise ValueError(text)
    return int(whole)


def _number(text: str) -> float:
    # float() alone takes 4_1 for 41, and nan for a number.
    if not _NUMBER.match(text):
        raise ValueError(text)
    return float(text)


def _share(text: str) -> float:
    value = _number(text)
    if not 0 <= value <= 1:
        raise ValueError(text)
    return value


def _text(text: str) -> str:
    if not text:
        raise ValueError(text)
    return text


def _id(text: str) -> str:
    """Return an id as the shop wrote it, but for what a spreadsheet adds to a number."""
    if _SHORTENED.match(text):
        raise ValueError(text)
    return re.sub(r"^(\d+)\.0+$", r"\1", _text(text))


WHOLE = Kind("a whole number, 0 or more", _whole)
NUMBER = Kind("a number", _number)
SHARE = Kind("a share between 0 and 1", _share)
TEXT = Kind("a text that isn't empty", _text)
ID = Kind("an id", _id)
KINDS = {"id": ID, "count": WHOLE, "share": SHARE, "number": NUMBER, "money": NUMBER}


@dataclass(frozen=True)
class Note:
    """Something in a file that was understood otherwise than it stands, mended or left out."""

    file: Path
    line: int | None
    column: str
    value: str
    done: str


@dataclass(frozen=True)
class Table:
    """One raw file: `rows` under our names, the columns that were left out, and what to tell.

    `lines` has the line in the file of each row; without it, rows follow the header in line 1.
    """

    file: Path
    rows: pd.DataFrame
    ignored: list[str]
    lines: list[int] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def line(self, row: int) -> int:
        """Return the line in the file of the row at a position in `rows`."""
        return self.lines[row] if self.lines else row + 2


def same_word(text: str) -> str:
    """Return what words have in common that differ in case, blanks or underscores alone."""
    return " ".join(text.replace("_", " ").split()).casefold()


def read_table(
    file: Path, description: Description, *, without: str = "", blank: Collection[str] = ()
) -> Table:
    """Read one file as the contract describes it.

    The column `without` isn't expected; those named in `blank` may have empty values, which become
    nan in numbers and stay "" elsewhere.

    Raises UserError for a missing file, one that isn't a table or whose Cyrillic is lost, missing
    or repeated columns, an empty table, and for the first value that isn't of its column's kind, or
    of its range.
    """
    wanted = {name: one for name, one in description.columns.items() if name != without}
    headers = {one.header: name for name, one in wanted.items()}
    separator, decimal = description.separator or FIND, description.decimal or FIND
    periods = wanted[description.period].periods or {} if description.period else {}
    notes: list[Note] = []
    text = _decode(file, headers, notes)
    head = _find_header(file, text, headers, separator, list(periods.values()))
    if head.line > 1:
        notes.append(Note(file, head.line, "", "", "the header is here, lines above are left out"))
    rows, lines = _rows(file, head)
    places, ignored = _places(file, head, headers, rows)
    notes += [
        Note(file, head.line, name, "", "a column that isn't known is left out") for name in ignored
    ]
    for header, found in places.items():
        if head.names[found] != header:
            notes.append(Note(file, head.line, header, head.names[found], f"read as '{header}'"))
    texts = {header: [row[place] for row in rows] for header, place in places.items()}
    marks = _Marks(file, lines, decimal)
    numbers = [one.header for one in wanted.values() if one.kind in NUMBERS]
    marks.find({header: texts[header] for header in numbers})
    converted = {
        name: _convert(file, one, texts[one.header], lines, marks, name in blank)
        for name, one in wanted.items()
    }
    return Table(file, pd.DataFrame(converted), ignored, lines, notes)


def _decode(file: Path, headers: Mapping[str, str], notes: list[Note]) -> str:
    try:
        raw = file.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise UserError(
            f"{file} is missing: put the shop's file there or set data.source in params.yaml."
        ) from error
    for start, what in _OTHER_FILES.items():
        if raw[: len(start)].lower() == start.lower():
            raise UserError(f"{file} is {what}.")
    boms = [encoding for bom, encoding in _BOMS.items() if raw.startswith(bom)]
    try:
        text = raw.decode(boms[0] if boms else "utf-8")
    except UnicodeDecodeError as error:
        if boms:
            raise UserError(f"{file} is broken: save it again as UTF-8.") from error
        text = _decode_otherwise(file, raw, headers, notes)
    text = unicodedata.normalize("NFC", text.replace("\u00a0", " ").replace("\u202f", " "))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise UserError(f"{file} is not a table in UTF-8: save it again as CSV UTF-8.")
    return _refuse_lost(file, text)


def _decode_otherwise(file: Path, raw: bytes, headers: Mapping[str, str], notes: list[Note]) -> str:
    fitting = {}
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(_header_in(text, headers, separator) for separator in _SEPARATORS):
            fitting[encoding] = text
    if len(fitting) != 1:
        raise UserError(f"{file} is not UTF-8: save it again as UTF-8.")
    [(encoding, text)] = fitting.items()
    notes.append(Note(file, None, "", encoding, "read in this encoding"))
    return text


def _refuse_lost(file: Path, text: str) -> str:
    if _QUESTION_MARKS.search(text) and not _CYRILLIC.search(text):
        raise UserError(
            f"{file}: its Cyrillic was replaced by question marks when it was saved, which can't "
            "be undone: export it again as UTF-8."
        )
    if _MOJIBAKE.search(text):
        raise UserError(
            f"{file}: its Cyrillic was broken by a wrong encoding: export it again as UTF-8."
        )
    return text


@dataclass(frozen=True)
class _Head:
    """Where the header stands, what it reads, and all that was read of the file."""

    separator: str
    line: int  # of the header
    names: list[str]
    cells: list[tuple[int, list[str]]]  # of what follows: line in the file, values


def _cells(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    for values in reader:
        yield reader.line_num, [value.strip() for value in values]


def _header_in(text: str, headers: Mapping[str, str], separator: str) -> bool:
    first = "\n".join(text.splitlines()[:_HEADER_WITHIN])
    try:
        wanted = {same_word(name) for name in headers}
        return any(wanted <= set(map(same_word, cells)) for _, cells in _cells(first, separator))
    except csv.Error:
        return False


def _find_header(
    file: Path, text: str, headers: Mapping[str, str], separator: str, periods: Sequence[str]
) -> _Head:
    first = text.split("\n", 1)[0].strip()
    declared = _SEP_LINE.match(first)
    above = 1 if declared else 0
    if declared:  # Excel's own line, which says how the file is written
        text = text.split("\n", 1)[1]
    fitting = [one for one in _SEPARATORS if _header_in(text, headers, one)]
    if separator != FIND:
        used = separator
    elif fitting:
        used = fitting[0]
    else:
        used = max(_SEPARATORS, key=first.count)
    try:
        cells = [(line + above, values) for line, values in _cells(text, used)]
    except csv.Error as error:
        odd = [n for n, line in enumerate(text.split("\n"), start=1) if line.count('"') % 2]
        where = f", line {odd[0]}, has a quote that is never closed" if odd else f": {error}"
        raise UserError(f"{file}{where}: save it again as a table in UTF-8.") from error
    wanted = {same_word(name) for name in headers}
    for place, (line, values) in enumerate(cells[:_HEADER_WITHIN]):
        if wanted <= set(map(same_word, values)):
            return _Head(used, line, values, cells[place + 1 :])
    full = [(line, values) for line, values in cells if any(values)]
    if not full:
        raise UserError(f"{file} has no rows: it is empty; put the shop's file there.")
    raise _lacking(file, full[0][1], headers, used, periods)


def _lacking(
    file: Path,
    found: list[str],
    headers: Mapping[str, str],
    separator: str,
    periods: Sequence[str],
) -> UserError:
    have = set(map(same_word, found))
    lacking = [name for name in headers if same_word(name) not in have]
    months = [name for name in found if same_word(name) in set(map(same_word, periods))]
    if months:
        return UserError(
            f"{file} has months in its header ({', '.join(months)}): they should stand in rows, "
            f"one row a customer and month, with the columns {', '.join(headers)}."
        )
    return UserError(
        f"{file} lacks the column '{lacking[0]}'; with the separator '{separator}' its header "
        f"reads: {', '.join(found)}; correct the header, or the table in contract.yaml "
        f"(tables.{file.stem})."
    )


def _rows(file: Path, head: _Head) -> tuple[list[list[str]], list[int]]:
    rows, lines = [], []
    width = len(head.names)
    for line, values in head.cells:
        if not any(values):
            continue  # blank, or what Excel leaves of a deleted row
        title = next(value for value in values if value)
        if _TOTAL.match(title):
            raise UserError(f"{file}, line {line} is a total ('{title}'): remove it.")
        if len(values) < width or any(values[width:]):
            raise UserError(
                f"{file}, line {line} has {len(values)} values, but its header has {width}: "
                "correct the line."
            )
        rows.append(values[:width])
        lines.append(line)
    if not rows:
        raise UserError(f"{file} has no rows: expected a header and one row a customer or period.")
    return rows, lines


def _places(
    file: Path, head: _Head, headers: Mapping[str, str], rows: list[list[str]]
) -> tuple[dict[str, int], list[str]]:
    """Return the position of each wanted column, and the named columns that are left out."""
    places = {}
    for header in headers:
        exact = [i for i, name in enumerate(head.names) if name == header]
        alike = [i for i, name in enumerate(head.names) if same_word(name) == same_word(header)]
        fitting = exact if len(exact) == 1 else alike
        if len(fitting) > 1:
            raise UserError(
                f"{file} has a column twice in its header ({header}): remove one of them."
            )
        places[header] = fitting[0]
    taken = set(places.values())
    ignored = [
        name
        for place, name in enumerate(head.names)
        if place not in taken and (name or any(row[place] for row in rows))
    ]
    return places, ignored


class _Marks:
    """How one file writes its numbers: the decimal mark, and blanks between thousands."""

    def __init__(self, file: Path, lines: list[int], decimal: str) -> None:
        self._file, self._lines, self._declared = file, lines, decimal
        self.decimal = "." if decimal == FIND else decimal

    def find(self, texts: Mapping[str, list[str]]) -> None:
        """Find the decimal mark of all numbers of the file together."""
        first: dict[str, tuple[int, str]] = {}
        clear: dict[str, bool] = {}
        for values in texts.values():
            for row, value in enumerate(values):
                if _DATE.match(value):
                    continue  # told when it is converted
                for mark in ".,":
                    if value.count(mark) == 1:
                        first.setdefault(mark, (self._lines[row], value))
                        certain = not _THOUSAND_OR_PART.match(value)
                        clear[mark] = clear.get(mark, False) or certain
        if len(first) == 2:
            (line, value), (other_line, other) = first["."], first[","]
            raise UserError(
                f"{self._file} writes numbers with '.' (line {line}: '{value}') and with ',' (line "
                f"{other_line}: '{other}'): export it again with one decimal mark."
            )
        if self._declared != FIND:
            self._refuse_other(first)
            return
        unclear = [mark for mark in first if not clear[mark]]
        if unclear:
            line, value = first[unclear[0]]
            raise UserError(
                f"{self._file}, line {line}: '{value}' may be a thousand or a fraction: set the "
                f"file's decimal mark in contract.yaml (tables.{self._file.stem}.decimal)."
            )
        if "," in first:
            self.decimal = ","

    def _refuse_other(self, first: Mapping[str, tuple[int, str]]) -> None:
        other = "," if self.decimal == "." else "."
        if other not in first:
            return
        line, value = first[other]
        key = f"tables.{self._file.stem}.decimal"
        raise UserError(
            f"{self._file}, line {line}: '{value}' is written with '{other}', but contract.yaml "
            f"declares '{self.decimal}': set {key} to '{other}', or remove it."
        )

    def plain(self, text: str) -> str:
        """Return a number as Python writes it; ValueError where that isn't certain."""
        if _GROUPED.match(text):
            text = text.replace(" ", "")
        other = "," if self.decimal == "." else "."
        if other in text:
            raise ValueError(text)
        return text.replace(self.decimal, ".")


def _convert(
    file: Path, column: Column, texts: list[str], lines: list[int], marks: _Marks, blank: bool
) -> "pd.Series[Any]":
    kind, numeric = KINDS.get(column.kind, TEXT), column.kind in NUMBERS
    values: list[Any] = []
    for row, written in enumerate(texts):
        formula = _FORMULA.match(written)
        text = formula.group(1) if formula else written
        if blank and not text:
            values.append(float("nan") if numeric else "")
            continue
        try:
            values.append(kind.convert(marks.plain(text) if numeric else text))
        except (ValueError, OverflowError) as error:
            raise UserError(
                f"{file}, line {lines[row]}: '{column.header}' is '{written}', {_why(text, kind)}"
            ) from error
    found = pd.Series(values)
    if numeric:
        _check_range(file, column, found, lines)
    # A mean that the shop rounds is a whole number where all of them are.
    rounded = column.kind == "number" and bool((found % 1 == 0).all())
    return found.astype("int64") if rounded else found


def _check_range(file: Path, column: Column, values: "pd.Series[Any]", lines: list[int]) -> None:
    low, high = column.range
    for beyond, limit, words in (
        (values < low if low is not None else values != values, low, "or more"),
        (values > high if high is not None else values != values, high, "at most"),
    ):
        # nan isn't out of range, though it differs from itself
        wrong = beyond & values.notna()
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            raise UserError(
                f"{file}, line {lines[row]}: '{column.header}' is {values.iloc[row]:g}, expected "
                f"{limit:g} {words}: correct it, or the range in contract.yaml."
            )


def _why(text: str, kind: Kind) -> str:
    if kind is ID and _SHORTENED.match(text):
        return "an id that a spreadsheet shortened: export the file anew without opening it."
    if kind not in (TEXT, ID) and _DATE.match(text):
        return "a number that a spreadsheet turned into a date: export the file anew."
    return f"expected {kind.expected}: correct it."
