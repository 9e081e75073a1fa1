"""A missing file is told with what lies there instead of it."""

import pytest

from retention.intake.places import missing_files

NAMES = ["market_file", "money"]


def test_nothing_is_told_of_files_that_are_there(tmp_path):
    for ending in (".csv", ".csv.gz", ".xlsx", ".parquet"):
        folder = tmp_path / ending
        folder.mkdir()
        for name in NAMES:
            (folder / f"{name}{ending}").touch()
        assert missing_files(folder, NAMES) == []


def test_two_files_of_a_table_are_told(tmp_path):
    for name in ("market_file.csv", "money.csv", "money.xlsx"):
        (tmp_path / name).touch()
    (told,) = missing_files(tmp_path, NAMES)
    assert "money.csv and money.xlsx hold the same table: keep one of them" in told


def test_a_missing_folder_is_told_with_all_that_belongs_into_it(tmp_path):
    (told,) = missing_files(tmp_path / "november", NAMES)
    assert "november is missing" in told
    assert "market_file, money" in told


@pytest.mark.parametrize(
    ("there", "advice"),
    [
        ("money.xls", "but money.xls lies there: save it as .xlsx or as CSV UTF-8"),
        ("money (1).csv", "but money (1).csv lies there: is it that?"),
        ("Money.CSV", "but Money.CSV lies there: is it that?"),
        ("mony.csv", "but mony.csv lies there: is it that?"),
        ("notes.txt", "money.csv is missing: put the shop's file there"),
    ],
)
def test_what_lies_there_instead_is_named(tmp_path, there, advice):
    (tmp_path / "market_file.csv").touch()
    (tmp_path / there).touch()
    (told,) = missing_files(tmp_path, NAMES)
    assert advice in told
