"""Which file of a folder holds a table: one of the formats that are read, and one alone."""

import difflib
from pathlib import Path

from retention.intake.findings import Problem, Refused

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
    starts = tuple(f"{name}{after}".casefold() for after in (".", " (", "("))
    alike = [one for one in there if one.casefold().startswith(starts)]
    alike = alike or difflib.get_close_matches(f"{name}.csv", there, n=1, cutoff=0.8)
    file = folder / f"{name}.csv"
    if not alike:
        advice = f"put the shop's file there ({', '.join(FORMATS)})"
        return Problem(file, " is missing", advice, table=name)
    wrong = f" is missing, but {alike[0]} lies there"
    if Path(alike[0]).suffix.casefold() in (".xls", ".xlsb", ".ods"):
        return Problem(file, wrong, "save it as .xlsx or as CSV UTF-8", table=name)
    return Problem(file, wrong, "is it that? Rename it", table=name)
