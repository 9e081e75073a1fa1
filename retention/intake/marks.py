"""Which decimal mark a file has, from all its numbers together."""

from collections.abc import Mapping

import numpy as np

from retention.contract.schema import CONTRACT_FILE
from retention.intake.cells import Mask
from retention.intake.numbers import MARKS, POINT, Numbers, Which, first_row
from retention.intake.problems import COLUMN, Patch
from retention.intake.spots import Spots

Columns = Mapping[str, Numbers]


def read_marks(spots: Spots, numbers: Columns, declared: str | None) -> None:
    """Convert all numbers of a file with the one decimal mark that makes sense of them.

    Adds a problem where none does or several do, and notes of marks between thousands.
    """
    seen = [mark for mark in MARKS if _rows(numbers, _certain(mark))]
    decimal = declared or (seen[0] if seen else POINT)
    if len(seen) == 2:
        _mixed(spots, numbers)
    elif seen and seen != [decimal]:
        _declared_otherwise(spots, numbers, decimal)
    elif not _doubtful(spots, numbers, decimal, known=bool(seen or declared)):
        for name, one in numbers.items():
            one.convert(decimal)
            rows = one.cells.rows(one.grouped(decimal))
            done = "read without the marks between thousands"
            why = f"the decimal mark of the file is '{decimal}'"
            spots.note(name, rows, one.cells.at(int(rows[0])) if len(rows) else "", done, why)


def _certain(mark: str) -> Which:
    return lambda one: one.certain(mark)


def _rows(numbers: Columns, which: Which) -> int:
    return sum(len(one.cells.rows(which(one))) for one in numbers.values())


def _mixed(spots: Spots, numbers: Columns) -> None:
    shown = []
    for mark in MARKS:
        name, row = first_row(numbers, _certain(mark))
        shown.append(f"with '{mark}' ({spots.name(row)}: '{numbers[name].cells.at(row)}')")
    wrong = f": its numbers are written {' and '.join(shown)}"
    spots.problem(
        name,
        np.array([row]),
        numbers[name].cells.at(row),
        wrong,
        "export it again with one decimal mark",
        weight=COLUMN,
    )


def _declared_otherwise(spots: Spots, numbers: Columns, declared: str) -> None:
    other = MARKS[declared == POINT]
    name, row = first_row(numbers, _certain(other))
    text, place = numbers[name].cells.at(row), f"tables.{spots.table}"
    spots.problem(
        name,
        np.full(_rows(numbers, _certain(other)), row),
        text,
        f": '{text}' is written with '{other}', but '{declared}' is declared",
        f"remove 'decimal' of {place} of {CONTRACT_FILE}",
        weight=COLUMN,
        patches=[Patch(place, f"decimal: '{other}'")],
    )


def _doubtful(spots: Spots, numbers: Columns, decimal: str, *, known: bool) -> bool:
    """Add the problem of numbers that may be a thousand or a fraction, if there are any.

    Where the decimal mark is known, these have the other one, and no value proves that it groups
    thousands.
    """
    other = MARKS[decimal == POINT]
    if known and _rows(numbers, lambda one: one.thousands(other)):
        return False

    def which(one: Numbers) -> Mask:
        return one.either() & one.has(other) if known else one.either()

    name, row = first_row(numbers, which)
    if not name:
        return False
    text = numbers[name].cells.at(row)
    mark = next(mark for mark in MARKS if mark in text)
    spots.problem(
        name,
        np.full(_rows(numbers, which), row),
        text,
        f": '{text}' may be a thousand or a fraction",
        "write thousands without a mark",
        weight=COLUMN,
        patches=[Patch(f"tables.{spots.table}", f"decimal: '{mark}'")],
    )
    return True
