"""Run the recipes of docs/experiments.md in a fresh clone, and write what they print.

`python -m tools.recipes` takes half an hour: `dvc repro` runs from nothing. A recipe stands between
the marks `<!-- run NAME -->` and `<!-- /run -->`: a block of commands, and below it their output.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from retention.harness.files import write_bytes
from tools.tables import ROOT

DOCUMENT = ROOT / "docs" / "experiments.md"
MARKED = re.compile(r"<!-- run (\S+) -->\n(.*?)<!-- /run -->\n", re.DOTALL)
COMMANDS = re.compile(r"```sh\n(.*?)```\n", re.DOTALL)
# What says nothing, or what no two runs have alike.
DULL = re.compile(
    r"%\||^> python -m|^Updating lock file|^To track the changes|^\s*git add |^To enable auto|"
    r"^\s*dvc config core|^Use `dvc push`|^\s*$|^data/.*: read as|^To apply the results|"
    r"^\s*dvc exp apply|^Experiment results have been applied|^Reproducing experiment|"
    r"^\d+/\d+ |it/s\]|file/s|^[AMD]\s+(data|models|offers|report|metrics|plots)/"
)
HASH = re.compile(r"\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7}\b|\b[0-9]{7}(?= \[)")
SKIPPED = re.compile(r"^Stage '.*' didn't change, skipping$")
FILE = re.compile(r"^(data|models|offers|report)/\S+$")
MOST = 6  # lines of the same kind in a row
WIDEST = 160


@dataclass(frozen=True)
class Recipe:
    """A name and the commands."""

    name: str
    commands: str


def recipes(text: str) -> list[Recipe]:
    """Return the recipes of a document, in their order."""
    found = []
    for marked in MARKED.finditer(text):
        commands = COMMANDS.search(marked[2])
        if commands is None:
            raise ValueError(f"the recipe {marked[1]!r} has no commands")
        found.append(Recipe(marked[1], commands[1]))
    return found


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a newcomer: this Python first, 80 columns, a name for commits."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    git = {"NAME": "Someone", "EMAIL": "someone@example.org"}
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
        **{
            f"GIT_{who}_{key}": value
            for who in ("AUTHOR", "COMMITTER")
            for key, value in git.items()
        },
        "PATH": path,
        "COLUMNS": "80",
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "HOME": str(folder.parent),
    }


def run(recipe: Recipe, folder: Path) -> str:
    """Run a recipe in a clone, and return all that it prints."""
    return subprocess.run(
        ["bash", "-c", recipe.commands],  # noqa: S607
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    ).stdout


def tidy(output: str, folder: Path) -> str:
    """Return an output without what is dull: progress, hints, repetitions, this machine's names."""
    text = output.replace(str(folder.parent), "~").replace("\x1b[0m", "")
    lines = [
        re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line.split("\r")[-1]) for line in text.split("\n")
    ]
    kept = [HASH.sub("1a2b3c4", line.rstrip()) for line in lines if not DULL.search(line)]
    return "".join(f"{line[:WIDEST]}\n" for line in _short(kept))


def _short(lines: list[str]) -> Iterator[str]:
    for kind, group in groupby(lines, key=_kind):
        alike = list(group)
        if kind == "skipped":
            yield f"({len(alike)} stages didn't change)" if len(alike) > 1 else alike[0]
        elif kind == "file" and len(alike) > MOST:  # DVC lists them in any order
            yield f"({len(alike)} files)"
        elif kind and len(alike) > MOST:
            yield from alike[: MOST // 2]
            yield f"… {len(alike) - MOST + 1} more …"
            yield from alike[1 - MOST // 2 :]
        else:
            yield from alike


def _kind(line: str) -> str:
    if SKIPPED.match(line):
        return "skipped"
    if FILE.match(line):
        return "file"
    return re.sub(r"'.*", "", line) if line.startswith(("Running stage", "Stage '")) else ""


def written(text: str, outputs: Mapping[str, str]) -> str:
    """Return the document with the outputs of recipes; those of others stay as they are."""

    def block(marked: re.Match[str]) -> str:
        if marked[1] not in outputs:
            return marked[0]
        commands, output = COMMANDS.search(marked[2]), outputs[marked[1]]
        said = f"\n```text\n{output}```\n" if output else ""
        shown = commands[0] if commands else ""
        return f"<!-- run {marked[1]} -->\n{shown}{said}<!-- /run -->\n"

    return MARKED.sub(block, text)


def main() -> None:
    """Run all, and write the document after each."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    text = DOCUMENT.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "retention"
        clone = ["git", "clone", "--quiet", str(ROOT), str(folder)]
        subprocess.run(clone, check=True)
        for recipe in recipes(text):
            print(f"{recipe.name} …", flush=True)
            text = written(text, {recipe.name: tidy(run(recipe, folder), folder)})
            write_bytes(DOCUMENT, text.encode("utf-8"))


if __name__ == "__main__":
    main()
