"""The contact list in Excel: headers in the reader's language, ready to filter, always the same."""

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from retention.campaign.contact_list import write_workbook

TABLE = pd.DataFrame(
    {
        "rank": [1, 2],
        "probability": [0.91, 0.5],
        "why": ["Часто покупает по акции", "Есть неоплаченные товары"],
    },
    index=[8, 3],
)
HEADERS = {"rank": "№", "probability": "Вероятность", "why": "Почему"}
NOTES = {"why": "Правило, по которому выбрано предложение"}


def sheet(folder: Path, table: pd.DataFrame = TABLE):
    write_workbook(folder / "list.xlsx", table, HEADERS, {"probability": "0%"}, NOTES)
    book = openpyxl.load_workbook(folder / "list.xlsx")
    assert len(book.sheetnames) == 1
    return book.active


def test_headers_and_values_stand_as_in_the_table(tmp_path):
    assert list(sheet(tmp_path).values) == [
        ("№", "Вероятность", "Почему"),
        (1, 0.91, "Часто покупает по акции"),
        (2, 0.5, "Есть неоплаченные товары"),
    ]


def test_headers_stay_in_view_and_filter_the_whole_table(tmp_path):
    found = sheet(tmp_path)
    assert found.freeze_panes == "A2"
    assert found.auto_filter.ref == "A1:C3"
    assert all(cell.font.bold for cell in found[1])


def test_a_column_has_its_number_format(tmp_path):
    found = sheet(tmp_path)
    assert found.column_dimensions["B"].number_format == "0%"
    assert found.column_dimensions["A"].number_format == "General"


def test_texts_fit_their_columns(tmp_path):
    widths = sheet(tmp_path).column_dimensions
    assert widths["C"].width > len("Есть неоплаченные товары")
    wide = sheet(tmp_path, TABLE.assign(why="слово " * 100)).column_dimensions["C"].width
    assert wide < 100


def test_long_texts_are_wrapped_and_read_from_the_top(tmp_path):
    long = sheet(tmp_path, TABLE.assign(why="слово " * 100)).column_dimensions
    assert long["C"].alignment.wrap_text
    assert not long["B"].alignment.wrap_text
    assert {long[column].alignment.vertical for column in "ABC"} == {"top"}
    assert not sheet(tmp_path).column_dimensions["C"].alignment.wrap_text


def test_a_header_has_its_note_and_no_other_cell_one(tmp_path):
    noted = {
        cell.coordinate: cell.comment.text
        for row in sheet(tmp_path).rows
        for cell in row
        if cell.comment
    }
    assert noted == {"C1": NOTES["why"]}


def test_the_same_table_gives_the_same_bytes(tmp_path):
    for name in ("first", "second"):
        write_workbook(tmp_path / f"{name}.xlsx", TABLE, HEADERS, {}, NOTES)
    assert (tmp_path / "first.xlsx").read_bytes() == (tmp_path / "second.xlsx").read_bytes()


def test_the_file_does_not_tell_when_it_was_made(tmp_path):
    write_workbook(tmp_path / "list.xlsx", TABLE, HEADERS, {}, NOTES)
    properties = openpyxl.load_workbook(tmp_path / "list.xlsx").properties
    this_year = dt.datetime.now(tz=dt.UTC).year
    assert properties.created.year < this_year
    assert properties.modified.year < this_year
    with zipfile.ZipFile(tmp_path / "list.xlsx") as archive:
        assert all(entry.date_time[0] < this_year for entry in archive.infolist())


def test_an_empty_list_has_its_headers(tmp_path):
    assert list(sheet(tmp_path, TABLE[:0]).values) == [("№", "Вероятность", "Почему")]


def test_a_text_that_begins_like_a_formula_stays_a_text(tmp_path):
    found = sheet(tmp_path, TABLE.assign(why="=1+1"))
    assert found["C2"].data_type == "s"


def test_a_failing_writer_leaves_the_earlier_list(tmp_path):
    sheet(tmp_path)
    before = (tmp_path / "list.xlsx").read_bytes()
    with pytest.raises(KeyError):
        write_workbook(tmp_path / "list.xlsx", TABLE, {"rank": "№"}, {}, {})
    assert (tmp_path / "list.xlsx").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["list.xlsx"]
