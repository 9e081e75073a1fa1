"""Files with damaged bytes are read or refused, whatever their format: no traceback, no hang."""

from collections import Counter

import small_shop
from small_shop import REPAIRS, TABLES

from tools.fuzz_reading import fuzz


def test_two_hundred_damaged_files_are_read_or_refused_in_sentences(tmp_path):
    small_shop.write(tmp_path)
    ends = Counter(fuzz(tmp_path, TABLES, REPAIRS, files=200, seed=1))
    assert sum(ends.values()) == 200
    assert ends["refused"] > 0
    assert ends["read"] + ends["with findings"] > 0


def test_what_is_not_damaged_is_read(tmp_path, monkeypatch):
    """Otherwise the fuzzer would only prove that everything is refused."""
    monkeypatch.setattr("tools.fuzz_reading._damaged", lambda content, _: content)
    small_shop.write(tmp_path)
    ends = Counter(fuzz(tmp_path, TABLES, REPAIRS, files=60, seed=1))
    assert ends["refused"] == 0
