"""Ids are texts, kept as the shop wrote them: with their zeros, to the last digit."""

import re
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from retention.intake.cells import Cells
from retention.intake.numbers import is_blank
from retention.intake.spots import Spots
from retention.intake.words import clean

# What the rows below a table are called that spreadsheets and reports add to it.
TOTALS = "итого|всего|сумма|общий итог|среднее|количество|total|grand total|sum|average"
TOTAL = re.compile(rf"^({TOTALS})\b\D*(: ?\d+)?$", re.IGNORECASE)
# What an id of digits or of letters looks like: nothing to be done, nor to be asked.
_PLAIN = r"[0-9]+|[A-Za-z0-9_\-]*[A-Za-df-zA-DF-Z_\-][A-Za-z0-9_\-]*"
_NO_ID = r"(?i)nan|null|none|na|nil|-+|-?inf"
_SHORTENED = re.compile(r"^\d([.,]\d+)?E\+?\d+$", re.IGNORECASE)
_FRACTION = re.compile(r"^\d+[.,]\d*[1-9]\d*$")
_DATE = re.compile(
    r"^(\d{1,2}[.\- ](янв|фев|мар|апр|май|мая|июн|июл|авг|сен|окт|ноя|дек)\w*"
    r"|\d{1,2}-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\d{4}-\d{2}-\d{2}[ T].*)$",
    re.IGNORECASE,
)
_WRAPPED = {  # how a spreadsheet keeps digits from being taken for a number
    "its formula": re.compile(r'^="(.*)"$'),
    "its apostrophe": re.compile(r"^'(\d+)$"),
    "'.0'": re.compile(r"^(\d+)[.,]0+$"),
}
_GROUPED = r"\d{1,3}( \d{3})*"
_ANEW = "export the file anew without opening it in a spreadsheet"
_KEPT = 15  # digits that a spreadsheet keeps of a number; the others become zeros
_MANY = 6  # ids that end in a zero by chance: one file in a million


def read_ids(spots: Spots, column: str, header: str, cells: Cells) -> Cells:
    """Return the ids, kept but for what a spreadsheet put round them, which is noted.

    Adds a problem for ids that are blank or were shortened.
    """
    odd = np.flatnonzero(~cells.matching(_PLAIN) | cells.matching(_NO_ID))
    if not len(odd):
        _refuse_rounded(spots, column, header, cells)
        return cells
    texts = cells.texts.to_pylist()
    done: dict[str, list[int]] = {}
    groups = cells.matching(_GROUPED).all()
    for place in odd.tolist():
        texts[place] = clean(texts[place])
        if groups:
            done.setdefault("the blanks between thousands", []).append(place)
            texts[place] = texts[place].replace(" ", "")
        for what, pattern in _WRAPPED.items():
            found = pattern.match(texts[place])
            if found:
                done.setdefault(what, []).append(place)
                texts[place] = found.group(1).strip()
    read = Cells(pa.array(texts, pa.string()), cells.codes)
    for what, places in done.items():
        rows = cells.rows(cells.among(places))
        if len(rows):
            why = "a spreadsheet or an export added it"
            spots.note(column, rows, cells.at(int(rows[0])), f"read without {what}", why)
    _refuse(spots, column, header, read, odd.tolist())
    _refuse_rounded(spots, column, header, read)
    return read


def _refuse(spots: Spots, column: str, header: str, cells: Cells, odd: Sequence[int]) -> None:
    texts = cells.texts.to_pylist()
    digits = bool(cells.matching(r"\d+").any())

    def is_half(text: str) -> bool:
        return digits and bool(_FRACTION.match(text))

    kinds: list[tuple[Callable[[str], object], str, str]] = [
        (is_blank, "blank, expected an id", "correct the line, or remove it"),
        (_SHORTENED.match, "an id that a spreadsheet shortened", _ANEW),
        (_DATE.match, "a date, which a spreadsheet made of an id", _ANEW),
        (is_half, "a fraction, expected an id like the others", "correct it"),
        (lambda text: text.casefold() in ("inf", "-inf"), "not an id", "correct it"),
    ]
    for test, what, advice in kinds:
        places = [place for place in odd if test(texts[place])]
        rows = cells.rows(cells.among(places))
        if len(rows):
            text = cells.at(int(rows[0]))
            others = len({texts[place] for place in places}) - 1
            wrong = f": '{header}' is '{text}', {what}"
            spots.problem(column, rows, text, wrong, advice, others=others)


def _refuse_rounded(spots: Spots, column: str, header: str, cells: Cells) -> None:
    long = cells.matching(rf"\d{{{_KEPT + 1},}}")
    if long.sum() >= _MANY and cells.matching(r"\d*0")[long].all():
        rows = cells.rows(long)
        text = cells.at(int(rows[0]))
        wrong = f": '{header}' is '{text}', and all ids of more than {_KEPT} digits end in a zero"
        wrong += ", as a spreadsheet leaves them"
        spots.problem(column, rows, text, wrong, _ANEW)
