"""A missing file is told with what lies there instead of it."""

import pytest

from retention.intake.places import missing_files

NAMES = ["market_file.csv", "money.csv"]


def test_nothing_is_told_of_files_that_are_there(tmp_path):
    for name in NAMES:
        (tmp_path / name).touch()
    assert missing_files(tmp_path, NAMES) == []


def test_a_missing_folder_is_told_with_all_that_belongs_into_it(tmp_path):
    (told,) = missing_files(tmp_path / "november", NAMES)
    assert "november is missing" in told
    assert "market_file.csv, money.csv" in told


@pytest.mark.parametrize(
    ("there", "advice"),
    [
        ("money.xlsx", "but money.xlsx lies there: save it as CSV UTF-8"),
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
