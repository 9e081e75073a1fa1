"""Which files hold the shop's tables: told before DVC says it in its own words.

A table lies in one file, whose name is the table's and whose ending is that of a format we read.
"""

import difflib
import re
from collections.abc import Collection
from pathlib import Path

from retention.intake.problems import Problem, Refused

FORMATS = (".csv", ".csv.gz", ".xlsx", ".parquet")


def find_file(folder: Path, name: str) -> Path:
    """Return the file of a table. Raises Refused where there is none, or several."""
    found = [folder / f"{name}{ending}" for ending in FORMATS]
    found = [file for file in found if file.is_file()]
    if not found:
        raise Refused(_missing(folder, name))
    if len(found) > 1:
        names = " and ".join(file.name for file in found)
        wrong = f": {names} hold the same table"
        raise Refused(Problem(folder, wrong, "keep one of them", table=name))
    return found[0]


def _missing(folder: Path, name: str) -> Problem:
    there = sorted(file.name for file in folder.iterdir() if file.is_file())
    # Its name and nothing that makes another word of it: `copy of gain.csv`, not `gains.csv`.
    named = re.compile(rf"(?<![\w~$]){re.escape(name)}(?!\w)|^{re.escape(name)}_\d", re.IGNORECASE)
    alike = [one for one in there if named.search(one)]
    alike = alike or difflib.get_close_matches(f"{name}.csv", there, n=1, cutoff=0.8)
    file = folder / f"{name}.csv"
    below = sorted(folder.glob(f"*/{name}.*"))
    if not alike and below:
        wrong = f" is missing, but {below[0].relative_to(folder).as_posix()} lies there"
        return Problem(file, wrong, f"move it up into {folder}", table=name)
    if not alike:
        advice = f"put the shop's file there ({', '.join(FORMATS)})"
        return Problem(file, " is missing", advice, table=name)
    wrong = f" is missing, but {alike[0]} lies there"
    if Path(alike[0]).suffix.casefold() in (".xls", ".xlsb", ".ods"):
        return Problem(file, wrong, "save it as .xlsx or as CSV UTF-8", table=name)
    return Problem(file, wrong, "is it that? Rename it", table=name)


def missing_files(folder: Path, names: Collection[str]) -> list[str]:
    """Return a sentence for each table that no file of the folder holds, or several do."""
    problems = [missing_folder(folder, names)] if not folder.is_dir() else []
    for name in names if not problems else ():
        try:
            find_file(folder, name)
        except Refused as refused:
            problems += refused.problems
    return [one.sentence() for one in problems]


def missing_folder(folder: Path, names: Collection[str]) -> Problem:
    """Return the problem of a folder that isn't there."""
    advice = f"make this folder and put {', '.join(names)} there, or set 'data' in params.yaml"
    return Problem(folder, " is missing", advice)
