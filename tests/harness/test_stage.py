"""A stage from start to end: checked parameters in, one sentence instead of a traceback."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from imports import ROOT

from retention.harness import stage
from retention.harness.errors import UserError
from retention.harness.parameters import Section


class Params(Section):
    """What the stage of these tests reads."""

    confidence: float


@pytest.fixture(autouse=True)
def here(monkeypatch) -> None:
    """Run in the repository."""
    monkeypatch.chdir(ROOT)


def test_a_stage_gets_its_parameters():
    seen = []
    stage.run(seen.append, Params)
    assert 0 < seen[0].confidence < 1


def test_an_item_of_a_foreach_stage_comes_from_the_command_line(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["tune", "knn"])
    seen = []
    stage.run_item(lambda _, item: seen.append(item), Params)
    assert seen == ["knn"]


@pytest.mark.parametrize("arguments", [[], ["knn", "svc"]])
def test_a_foreach_stage_without_its_item_says_how_to_run_it(monkeypatch, arguments):
    monkeypatch.setattr(sys, "argv", ["tune", *arguments])
    with pytest.raises(SystemExit, match="usage: python -m"):
        stage.run_item(lambda *_: None, Params)


def test_an_error_of_the_user_ends_the_stage_with_its_sentence():
    def main(_):
        raise UserError("money.csv is missing.")

    with pytest.raises(SystemExit) as caught:
        stage.run(main, Params)
    assert caught.value.code == "money.csv is missing."


def test_an_error_of_ours_is_not_hidden():
    def main(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stage.run(main, Params)


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(2, "No such file", "data/scores.parquet"),
        FileNotFoundError("data/scores.parquet"),  # pyarrow's
    ],
)
def test_a_stage_by_hand_before_its_inputs_says_what_makes_them(error):
    def main(_):
        raise error

    with pytest.raises(SystemExit) as caught:
        stage.run(main, Params)
    assert str(caught.value.code).startswith("data/scores.parquet is missing: `dvc repro` makes it")


def test_a_missing_file_of_the_repository_itself_is_not_hidden():
    def main(_):
        raise FileNotFoundError(2, "No such file", "retention/demo/store.json")

    with pytest.raises(FileNotFoundError):
        stage.run(main, Params)


STAGE = """
import sys, time
from pathlib import Path
from retention.harness.stage import guarded
def main():
    Path(sys.argv[1]).write_text(str(__import__("os").getpid()))
    time.sleep(60)
guarded(main)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only Linux tells a parent's parent")
@pytest.mark.parametrize("shell", [[], ["sh", "-c", 'sleep 0; "$0" "$@"; :']], ids=["", "shell"])
def test_a_stage_ends_when_the_dvc_above_it_was_killed(tmp_path, shell):
    told = tmp_path / "process"
    command = [*shell, sys.executable, "-c", STAGE, str(told)]
    # A process that starts the stage as DVC does, and waits for it.
    starter = f"import subprocess; subprocess.run({command!r})"
    dvc = subprocess.Popen(
        [sys.executable, "-c", starter], env={**os.environ, "DVC_STAGE": "nest"}, cwd=ROOT
    )
    waited_for(lambda: told.exists() and told.read_text())
    running = Path(f"/proc/{told.read_text()}")
    assert running.exists()
    dvc.kill()
    dvc.wait()
    waited_for(lambda: not running.exists() or "\nState:\tZ" in (running / "status").read_text())


def waited_for(happened):
    for _ in range(200):
        if happened():
            return
        time.sleep(0.1)
    raise AssertionError("it didn't happen in 20 seconds")


def test_ctrl_c_leaves_no_traceback():
    done = subprocess.run(
        [sys.executable, "-c", "import stages; raise KeyboardInterrupt"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stderr == b""
    done = subprocess.run(
        [sys.executable, "-c", "import stages; raise ZeroDivisionError"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert b"ZeroDivisionError" in done.stderr
