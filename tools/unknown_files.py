"""Files that nobody has described yet, as tables of texts: what a draft is guessed by.

How a file is written is guessed here and no more. A run reads it by the contract, and refuses what
has two readings.
"""

import csv
import gzip
import io
from collections import Counter
from pathlib import Path

import pandas as pd

from retention.harness.errors import UserError
from retention.intake.headers import HEADER_WITHIN, SEP_LINE, SEPARATORS
from retention.intake.numbers import is_blank
from retention.intake.words import clean

ENDINGS = (".csv", ".csv.gz", ".xlsx", ".parquet")
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_LINES = 50  # that separators are counted in


def find_tables(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by their names without ending. Raises UserError without any."""
    found = {}
    for file in sorted(folder.glob("*")) if folder.is_dir() else []:
        ending = next((one for one in ENDINGS if file.name.casefold().endswith(one)), None)
        if ending and not file.name.startswith(("~", ".")):
            found[file.name[: -len(ending)]] = file
    if not found:
        raise UserError(f"{folder} has no {', '.join(ENDINGS)} file: put the shop's files there.")
    return found


def read_texts(file: Path) -> pd.DataFrame:
    """Return a file's cells as texts, "" for a blank. Raises UserError if it can't be read."""
    try:
        match file.suffix.casefold():
            case ".xlsx":
                rows = pd.read_excel(file, dtype=str, header=None).fillna("").to_numpy().tolist()
                table = _below_header(rows)
            case ".parquet":
                table = pd.read_parquet(file).astype("str").fillna("")
            case _:
                table = _below_header(_rows(_decoded(file)))
    except (ValueError, OSError, csv.Error) as error:
        raise UserError(
            f"{file} can't be read as a table ({error}): save it as CSV UTF-8."
        ) from error
    if not len(table.columns) or not len(table):
        raise UserError(f"{file} has no rows: put the shop's file there.")
    if table.columns.has_duplicates:
        twice = table.columns[table.columns.duplicated()][0]
        raise UserError(f"{file} has the column '{twice}' twice in its header: remove one of them.")
    return pd.DataFrame({one: table[one].map(_text).astype("str") for one in table.columns})


def _text(value: str) -> str:
    text = clean(str(value))
    return "" if is_blank(text) else text


def _decoded(file: Path) -> str:
    raw = file.read_bytes()
    raw = gzip.decompress(raw) if file.suffix.casefold() == ".gz" else raw
    encoding = next((name for bom, name in _BOMS.items() if raw.startswith(bom)), "utf-8")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return raw.decode("cp1251")  # what a spreadsheet saves where it isn't told otherwise


def _rows(text: str) -> list[list[str]]:
    """Return the rows of a text by the separator that cuts most lines into as many values."""
    first, _, rest = text.partition("\n")
    text = rest if SEP_LINE.match(first.strip()) else text
    start = "\n".join(text.splitlines()[:_LINES])

    def wide(separator: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(start), delimiter=separator, skipinitialspace=True)
        counts = Counter(len(row) for row in rows if len(row) > 1)
        width, lines = max(counts.items(), key=lambda one: (one[1], one[0]), default=(0, 0))
        return lines, width

    separator = max(SEPARATORS, key=wide)
    return list(csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True))


def _below_header(rows: list[list[str]]) -> pd.DataFrame:
    """Return the rows below the first one that is as full as those below it."""
    rows = [row for row in rows if any(value.strip() for value in row)]
    widths = Counter(sum(bool(one.strip()) for one in row) for row in rows[: 2 * HEADER_WITHIN])
    width = max(widths, key=lambda one: (widths[one], one), default=0)
    place = next((n for n, row in enumerate(rows) if sum(map(bool, row)) >= width), 0)
    header = [clean(name) for name in rows[place]] if rows else []
    below = [[*row, *[""] * len(header)][: len(header)] for row in rows[place + 1 :]]
    table = pd.DataFrame(below, columns=range(len(header)), dtype="str")
    named = {n: name for n, name in enumerate(header) if name}
    return table[list(named)].set_axis(list(named.values()), axis=1)
