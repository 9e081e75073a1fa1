"""Written files: the same bytes on every system, and never half a file."""

import math

import numpy as np
import pandas as pd
import pytest

from retention.harness.files import (
    read_json,
    replace,
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
