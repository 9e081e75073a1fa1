"""Run ready experiments: `python -m tools.experiment NAME`, `--all`, or `--list`.

An experiment is a file experiments/<name>.yaml: a question, the settings that answer it (as for
`dvc exp run -S`), and what to look at. It runs up to the nested figures (`evaluate`), becomes an
experiment of DVC of that name, and the workspace is put back as it was. `--table` compares all that
have run with the current commit, and writes docs/experiments/ready.csv, of which `make docs` makes
the table in docs/experiments.md.
"""

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import Field

import stages  # noqa: F401 - one thread for linear algebra, before numpy comes
from retention.harness.errors import UserError
from retention.harness.files import write_csv
from retention.harness.parameters import Section, validate
from retention.harness.stage import guarded
from retention.harness.yaml12 import read_yaml
from retention.revisions import words
from tools.compare import compared
from tools.revisions import experiment_commits, revision

FOLDER = Path("experiments")
TABLE = Path("docs/experiments/ready.csv")
BASELINE = "HEAD"


class Experiment(Section):
    """An experiment's file."""

    question: str
    settings: Annotated[list[str], Field(min_length=1)]
    look_at: str
    target: str = "evaluate"  # the last stage to run; empty for all of them


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", metavar="NAME", nargs="*")
    parser.add_argument("--all", action="store_true", help="every one that hasn't run yet")
    parser.add_argument("--again", action="store_true", help="also those that have run")
    parser.add_argument("--list", action="store_true", help="what there is, and its question")
    parser.add_argument("--table", action="store_true", help=f"write {TABLE}")
    asked = parser.parse_args(arguments)
    if not (asked.names or asked.all or asked.list or asked.table):
        parser.error("name an experiment, or use --all, --list or --table")
    guarded(lambda: _run(asked))


def ready() -> dict[str, Experiment]:
    """Return all ready experiments. Raises UserError for a file that is wrong."""
    return {file.stem: load(file.stem) for file in sorted(FOLDER.glob("*.yaml"))}


def load(name: str) -> Experiment:
    """Return a ready experiment. Raises UserError when there is none, or its file is wrong."""
    file = FOLDER / f"{name}.yaml"
    if not file.is_file():
        known = ", ".join(sorted(one.stem for one in FOLDER.glob("*.yaml")))
        raise UserError(f"{file} is missing: use one of {known}, or write it.")
    return validate(Experiment, read_yaml(file), str(file))


def command(name: str, experiment: Experiment) -> list[str]:
    """Return the command of DVC that runs an experiment."""
    settings = [part for setting in experiment.settings for part in ("-S", setting)]
    return ["dvc", "exp", "run", "--name", name, *settings, *experiment.target.split()]


def _run(asked: argparse.Namespace) -> None:
    if asked.list:
        for name, one in ready().items():
            print(f"{name}: {' '.join(one.question.split())}")
        return
    names = [*asked.names, *(ready() if asked.all else [])]
    wanted = {name: load(name) for name in dict.fromkeys(names)}
    done = experiment_commits()
    for name, one in wanted.items():
        if name in done and asked.all and not asked.again:
            print(f"{name} has run already (--again runs it anew)")
            continue
        if name in done and not asked.again:
            raise UserError(f"the experiment '{name}' has run already: add --again to run it anew.")
        _refuse_edits()
        if name in done:
            _dvc("exp", "remove", name)
        run(name, one)
        print(words.terminal(compared(revision(BASELINE), [revision(name)])[0]))
        print(f"Look at: {' '.join(one.look_at.split())}\n", flush=True)
    if asked.table:
        write_csv(TABLE, table(), digits=4)


def run(name: str, experiment: Experiment) -> None:
    """Run an experiment here, and put the workspace back, whatever happens.

    Raises UserError when DVC can't run it.
    """
    line = command(name, experiment)
    print(f"$ {shlex.join(line)}", flush=True)
    try:
        failed = _dvc(*line[1:])
    finally:
        subprocess.run(["git", "checkout", "--quiet", "--", "."], check=True)  # noqa: S607
        missing = _dvc("checkout", "--quiet", quiet=True)
    if failed:
        raise UserError(f"the experiment '{name}' failed: what DVC says above tells why.")
    if missing:
        print("Results of before aren't in DVC's cache: `dvc repro` makes them anew.")


def table() -> pd.DataFrame:
    """Return a row a ready experiment that has run, compared with the current commit."""
    known, done = ready(), experiment_commits()
    names = [name for name in known if name in done]
    missing = [name for name in known if name not in done]
    if missing:
        print(f"without {', '.join(missing)}: not run yet", file=sys.stderr)
    if not names:
        raise UserError("no ready experiment has run: `python -m tools.experiment --all` runs all.")
    # Families alone aren't in the table: to judge them, too, would widen what is.
    before, *after = [replace(revision(name), families=None) for name in (BASELINE, *names)]
    reports = compared(before, after)
    return pd.DataFrame([_row(*one) for one in zip(names, reports, strict=True)])


def _row(name: str, report: dict[str, Any]) -> dict[str, Any]:
    by_name = {one["figure"]: one for one in report["figures"]}
    row = {"experiment": name, "compared": report["compared"]["how"]}
    auc = by_name["roc_auc"]
    row |= {key: auc[key] for key in ("before", "after", "difference", "low", "high", "smallest")}
    return row | {figure: one["verdict"] for figure, one in by_name.items()}


def _refuse_edits() -> None:
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    if changed:
        names = ", ".join(line[3:] for line in changed[:3])
        raise UserError(
            f"{names} {'differs' if len(changed) == 1 else 'differ'} from the last commit and "
            "would become part of the experiment: commit (`git commit -a`) or put away (`git "
            "stash`) first."
        )


def _dvc(*arguments: str, quiet: bool = False) -> int:
    """Run DVC with this Python's own programs first in the path; returns its exit code."""
    line = [sys.executable, "-m", "dvc", *arguments]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} if quiet else {}
    return subprocess.run(line, check=False, env=_environment(), **silent).returncode  # type: ignore[call-overload,no-any-return]


def _environment() -> dict[str, str]:
    """Return the environment in which `python` is this one: stages run by that name."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path}


if __name__ == "__main__":
    main()
