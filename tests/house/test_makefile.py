"""The Makefile's own sentences."""

import os
import shutil
import subprocess

import pytest
from imports import ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


@pytest.fixture
def folder(tmp_path):
    """Give a folder without git whose environment seems to be made already."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "requirements.txt").touch()
    binaries = tmp_path / ".venv/bin"
    binaries.mkdir(parents=True)
    for name in ("python", "dvc"):
        (binaries / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (binaries / name).chmod(0o755)
    (tmp_path / ".venv/run.txt").touch()
    return tmp_path


def _of_make(name):
    return name.startswith(("MAKE", "MFLAGS")) or name in (
        "VENV",
        "PYTHON",
        "WITH",
        "NAME",
        "SOURCE",
    )


def make(folder, *arguments):
    """Run make as a user does: make hands the variables that it was given on to these tests."""
    clean = {name: value for name, value in os.environ.items() if not _of_make(name)}
    return subprocess.run(
        ["make", "--silent", *arguments],
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_zip_without_git_gets_one_sentence(folder):
    done = make(folder, "repro")
    assert done.returncode != 0
    assert done.stdout == ""
    assert "This folder is no clone (a ZIP has no git): get one by git clone" in done.stderr


def test_whoever_told_dvc_that_there_is_no_git_may_go_on(folder):
    (folder / ".dvc/config.local").write_text("[core]\n    no_scm = true\n")
    assert make(folder, "repro").stdout == "python -m tools.mend_lock\ndvc repro\n"


def test_comparing_and_ready_experiments_have_short_names(folder):
    assert make(folder, "compare").stdout == "python -m tools.compare main\n"
    assert make(folder, "compare", "WITH=v1").stdout == "python -m tools.compare v1\n"
    assert make(folder, "experiment", "NAME=a").stdout == "python -m tools.experiment a\n"
    assert make(folder, "experiment").stdout == "python -m tools.experiment --list\n"


def test_the_outcome_has_a_short_name_and_without_a_folder_it_is_the_demos(folder):
    assert make(folder, "outcome", "SOURCE=a b").stdout == "python -m tools.outcome a b\n"
    assert make(folder, "outcome").stdout == "python -m tools.outcome data/demo_next\n"


def test_what_a_campaign_taught_is_taken_in_by_one_command(folder):
    for name in ("campaign", "offers"):
        (folder / name).mkdir()
    (folder / "campaign/learned.yaml").write_text("offers: {}\n")
    assert make(folder, "adopt").returncode == 0
    assert (folder / "offers/learned.yaml").read_text() == "offers: {}\n"
