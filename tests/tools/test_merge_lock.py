"""dvc.lock merged stage by stage, alone and by git."""

import sys

import pytest
from imports import ROOT
from repositories import Repository

from tools.merge_lock import merge, split


def lock(**stages):
    entries = "".join(
        f"  {stage}:\n    cmd: run\n    outs:\n    - path: {stage}.csv\n      md5: '{md5}'\n"
        for stage, md5 in stages.items()
    )
    return f"schema: '2.0'\nstages:\n{entries}"


BASE = lock(check=1, tune=1, report=1)


def test_what_one_side_changed_is_taken_from_it():
    merged, both = merge(BASE, lock(check=1, tune=2, report=1), lock(check=1, tune=1, report=3))
    assert (merged, both) == (lock(check=1, tune=2, report=3), [])


def test_what_both_changed_is_ours_and_told():
    merged, both = merge(BASE, lock(check=1, tune=2, report=2), lock(check=1, tune=3, report=2))
    assert (merged, both) == (lock(check=1, tune=2, report=2), ["tune"])


def test_stages_come_and_go():
    merged, both = merge(
        BASE, lock(check=1, tune=1, report=1, ours=1), lock(check=1, report=1, new=1)
    )
    assert (merged, both) == (lock(check=1, report=1, ours=1, new=1), [])
    merged, both = merge(BASE, lock(check=1, report=1), lock(check=1, tune=2, report=1))
    assert (merged, both) == (lock(check=1, report=1, tune=2), ["tune"])


def test_the_committed_lock_is_split_and_put_together_again():
    text = (ROOT / "dvc.lock").read_text(encoding="utf-8")
    head, stages = split(text)
    assert head + "".join(stages.values()) == text
    assert {"check", "nest@knn", "report"} <= set(stages)
    assert merge(text, text, text) == (text, [])


@pytest.fixture
def branches(tmp_path):
    """Give a repository whose two branches changed neighbouring lines of dvc.lock."""
    made = Repository(tmp_path)
    (tmp_path / ".gitattributes").write_bytes((ROOT / ".gitattributes").read_bytes())
    for name, branch, content in (
        ("base", None, BASE),
        ("bins", "bins", lock(check=1, tune=1, report=2)),
        ("pull", "pull", lock(check=1, tune=2, report=1)),
    ):
        if branch:
            made.git("switch", "--quiet", "main")
            made.git("switch", "--quiet", "--create", branch)
        (tmp_path / "dvc.lock").write_text(content)
        made.commit(name)
    return made


def test_git_merges_with_it_once_it_is_set_up(branches):
    script = f'PYTHONPATH="{ROOT}" "{sys.executable}" -m tools.merge_lock %O %A %B'
    branches.git("config", "merge.dvc-lock.driver", script)
    said = branches.git("merge", "--no-edit", "bins")
    assert "Run `dvc repro` before you commit or push" in said
    assert (branches.folder / "dvc.lock").read_text() == lock(check=1, tune=2, report=2)
