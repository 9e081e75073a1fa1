"""Tables as an Excel workbook that opens, and prints, ready for work."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from retention.harness.files import replace

# A workbook carries the time when it was made: a fixed one gives the same bytes on every run.
_MADE = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - Excel knows no time zones
_NARROWEST, _WIDEST = 7, 34
_LINE = 15  # points
_NOTE = {"x_scale": 2.5, "y_scale": 2}
# A text of the shop's that begins with = must not be computed on somebody's desk.
_TEXTS_STAY = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
_A4 = 9
AS_TEXT = "@"


@dataclass(frozen=True)
class Sheet:
    """A table with the shown name of each column.

    `formats` has Excel's number format of some columns (`AS_TEXT` for ids), `notes` the comment on
    the header of some, `wide` the columns that may take a whole line.
    """

    title: str
    table: pd.DataFrame
    headers: Mapping[str, str]
    formats: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    wide: Sequence[str] = ()


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write the sheets: bold headers that stay in view and repeat on paper, filters, widths.

    Texts longer than a column is wide are wrapped. It prints in landscape, one page wide.
    """

    def write(target: Path) -> None:
        with xlsxwriter.Workbook(str(target), _TEXTS_STAY) as book:
            book.set_properties({"created": _MADE})
            header = book.add_format(
                {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}
            )
            for one in sheets:
                _fill(book, book.add_worksheet(one.title[:31]), one, header)

    replace(path, write)


def _fill(book: xlsxwriter.Workbook, sheet: Worksheet, one: Sheet, header: Format) -> None:
    widths = [_width(one, name) for name in one.table.columns]
    lines = [
        _lines(one.headers[name], width)
        for name, width in zip(one.table.columns, widths, strict=True)
    ]
    sheet.set_row(0, _LINE * max(lines))
    for place, (name, width) in enumerate(zip(one.table.columns, widths, strict=True)):
        style = book.add_format(
            {"num_format": one.formats.get(name, "General"), "valign": "top", "text_wrap": True}
        )
        sheet.set_column(place, place, width, style)
        sheet.write(0, place, one.headers[name], header)
        for row, value in enumerate(one.table[name].tolist(), start=1):
            if isinstance(value, str):
                sheet.write_string(row, place, value, style)
            elif value is None or math.isnan(value):
                sheet.write_blank(row, place, None, style)
            else:
                sheet.write_number(row, place, value, style)
        if name in one.notes:
            sheet.write_comment(0, place, one.notes[name], _NOTE)
    # Office programs other than Excel take the height of a row as it is written.
    for row, values in enumerate(one.table.itertuples(index=False), start=1):
        cells = zip(values, widths, strict=True)
        tall = max((_lines(v, width) for v, width in cells if isinstance(v, str)), default=1)
        sheet.set_row(row, _LINE * tall)
    sheet.freeze_panes(1, 0)
    if len(one.table):
        sheet.autofilter(0, 0, len(one.table), len(one.table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.5)
    sheet.set_footer("&C&P / &N")


def _width(one: Sheet, name: str) -> float:
    """Return the width of a column, in characters: of its longest text, within limits."""
    texts = [value for value in one.table[name].tolist() if isinstance(value, str)]
    longest = max(map(len, texts), default=_NARROWEST)
    # Headers break between words alone; the arrow of the filter takes some of the first line.
    word = max(map(len, one.headers[name].split()), default=0) + 3
    widest = 110 if name in one.wide else _WIDEST
    return float(min(widest, max(_NARROWEST, longest + 1, min(word, 18))))


def _lines(text: object, width: float) -> int:
    """Return how many lines a text takes in a column, its words kept whole."""
    lines = 0
    for part in str(text).split("\n"):
        lines, left = lines + 1, width
        for word in part.split():
            if len(word) > left and left < width:
                lines, left = lines + 1, width
            left -= len(word) + 1
    return lines
