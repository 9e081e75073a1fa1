"""The contact list as an Excel workbook that opens ready for work."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import xlsxwriter

from retention.outputs import replace

# A workbook carries the time when it was made: a fixed one gives the same bytes on every run.
_MADE = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - Excel knows no time zones
_WIDEST = 60
# A text of the shop's that begins with = must not be computed on somebody's desk.
_TEXTS_STAY = {"strings_to_formulas": False, "strings_to_urls": False}


def write_workbook(
    path: Path, table: pd.DataFrame, headers: Mapping[str, str], formats: Mapping[str, str]
) -> None:
    """Write one sheet: bold headers that stay in view, filters, column widths.

    `headers` gives the shown name of each column, `formats` Excel's number format of some.
    """

    def write(target: Path) -> None:
        with xlsxwriter.Workbook(str(target), _TEXTS_STAY) as book:
            book.set_properties({"created": _MADE})
            sheet = book.add_worksheet()
            bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
            for position, name in enumerate(table.columns):
                texts = table[name].astype(str)
                width = min(_WIDEST, max(10, int(texts.str.len().max()) if len(texts) else 0) + 1)
                number = formats.get(name)
                style = book.add_format({"num_format": number}) if number else None
                sheet.set_column(position, position, width, style)
                sheet.write(0, position, headers[name], bold)
                sheet.write_column(1, position, table[name].tolist())
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(table), len(table.columns) - 1)

    replace(path, write)
