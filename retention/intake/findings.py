"""Notes of what was understood otherwise than it stands: as a table, and for who runs a stage."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from retention.intake.problems import Note, in_one_line


def told(notes: Iterable[Note]) -> str:
    """Return the notes as lines for who runs the stage."""
    lines = []
    for one in notes:
        place = f"{one.file}" if one.line is None else f"{one.file}, line {one.line}"
        what = " ".join(filter(None, [one.column, repr(one.value)]))
        why = f" ({one.why})" if one.why else ""
        lines.append(in_one_line(f"{place}: {what}: {one.done}{why}") + "\n")
    return "".join(lines)


def findings(notes: Iterable[Note]) -> pd.DataFrame:
    """Return the notes as a table with the attributes of a `Note`.

    One row is one way in which values were understood, with the first line and the first customer
    that have it and the number of rows; all of a file has none.
    """
    names = [
        "table",
        "file",
        "line",
        "customer",
        "column",
        "value",
        "done",
        "why",
        "severity",
        "rows",
    ]
    found = [[_plain(getattr(one, name)) for name in names] for one in notes]
    return pd.DataFrame(found, columns=names).astype({"line": "Int64", "rows": "Int64"})


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value
