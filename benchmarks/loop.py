"""What the daily loop costs, as shares of a whole rebuild: `python -m benchmarks.loop [TABLE]`.

Works in a clone of the committed state in a temporary folder, so that nothing here changes. Prints
the seconds of a first `dvc repro`, and the ratios to it of (a) a changed grid of neighbours up to
the comparable nested figure (`dvc repro evaluate`), (b) a changed word, and (d) nothing to do; and
(c) of `dvc repro --force` to the same stages in one process, without DVC. TABLE is where the ratios
are kept, docs/models/loop.csv say, of which docs/models.md is made.
"""

import argparse
import os
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from retention.harness.files import write_csv

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Time each of them once."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", nargs="?", type=Path, help="CSV file to write")
    table = parser.parse_args().table
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)  # noqa: S607
        whole = _repro(clone)
        print(f"rebuild: {whole:.0f} s")
        again = _repro(clone)
        _edit(clone / "params.yaml", "    - 15\n    - 31\n", "    - 15\n    - 45\n")
        grid = _repro(clone, "evaluate")
        _edit(clone / "texts" / "ru.yaml", "columns:", "columns:  # a comment is no word")
        _repro(clone)
        _edit(clone / "texts" / "ru.yaml", "Покупателей", "Людей")
        word = _repro(clone)
        forced = _repro(clone, "--force")
        alone = _in_one_process(clone)
    measured = pd.DataFrame(
        {
            "a changed KNN grid → nested figure / rebuild": (grid / whole, 0.12),
            "a changed word / rebuild": (word / whole, 0.05),
            "`dvc repro --force` / the same work in one process": (forced / alone, 1.4),
            "nothing to do / rebuild": (again / whole, 0.01),
        },
        index=["ratio", "target"],
    ).T.rename_axis("what")
    print(measured.to_string(float_format="{:.3f}".format))
    if table is not None:
        write_csv(table, measured.reset_index(), digits=3)


def _repro(clone: Path, *options: str) -> float:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    start = time.perf_counter()
    subprocess.run(
        ["dvc", "repro", "--quiet", *options],  # noqa: S607
        cwd=clone,
        env={**os.environ, "PATH": path},
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - start


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    if old not in text:
        sys.exit(f"{file.name} lacks {old!r}: adapt this benchmark.")
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def _in_one_process(clone: Path) -> float:
    """Return the seconds of all stages in this process; what each one reads is there already."""
    listed = subprocess.run(
        [str(Path(sys.executable).parent / "dvc"), "stage", "list", "--name-only"],
        cwd=clone,
        capture_output=True,
        text=True,
        check=True,
    )
    os.chdir(clone)
    sys.path.insert(0, str(clone))
    start = time.perf_counter()
    for stage in listed.stdout.split():
        name, _, item = stage.partition("@")
        sys.argv = [name, item] if item else [name]
        runpy.run_module(f"stages.{name.removesuffix('_short')}", run_name="__main__")
    seconds = time.perf_counter() - start
    os.chdir(ROOT)
    return seconds


if __name__ == "__main__":
    main()
