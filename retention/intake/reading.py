"""The shop's four files: read as text, then checked and converted column by column.

Columns get our English names, in the order of retention/contract/columns.py. Each error names the
file, the line as an editor counts it, what was expected and what to do.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from retention.contract import columns
from retention.harness.errors import UserError

_NUMBER = re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,2})?$", re.ASCII)
# Cyrillic in UTF-8 that was taken for latin-1 (Ð and Ñ) or for cp1251 (every letter begins with Р
# or С).
_MOJIBAKE = re.compile("[ÐÑ\ufffd]|([РС].){3}")
# An index that somebody's to_csv left in front of the table.
_UNNAMED = re.compile(r"^(Unnamed: \d+(\.\d+)*)?$")


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


def _not_negative(text: str) -> float:
    value = _number(text)
    if value < 0:
        raise ValueError(text)
    return value


def _with_point(text: str, decimal: str) -> str:
    if decimal != "." and "." in text:
        raise ValueError(text)  # a thousand or a fraction? never guess
    return text.replace(decimal, ".")


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError(text)
    return text


WHOLE = Kind("a whole number, 0 or more", _whole)
NUMBER = Kind("a number", _number)
NOT_NEGATIVE = Kind("a number, 0 or more", _not_negative)
SHARE = Kind("a share between 0 and 1", _share)
TEXT = Kind("a text that isn't empty", _text)

KINDS = {
    columns.CUSTOMER_ID: WHOLE,
    "marketing_per_month_6m": NOT_NEGATIVE,
    "marketing_this_month": WHOLE,
    "days_since_registration": WHOLE,
    "promo_share": SHARE,
    "categories_per_visit": WHOLE,
    "unpaid_items_3m": WHOLE,
    "service_errors": WHOLE,
    "pages_per_visit": WHOLE,
    "revenue": NUMBER,
    "minutes": WHOLE,
    columns.PROFIT: NUMBER,
}


@dataclass(frozen=True)
class Table:
    """One raw file: `rows` under our names, and the unnamed index columns that were left out."""

    file: Path
    rows: pd.DataFrame
    ignored: list[str]

    def line(self, row: int) -> int:
        """Return the line in the file of the row at a position in `rows`."""
        return row + 2  # the header is line 1


def read_table(file: Path, headers: Mapping[str, str], separator: str, decimal: str) -> Table:
    """Read one file. `headers` maps its raw headers to our names.

    Raises UserError for a missing file, another encoding, missing, unknown or repeated columns, an
    empty table, and for the first value that isn't of its column's kind.
    """
    header, *lines = _read_lines(file, separator)
    if not header:
        raise UserError(f"{file} has no rows: it is empty; put the shop's file there.")
    found = [name for name in header if not _UNNAMED.match(name)]
    _check_header(file, found, headers, separator)
    _check_lines(file, header, lines)
    texts = pd.DataFrame(lines, columns=header)[found]
    rows = pd.DataFrame(
        {
            headers[name]: _convert(file, name, texts[name], headers[name], decimal)
            for name in headers
        }
    )
    return Table(file, rows, [name for name in header if _UNNAMED.match(name)])


def _read_lines(file: Path, separator: str) -> list[list[str]]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise UserError(
            f"{file} is missing: put the shop's file there or set data.source in params.yaml."
        ) from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file} is not UTF-8: save it again as UTF-8.") from error
    try:
        lines = list(csv.reader(io.StringIO(text), delimiter=separator))
        while lines and not lines[-1]:
            lines.pop()  # blank lines at the end
        return lines or [[]]
    except csv.Error as error:
        odd = [n for n, line in enumerate(text.split("\n"), start=1) if line.count('"') % 2]
        where = f", line {odd[0]}, has a quote that is never closed" if odd else f": {error}"
        raise UserError(f"{file}{where}: save it again as a table in UTF-8.") from error


def _check_lines(file: Path, header: list[str], lines: list[list[str]]) -> None:
    if not lines:
        raise UserError(f"{file} has no rows: expected a header and one row a customer or period.")
    for number, line in enumerate(lines, start=2):
        if len(line) != len(header):
            raise UserError(
                f"{file}, line {number} has {len(line)} values, but its header has {len(header)}: "
                "correct the line."
            )


def _check_header(file: Path, found: list[str], headers: Mapping[str, str], separator: str) -> None:
    lacking = [name for name in headers if name not in found]
    if lacking:
        shown = ", ".join(found)
        hint = (
            "its Cyrillic was broken by a wrong encoding: export it again as UTF-8."
            if _MOJIBAKE.search(shown)
            else "correct the header, or the file's format in params.yaml (prepare.formats)."
        )
        raise UserError(
            f"{file} lacks the column '{lacking[0]}'; with the separator '{separator}' its "
            f"header reads: {shown}; {hint}"
        )
    unknown = [name for name in found if name not in headers]
    if unknown:
        raise UserError(
            f"{file} has the unknown column '{unknown[0]}': remove it, or declare it in "
            "retention/contract/columns.py."
        )
    if len(found) > len(headers):
        raise UserError(f"{file} has a column twice in its header ({', '.join(found)}): remove it.")


def _convert(
    file: Path, header: str, texts: pd.Series, name: str, decimal: str
) -> "pd.Series[float] | pd.Series[str]":
    kind = KINDS.get(name, TEXT)
    values = []
    for row, text in enumerate(texts):
        try:
            values.append(kind.convert(text if kind is TEXT else _with_point(text, decimal)))
        except (ValueError, OverflowError) as error:
            raise UserError(
                f"{file}, line {row + 2}: '{header}' is '{texts.iloc[row]}', expected "
                f"{kind.expected}: correct it."
            ) from error
    return pd.Series(values)
