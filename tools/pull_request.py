"""What CI runs on a pull request: `python -m tools.pull_request lock`, or `compare BASE`.

`lock` fails where dvc.lock isn't of the committed code and settings; it needs no data. `compare`
prints in Markdown how the commit differs from where it left its base branch, and from the branch's
head when that went on; pictures go to comparison.png and dvc_plots/. Both run anywhere.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import stages  # noqa: F401 - one thread for linear algebra, before numpy comes
from retention.harness.errors import UserError
from retention.harness.stage import guarded
from retention.revisions import words
from tools.compare import compared
from tools.revisions import resolve, revision

PICTURE = Path("comparison.png")


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    tasks = parser.add_subparsers(dest="task", required=True)
    tasks.add_parser("lock")
    tasks.add_parser("compare").add_argument("base", metavar="BASE")
    asked = parser.parse_args(arguments)
    guarded(lock if asked.task == "lock" else lambda: compare(asked.base))


def lock() -> None:
    """Raise UserError, naming the stages, where dvc.lock isn't of the committed files."""
    done = _dvc("repro", "--allow-missing", "--dry")
    late = [
        line.split("'")[1]
        for line in (done.stdout + done.stderr).splitlines()
        if line.startswith("Running stage '")
    ]
    if late:
        raise UserError(
            f"dvc.lock is older than the code or the settings of {', '.join(late)}: run `dvc "
            "repro` and commit dvc.lock, metrics/ and plots/."
        )
    if done.returncode:
        raise UserError(done.stderr.strip().splitlines()[-1])
    print("dvc.lock is of the committed code and settings.")


def compare(base: str) -> None:
    """Print the comparison, and draw the pictures."""
    common = _git("merge-base", resolve(base), "HEAD")
    before, after = replace(revision(common), name=base), revision("HEAD")
    [report] = compared(before, [after])
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print(words.markdown(report))
    if common != resolve(base):
        print(f"`{base}` has gone on since; this is against the commit that both have.")
    if before.kept is not None and after.kept is not None:
        from retention.revisions.picture import draw

        draw(PICTURE, before, after, report)
    drawn = _dvc("plots", "diff", "--quiet", common, "HEAD")
    if drawn.returncode:
        print("\n`dvc plots diff` failed: run it by hand.")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)  # noqa: S607
    if done.returncode:
        raise UserError(
            "the two have no commit in common here: a clone of some commits only gets the others "
            "by `git fetch --unshallow`."
        )
    return done.stdout.strip()


def _dvc(*arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "dvc", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )


if __name__ == "__main__":
    main()
