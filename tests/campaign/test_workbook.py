"""A workbook of tables: headers in the reader's language, ready to filter and print."""

import datetime as dt
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from retention.campaign.workbook import AS_TEXT, Sheet, write_workbook

TABLE = pd.DataFrame(
    {
        "id": ["007", "12345678901234567890"],
        "probability": [0.91, 0.5],
        "why": ["Часто покупает по акции", "Есть неоплаченные товары"],
    },
    index=[8, 3],
)
SHEET = Sheet(
    "Список",
    TABLE,
    {"id": "Покупатель", "probability": "Вероятность", "why": "Почему"},
    formats={"id": AS_TEXT, "probability": "0%"},
    notes={"why": "Правило, по которому выбрано предложение"},
)


def written(folder: Path, *sheets: Sheet) -> openpyxl.Workbook:
    write_workbook(folder / "list.xlsx", sheets or [SHEET])
    return openpyxl.load_workbook(folder / "list.xlsx")


def sheet(folder: Path, **changed: object):
    return written(folder, replace(SHEET, **changed)).active


def test_headers_and_values_stand_as_in_the_table(tmp_path):
    assert list(sheet(tmp_path).values) == [
        ("Покупатель", "Вероятность", "Почему"),
        ("007", 0.91, "Часто покупает по акции"),
        ("12345678901234567890", 0.5, "Есть неоплаченные товары"),
    ]


def test_every_sheet_has_its_title_and_table(tmp_path):
    other = Sheet("A title that is longer than thirty-one letters", TABLE[["why"]], {"why": "Why"})
    book = written(tmp_path, SHEET, other)
    assert book.sheetnames == ["Список", "A title that is longer than thi"]
    assert next(iter(book.worksheets[1].values)) == ("Why",)


def test_headers_stay_in_view_and_filter_the_whole_table(tmp_path):
    found = sheet(tmp_path)
    assert found.freeze_panes == "A2"
    assert found.auto_filter.ref == "A1:C3"
    assert all(cell.font.bold for cell in found[1])


def test_it_prints_in_landscape_one_page_wide_under_a_repeated_header(tmp_path):
    found = sheet(tmp_path)
    assert found.page_setup.orientation == "landscape"
    assert found.print_title_rows == "$1:$1"
    assert found.sheet_properties.pageSetUpPr.fitToPage
    assert found.page_setup.fitToWidth in (1, None)  # one is what Excel takes without a word
    assert found.page_setup.fitToHeight == 0
    assert "&P" in found.oddFooter.center.text


def test_cells_have_the_number_format_of_their_column(tmp_path):
    found = sheet(tmp_path)
    assert [cell.number_format for cell in found[2]] == ["@", "0%", "General"]
    assert [cell.data_type for cell in found[2]] == ["s", "n", "s"]


def test_what_is_missing_is_left_blank(tmp_path):
    missing = TABLE.assign(probability=[0.91, float("nan")], why=[None, "x"])
    found = sheet(tmp_path, table=missing)
    assert [row[1:] for row in list(found.values)[1:]] == [(0.91, None), (None, "x")]


def test_texts_fit_their_columns(tmp_path):
    widths = sheet(tmp_path).column_dimensions
    assert widths["C"].width > len("Есть неоплаченные товары")
    long = TABLE.assign(why="слово " * 100)
    wide = sheet(tmp_path, table=long).column_dimensions["C"].width
    assert wide < 40
    assert 40 < sheet(tmp_path, table=long, wide=["why"]).column_dimensions["C"].width < 120


def test_rows_are_as_high_as_their_longest_text_and_the_header_as_its_own(tmp_path):
    def heights(**changed):
        rows = sheet(tmp_path, **changed).row_dimensions
        return [rows[row].height or 15 for row in (1, 2, 3)]  # unsaid is a line

    assert heights() == [15, 15, 15]
    header, long, short = heights(table=TABLE.assign(why=["слово " * 100, "слово"]))
    assert (header, short) == (15, 15)
    assert long > 10 * 15
    words = {**SHEET.headers, "probability": "Вероятность того, что покупатель снизит активность"}
    assert heights(headers=words)[0] >= 3 * 15


def test_no_word_of_a_header_is_cut(tmp_path):
    widths = sheet(tmp_path).column_dimensions
    for letter, header in zip("ABC", SHEET.headers.values(), strict=True):
        assert widths[letter].width > max(map(len, header.split()))


def test_texts_are_wrapped_and_read_from_the_top(tmp_path):
    for cell in sheet(tmp_path)[2]:
        assert cell.alignment.wrap_text
        assert cell.alignment.vertical == "top"


def test_a_header_has_its_note_and_no_other_cell_one(tmp_path):
    noted = {
        cell.coordinate: cell.comment.text
        for row in sheet(tmp_path).rows
        for cell in row
        if cell.comment
    }
    assert noted == {"C1": SHEET.notes["why"]}


def test_the_same_table_gives_the_same_bytes(tmp_path):
    for name in ("first", "second"):
        write_workbook(tmp_path / f"{name}.xlsx", [SHEET])
    assert (tmp_path / "first.xlsx").read_bytes() == (tmp_path / "second.xlsx").read_bytes()


def test_the_file_does_not_tell_when_it_was_made(tmp_path):
    properties = written(tmp_path).properties
    this_year = dt.datetime.now(tz=dt.UTC).year
    assert properties.created.year < this_year
    assert properties.modified.year < this_year
    with zipfile.ZipFile(tmp_path / "list.xlsx") as archive:
        assert all(entry.date_time[0] < this_year for entry in archive.infolist())


def test_an_empty_list_has_its_headers(tmp_path):
    found = sheet(tmp_path, table=TABLE[:0])
    assert list(found.values) == [("Покупатель", "Вероятность", "Почему")]
    assert found.freeze_panes == "A2"


@pytest.mark.parametrize("text", ["=1+1", "+7 900", "-5", "@SUM(A1)", "http://example.org", "007"])
def test_a_text_stays_a_text_whatever_it_begins_with(tmp_path, text):
    found = sheet(tmp_path, table=TABLE.assign(id=text, why=text))
    for cell in (found["A2"], found["C2"]):
        assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_a_failing_writer_leaves_the_earlier_list(tmp_path):
    written(tmp_path)
    before = (tmp_path / "list.xlsx").read_bytes()
    with pytest.raises(KeyError):
        write_workbook(tmp_path / "list.xlsx", [replace(SHEET, headers={"id": "№"})])
    assert (tmp_path / "list.xlsx").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["list.xlsx"]
