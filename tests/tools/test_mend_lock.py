"""dvc.lock is taken back where a killed build left half of it."""

import os
import subprocess
import sys

import pytest
from imports import ROOT
from repositories import Repository

from tools import mend_lock

TEXT = (ROOT / "dvc.lock").read_bytes()


def cut_off(share):
    """Return so much of the lock, up to behind the path of a file."""
    cut = TEXT[: int(len(TEXT) * share)]
    return cut[: cut.rfind(b"\n      hash: md5")]


def test_the_committed_lock_is_whole():
    assert mend_lock.whole(ROOT / "dvc.lock")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.31, 0.77])
def test_a_lock_that_was_cut_off_within_a_stage_is_not(share, tmp_path):
    (tmp_path / "dvc.lock").write_bytes(cut_off(share))
    assert not mend_lock.whole(tmp_path / "dvc.lock")


@pytest.mark.parametrize("committed", [True, False])
def test_half_a_lock_gives_way_to_the_committed_one_or_to_none(tmp_path, committed):
    made = Repository(tmp_path)
    (tmp_path / "kept.txt").write_text("kept", encoding="utf-8")
    if committed:
        (tmp_path / "dvc.lock").write_bytes(TEXT)
    made.commit("Base")
    (tmp_path / "dvc.lock").write_bytes(cut_off(0.5))
    mended = subprocess.run(
        [sys.executable, "-m", "tools.mend_lock"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "was cut off by a build that was killed" in mended.stderr
    lock = tmp_path / "dvc.lock"
    assert lock.read_bytes() == TEXT if committed else not lock.exists()


def test_a_whole_lock_stays_as_it_is(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dvc.lock").write_bytes(TEXT)
    mend_lock.main()
    assert (tmp_path / "dvc.lock").read_bytes() == TEXT
    assert capsys.readouterr().err == ""
