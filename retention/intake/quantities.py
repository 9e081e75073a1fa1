"""Whether the numbers of a column are what its kind and its range allow, and which are blank."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from retention.contract.schema import CONTRACT_FILE, Column
from retention.intake.cells import Mask
from retention.intake.numbers import BLANK, EXACT, Numbers
from retention.intake.problems import Patch
from retention.intake.spots import Spots

_EXPECTED = {
    "number": "a number",
    "money": "a number",
    "count": "a whole number",
    "share": "a share between 0 and 1",
}
_ANEW = "export the file anew without opening it in a spreadsheet"


def expected(column: Column) -> str:
    """Return what a column of numbers should hold, in words."""
    low, high = column.range
    words = _EXPECTED[column.kind]
    if column.kind == "share":
        return words
    if low is not None and high is not None:
        return f"{words} between {low:g} and {high:g}"
    if low is not None:
        return f"{words}, {low:g} or more"
    return words if high is None else f"{words}, {high:g} at most"


def read_quantities(
    spots: Spots, name: str, column: Column, numbers: Numbers, *, blank: bool = False
) -> NDArray[np.generic]:
    """Return the numbers of a column, one a row: whole ones where all are, nan where one is blank.

    Adds notes of what was taken off, and a problem for each way in which values are wrong. Only a
    column that may be `blank` has blanks.
    """
    _note(spots, name, numbers)
    by_reason: dict[str, list[int]] = {}
    for place, why in numbers.wrong.items():
        by_reason.setdefault(why, []).append(place)
    blanks = by_reason.pop(BLANK, [])
    if blank:
        _note_blanks(spots, name, numbers, blanks)
    else:
        advice = spots.fill_in(name)
        _refuse(spots, name, column, numbers, numbers.cells.among(blanks), "", advice)
    for why, places in by_reason.items():
        spoilt = "spreadsheet made" in why or "spreadsheet shortened" in why
        advice = _ANEW if spoilt else "correct it"
        _refuse(spots, name, column, numbers, numbers.cells.among(places), why, advice)
    _check(spots, name, column, numbers)
    values = numbers.values
    # A mean that the shop rounds is a whole number where all of them are.
    whole = column.kind in ("count", "number") and bool((values % 1 == 0).all())
    exact = whole and bool((np.abs(values) < EXACT).all())
    return values.astype("int64" if exact else "float64")[numbers.cells.codes]


def _note(spots: Spots, name: str, numbers: Numbers) -> None:
    cells = numbers.cells
    whats: Mapping[str, list[int]] = {
        "read as a per cent": numbers.percent,
        "read as the number in it": numbers.unwrapped,
        "read as a number below zero": numbers.negative,
        **{
            f"read without its currency '{sign}'": [
                place for place, one in numbers.currency.items() if one == sign
            ]
            for sign in sorted(set(numbers.currency.values()))
        },
    }
    for done, places in whats.items():
        rows = cells.rows(cells.among(places))
        if len(rows):
            why = f"a {numbers.kind} may be written so"
            spots.note(name, rows, cells.at(int(rows[0])), done, why)


def _note_blanks(spots: Spots, name: str, numbers: Numbers, blanks: "list[int]") -> None:
    rows = numbers.cells.rows(numbers.cells.among(blanks))
    if len(rows):
        why = f"groups.imputed of {CONTRACT_FILE}"
        spots.note(name, rows, numbers.cells.at(int(rows[0])), "read as a blank", why)


def _refuse(
    spots: Spots,
    name: str,
    column: Column,
    numbers: Numbers,
    hit: Mask,
    why: str,
    advice: str,
    patch: Patch | None = None,
) -> None:
    rows = numbers.cells.rows(hit)
    if not len(rows):
        return
    text = numbers.cells.at(int(rows[0]))
    what = f"{why}, " if why else ""
    wrong = f": '{column.header}' is '{text}', {what}expected {expected(column)}"
    others = len(np.unique(numbers.cells.codes[rows])) - 1
    patches = [patch] if patch else []
    spots.problem(name, rows, text, wrong, advice, others=others, patches=patches)


def _check(spots: Spots, name: str, column: Column, numbers: Numbers) -> None:
    values = numbers.values
    signs = sorted(set(numbers.currency.values()))
    if len(signs) > 1:
        places = [place for place, one in numbers.currency.items() if one == signs[1]]
        why = f"in another currency than '{signs[0]}' of other rows"
        _refuse(spots, name, column, numbers, numbers.cells.among(places), why, "use one of them")
    place = f"tables.{spots.table}.columns.{name}"
    low, high = column.range
    with np.errstate(invalid="ignore"):
        huge = np.abs(values) >= EXACT
        below = (values < (-np.inf if low is None else low)) & ~huge
        above = (values > (np.inf if high is None else high)) & ~huge
        broken = (values % 1 != 0) & ~np.isnan(values) & ~(below | above | huge)
    _refuse(spots, name, column, numbers, huge, "too large to be kept", "correct it")
    if column.kind == "share":
        _refuse(spots, name, column, numbers, below | above, "", _share_advice(values))
        return
    if below.any():
        patch = Patch(place, f"minimum: {values[below].min():g}")
        _refuse(spots, name, column, numbers, below, "", "correct it", patch)
    if above.any():
        patch = Patch(place, f"maximum: {values[above].max():g}")
        _refuse(spots, name, column, numbers, above, "", "correct it", patch)
    if column.kind == "count":
        patch = Patch(place, "kind: number")
        _refuse(spots, name, column, numbers, broken, "", "correct it", patch)


def _share_advice(values: NDArray[np.float64]) -> str:
    known = values[~np.isnan(values)]
    if len(known) and known.min() >= 0 and known.max() <= 100 and np.median(known) > 1:
        return "divide per cents by 100, or write them with '%'"
    return "correct it"
