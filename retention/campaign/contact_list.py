"""The contact list as an Excel workbook that opens ready for work."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import xlsxwriter

from retention.harness.files import replace

# A workbook carries the time when it was made: a fixed one gives the same bytes on every run.
_MADE = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - Excel knows no time zones
_WIDEST = 45
_NOTE = {"x_scale": 2.5, "y_scale": 2}
# A text of the shop's that begins with = must not be computed on somebody's desk.
_TEXTS_STAY = {"strings_to_formulas": False, "strings_to_urls": False}


def write_workbook(
    path: Path,
    table: pd.DataFrame,
    headers: Mapping[str, str],
    formats: Mapping[str, str],
    notes: Mapping[str, str],
) -> None:
    """Write one sheet: bold headers that stay in view, filters, column widths.

    `headers` gives the shown name of each column, `formats` Excel's number format of some, `notes`
    the comment on the header of some. Texts longer than a column is wide are wrapped.
    """

    def write(target: Path) -> None:
        with xlsxwriter.Workbook(str(target), _TEXTS_STAY) as book:
            book.set_properties({"created": _MADE})
            sheet = book.add_worksheet()
            bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
            for position, name in enumerate(table.columns):
                longest = int(table[name].astype(str).str.len().max()) if len(table) else 0
                width = min(_WIDEST, max(10, longest) + 1)
                number = formats.get(name)
                look = {"num_format": number} if number else {"text_wrap": longest >= _WIDEST}
                style = book.add_format({**look, "valign": "top"})
                sheet.set_column(position, position, width, style)
                sheet.write(0, position, headers[name], bold)
                sheet.write_column(1, position, table[name].tolist())
                if name in notes:
                    sheet.write_comment(0, position, notes[name], _NOTE)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(table), len(table.columns) - 1)

    replace(path, write)
