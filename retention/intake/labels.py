"""Labels, flags and periods: read as the contract spells them, refused where they are unknown."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from retention.contract.schema import CONTRACT_FILE, Column, Repair
from retention.intake.cells import Cells
from retention.intake.decoding import how_broken
from retention.intake.numbers import is_blank
from retention.intake.problems import COLUMN, Patch, quoted
from retention.intake.spots import Spots
from retention.intake.values import labels
from retention.intake.words import SAME, clean, in_other_letters, nearest, same_word

_FORMULA = re.compile(r'^="(.*)"$')
_LOST = re.compile(r"^[\s_/()\-]*\?[?\s_/()\-]*$|\ufffd")
_TOLD = 10  # unknown labels of a column; a column of other words is one problem


class _Known:
    """The labels of a column, by what their words have in common."""

    def __init__(self, column: Column, found: Iterable[str]) -> None:
        self.allowed = labels(column)
        self.all = [*self.allowed, *found]
        words: dict[str, set[str]] = {}
        for one in self.all:
            words.setdefault(same_word(one), set()).add(one)
        # Two labels that differ in case alone are told apart by it.
        self.words = {word: next(iter(same)) for word, same in words.items() if len(same) == 1}

    def read(self, text: str) -> str | None:
        """Return the label that is meant, or None."""
        text = clean(text)
        if text in self.all:
            return text
        formula = _FORMULA.match(text)
        text = formula.group(1) if formula else text
        whole = re.sub(r"^(\d+)[.,]0+$", r"\1", text)
        return self.words.get(same_word(text)) or self.words.get(same_word(whole))


def read_labels(
    spots: Spots,
    name: str,
    column: Column,
    cells: Cells,
    repairs: Iterable[Repair],
    *,
    blank: bool = False,
) -> tuple[Any, int]:
    """Return the labels of a column (a pyarrow array, one a row), and how many were repaired.

    Adds a note for each spelling that was read as a label, a problem for each unknown one. A column
    without declared labels has any text but none.
    """
    typos = {one.found: one.meant for one in repairs if one.column == name}
    known = _Known(column, typos)
    written = cells.texts.to_pylist()
    read: list[str] = []
    unknown: dict[str, list[int]] = {}
    same: dict[tuple[str, str], list[int]] = {}
    blanks: list[int] = []
    repaired = 0
    for place, text in enumerate(written):
        label = known.read(text) if known.all else clean(text) or None
        if label is None and blank and is_blank(text):
            label = ""
            blanks.append(place)
        if label is None:
            unknown.setdefault("" if is_blank(text) else clean(text), []).append(place)
        elif label != text and label:
            same.setdefault((text, label), []).append(place)
        read.append(typos.get(label, label) if label is not None else "")
    for (text, label), places in same.items():
        if clean(text) != label:
            spots.note(name, _rows(cells, places), text, f"read as '{label}'", SAME)
    for typo, meant in typos.items():
        places = [n for n, text in enumerate(written) if text and known.read(text) == typo]
        rows = _rows(cells, places)
        repaired += len(rows)
        spots.note(name, rows, typo, f"read as '{meant}'", f"repairs of {CONTRACT_FILE}")
    rows = _rows(cells, blanks)
    text = cells.at(int(rows[0])) if len(rows) else ""
    spots.note(name, rows, text, "read as a blank", f"groups.imputed of {CONTRACT_FILE}")
    if unknown:
        _refuse(spots, name, column, cells, unknown)
    taken = pa.array(read, pa.string()).take(pa.array(cells.codes))
    return taken, repaired


def _rows(cells: Cells, places: Sequence[int]) -> NDArray[np.intp]:
    return cells.rows(cells.among(places))


def _refuse(
    spots: Spots, name: str, column: Column, cells: Cells, unknown: Mapping[str, list[int]]
) -> None:
    used = np.bincount(cells.codes, minlength=len(cells.texts)) > 0
    found = [text for text, places in unknown.items() if used[places].any()]
    if not found:
        return
    allowed = labels(column)
    everywhere = _rows(cells, [place for places in unknown.values() for place in places])
    first = cells.at(int(everywhere[0]))
    shown = found[: 5 * _TOLD]
    how = next(filter(None, (how_broken(text, set(allowed)) for text in shown)), "")
    if how or any(_LOST.search(text) for text in shown):
        what = (
            f"{how}, though the header isn't broken"
            if how
            else "a text whose letters were lost when it was saved"
        )
        wrong = f": '{column.header}' is '{first}', {what}"
        advice = "export the file again as UTF-8"
        spots.problem(name, everywhere, first, wrong, advice, weight=COLUMN, others=len(found) - 1)
        return
    for text in found[:_TOLD]:
        _unknown(spots, name, column, text, _rows(cells, unknown[text]))
    rest = [place for text in found[_TOLD:] for place in unknown[text]]
    if rest:
        wrong = f": '{column.header}' has {len(found) - _TOLD:,} more unknown labels"
        advice = "correct them, or is this another column?"
        spots.problem(name, _rows(cells, rest), found[_TOLD], wrong, advice)


def _unknown(spots: Spots, name: str, column: Column, text: str, rows: NDArray[np.intp]) -> None:
    allowed = labels(column)
    expected = f"one of: {', '.join(allowed)}" if allowed else "a text that isn't empty"
    wrong = f": '{column.header}' is '{text}', expected {expected}"
    advice, near, patches = "correct it", "", []
    if not text:
        advice = f"fill it in, or name '{name}' under 'groups.imputed' of {CONTRACT_FILE}"
    else:
        near = nearest(text, allowed)
    if in_other_letters(text, allowed):
        wrong += ", and some of its letters are Latin ones that look Cyrillic"
    if near:
        typo = f"- {{column: {name}, found: {quoted(text)}, meant: {quoted(near)}}}"
        patches.append(Patch("repairs", typo))
    elif text and column.kind == "label":
        at = f"tables.{spots.table}.columns.{name}.values"
        patches.append(Patch(at, f"- {quoted(text)}"))
    spots.problem(name, rows, text, wrong, advice, near=near, patches=patches)
