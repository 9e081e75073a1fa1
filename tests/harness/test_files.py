"""Written files: the same bytes on every system, and never half a file."""

import errno
import math
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from retention.harness.errors import UserError
from retention.harness.files import (
    read_json,
    replace,
    together,
    write_bytes,
    write_csv,
    write_json,
    write_parquet,
)


def test_metrics_are_ascii_with_lf_line_ends_in_the_given_order(tmp_path):
    write_json(tmp_path / "m.json", {"б": "стандарт", "a": {"z": 1, "b": True}})
    content = (tmp_path / "m.json").read_bytes()
    assert content.isascii()
    assert b"\r" not in content
    assert content.endswith(b"}\n")
    assert list(read_json(tmp_path / "m.json")) == ["б", "a"]
    assert read_json(tmp_path / "m.json") == {"б": "стандарт", "a": {"z": 1, "b": True}}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.123456, 0.1235),
        (np.float64(0.123456), 0.1235),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        ([0.123456, (1, 2.000001)], [0.1235, [1, 2.0]]),
        ({"low": np.float64(0.99999)}, {"low": 1.0}),
        (math.nan, None),
        (np.float64("nan"), None),
        (None, None),
        (10**12, 10**12),
    ],
)
def test_metrics_are_rounded_and_plain(tmp_path, value, written):
    write_json(tmp_path / "m.json", {"value": value})
    found = read_json(tmp_path / "m.json")["value"]
    assert found == written
    assert type(found) is type(written)


def test_more_digits_are_kept_when_asked_for(tmp_path):
    write_json(tmp_path / "m.json", {"value": 0.123456789}, digits=6)
    assert read_json(tmp_path / "m.json") == {"value": 0.123457}


def test_tables_are_utf_8_with_commas_lf_and_rounded_numbers(tmp_path):
    table = pd.DataFrame(
        {"имя": ["а, б", "в"], "x": [1 / 3, 2.0], "n": [1, 2]}, index=["not", "written"]
    )
    write_csv(tmp_path / "t.csv", table)
    assert (tmp_path / "t.csv").read_bytes() == 'имя,x,n\n"а, б",0.333333,1\nв,2.0,2\n'.encode()


def test_a_table_in_parquet_keeps_numbers_and_types(tmp_path):
    table = pd.DataFrame({"x": [1 / 3], "n": [1], "text": ["а"], "yes": [True]}, index=[9])
    write_parquet(tmp_path / "t.parquet", table)
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "t.parquet"), table.reset_index(drop=True), check_exact=True
    )


def test_missing_folders_are_made(tmp_path):
    write_bytes(tmp_path / "a" / "b" / "c.bin", b"content")
    assert (tmp_path / "a" / "b" / "c.bin").read_bytes() == b"content"


def fail_halfway(target):
    target.write_text("half")
    raise RuntimeError


def unwritable(path):
    write_json(path, {"good": 1, "bad": object()})


@pytest.mark.parametrize(
    "write", [lambda path: replace(path, fail_halfway), unwritable], ids=["halfway", "json"]
)
def test_what_fails_leaves_the_earlier_file_and_nothing_else(tmp_path, write):
    file = tmp_path / "m.json"
    file.write_text("earlier")
    with pytest.raises((RuntimeError, TypeError)):
        write(file)
    assert file.read_text() == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["m.json"]


def test_a_writer_gets_a_name_with_the_ending_of_the_file(tmp_path):
    names = []

    def write(target):
        names.append(target.suffix)
        target.write_bytes(b"")

    replace(tmp_path / "list.xlsx", write)
    assert names == [".xlsx"]
    assert (tmp_path / "list.xlsx").exists()


def test_files_of_a_stage_arrive_together(tmp_path):
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_text("earlier")
    with together():
        write_json(first, {"a": 1})
        write_json(second, {"b": 2})
        assert first.read_text() == "earlier"
    assert (read_json(first), read_json(second)) == ({"a": 1}, {"b": 2})
    assert len([*tmp_path.iterdir()]) == 2


@together()
def stage_of(*writes):
    for write in writes:
        write()


def interrupt(path):
    write_bytes(path, b"new")
    raise KeyboardInterrupt


@pytest.mark.parametrize("failing", [interrupt, lambda path: replace(path, fail_halfway)])
def test_a_stage_that_fails_leaves_all_of_its_earlier_files(tmp_path, failing):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    for file in (first, second):
        file.write_text("earlier")
    with pytest.raises((KeyboardInterrupt, RuntimeError)):
        stage_of(lambda: write_bytes(first, b"new"), lambda: failing(second))
    assert first.read_text() == second.read_text() == "earlier"
    assert len([*tmp_path.iterdir()]) == 2


def refusing(number, wrapped=False):
    def write(target):
        target.write_bytes(b"half")
        error = OSError(number, "refused", str(target))
        raise RuntimeError(error) if wrapped else error

    return write


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "the disk is full: make room"),
        (errno.EROFS, "the folder is read-only: copy the repository"),
        (errno.EACCES, r"close it where it is open \(Excel locks a workbook\)"),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True], ids=["plain", "wrapped by a library"])
def test_a_disk_or_folder_that_refuses_gets_one_sentence(tmp_path, number, sentence, wrapped):
    file = tmp_path / "list.xlsx"
    file.write_text("earlier")
    with pytest.raises(UserError, match=rf"list.xlsx can't be written.*{sentence}") as raised:
        replace(file, refusing(number, wrapped))
    assert "\n" not in str(raised.value)
    assert file.read_text() == "earlier"
    assert len([*tmp_path.iterdir()]) == 1


def test_other_errors_of_the_system_are_not_hidden(tmp_path):
    with pytest.raises(OSError, match="refused"):
        replace(tmp_path / "a.csv", refusing(errno.EIO))


def test_a_workbook_that_is_open_keeps_every_file_of_the_stage(tmp_path, monkeypatch):
    """Windows refuses to move an open file: here the system is told to."""
    files = [tmp_path / name for name in ("list.csv", "list.xlsx", "offer.json")]
    for file in files:
        file.write_text("earlier")
    move = Path.replace

    def locked(self, target):
        if self.name == "list.xlsx":
            raise PermissionError(errno.EACCES, "in use", str(self))
        return move(self, target)

    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(UserError, match=r"list\.xlsx can't be written: close it"):
        stage_of(*(partial(write_bytes, file, b"new") for file in files))
    assert {file.read_text() for file in files} == {"earlier"}
    assert sorted(tmp_path.iterdir()) == files
