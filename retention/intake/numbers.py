"""From texts to numbers, where only one reading makes sense.

The marks of a file are found together: `1,234` may be a thousand or a fraction, but not in a file
that writes `0,5` or `1,234.5`. What isn't a number at first sight (a per cent, a sum with its
currency, a date that a spreadsheet made of it) is looked at one distinct value at a time.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from retention.intake.cells import Cells, Mask, mask
from retention.intake.words import clean

POINT, COMMA = ".", ","
MARKS = (POINT, COMMA)
EXACT = 2.0**53  # whole numbers beyond are not told from their neighbours

BLANK = "blank"
# What stands for a blank in exports of databases, of pandas and of R, and in spreadsheets.
_BLANKS = ("na", "n/a", "n.a.", "#n/a", "#н/д", "null", "none", "nan", "nil", "-", "–", "—", "?")
_SPREADSHEET_ERROR = re.compile(r"^#[A-ZА-Я0-9/!?]+[!?]?$")
_FORMULA = re.compile(r'^="(.*)"$')  # a spreadsheet's way to keep a number a text
DATE = re.compile(
    r"^(\d{1,2}[.\-/ ]?(янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|jan|feb|mar|apr|may|jun"
    r"|jul|aug|sep|oct|nov|dec)\w*\.?([.\-/ ]\d{2,4})?"
    r"|(янв|фев|мар|апр|май|июн|июл|авг|сен|окт|ноя|дек|jan|feb|mar|apr|may|jun"
    r"|jul|aug|sep|oct|nov|dec)\w*\.?[.\-/ ]\d{2,4}"
    r"|\d{1,2}[./\-]\d{1,2}[./\-]\d{2,4}"
    r"|\d{4}-\d{2}-\d{2}.*|\d{1,2}:\d{2}(:\d{2})?)$",
    re.IGNORECASE,
)
_CURRENCY = r"₽|руб(?:лей|ля|ль)?\.?|р\.?|RUB|RUR|\$|USD|€|EUR|£|GBP|₸|KZT|₴|UAH|BYN|¥|CNY"
_WITH_CURRENCY = re.compile(
    rf"^(?P<before>{_CURRENCY})?\s*(?P<number>[-+]?[\d.,' ]*\d[.,]?)\s*(?P<after>{_CURRENCY})?$",
    re.IGNORECASE,
)
# What a spreadsheet shows of a number in a narrow column: the other digits are lost.
_SHORTENED = r"[-+]?\d([.,]\d{1,5})?E\+\d{2}"
_DIGITS = re.compile(r"^[-+]?[\d.,' ’]*\d[.,]?([eE][-+]?\d{1,2})?$")
_NEGATIVE = re.compile(r"^(?:\((?P<inside>[^()]+)\)|(?P<before>[^-]*\d)\s*-)$")
_PERCENT = re.compile(r"^([-+]?[\d.,' ]*\d)\s*%$")
_WITH_UNIT = re.compile(r"^[-+]?[\d.,' ]*\d\s*([^\W\d]+\.?|[^\w\s])$")


def _grammar(mark: str) -> str:
    """Return what a number with a decimal mark looks like: digits, or groups of three of them."""
    other = re.escape(MARKS[mark == POINT])
    mark = re.escape(mark)
    groups = "|".join(rf"(?:{between}\d{{3}})+" for between in (" ", "'", "’", other))
    whole = rf"\d+(?:{mark}\d*)?|{mark}\d+|[1-9]\d{{0,2}}(?:{groups})(?:{mark}\d+)?"
    return rf"[-+]?(?:{whole})(?:[eE][-+]?\d{{1,2}})?"


_GRAMMAR = {mark: _grammar(mark) for mark in MARKS}


class Numbers:
    """One column on its way to numbers, by distinct value.

    `percent` has the places (in `cells.texts`) of per cents, `currency` those of sums with the
    currency that was taken off, `unwrapped` those of numbers that were kept as text, `negative`
    those that accountants write as `(5)` or `5-`, `wrong` those of what isn't a number with what it
    is instead, if that is known. `values` is set by `convert`.
    """

    def __init__(self, kind: str, cells: Cells) -> None:
        self.kind, self.cells = kind, cells
        self.percent: list[int] = []
        self.currency: dict[int, str] = {}
        self.unwrapped: list[int] = []
        self.negative: list[int] = []
        self.wrong: dict[int, str] = {}
        self.values: NDArray[np.float64] = np.full(len(cells.texts), np.nan)
        given = cells.numbers if cells.numbers is not None else self.values
        self._given = ~np.isnan(given)
        self._shortened = cells.matching(_SHORTENED)
        self._texts = cells.texts
        self._fits: dict[str, Mask] = {}
        self._match()
        odd = np.flatnonzero(~(self._fits[POINT] | self._fits[COMMA] | self._given))
        if len(odd):
            texts = self._texts.to_pylist()
            for place in odd.tolist():
                texts[place] = self._core(place, texts[place])
            self._texts = pa.array(texts, pa.string())
            self._match()
            for place in odd[~(self._fits[POINT] | self._fits[COMMA])[odd]].tolist():
                self.wrong.setdefault(place, "")

    def _match(self) -> None:
        for mark in MARKS:
            found = pc.match_substring_regex(self._texts, f"^(?:{_GRAMMAR[mark]})$")
            self._fits[mark] = mask(found) & ~self._given & ~self._shortened

    def _core(self, place: int, text: str) -> str:
        """Return the number in a text that has more than it, or note what is wrong with it."""
        text = clean(text).replace("−", "-")
        formula = _FORMULA.match(text)
        if formula or re.match(r"^'[-+]?\d", text):
            self.unwrapped.append(place)
            text = formula.group(1).strip() if formula else text[1:]
        negative = _NEGATIVE.match(text) if self.kind in ("money", "number") else None
        if negative:
            inside = (negative["inside"] or negative["before"]).strip()
            if _DIGITS.match(inside) and inside[0] not in "+-":
                self.negative.append(place)
                return f"-{inside}"
        if _DIGITS.match(text) and not self._shortened[place] and not DATE.match(text):
            return text
        percent, money = _PERCENT.match(text), _WITH_CURRENCY.match(text)
        if percent and self.kind == "share":
            self.percent.append(place)
            return percent.group(1).strip()
        if money and self.kind == "money" and bool(money["before"]) != bool(money["after"]):
            self.currency[place] = (money["before"] or money["after"]).casefold().rstrip(".")
            return money["number"].strip()
        shortened = "a number that a spreadsheet shortened"
        self.wrong[place] = shortened if self._shortened[place] else _why(text)
        return ""

    def certain(self, mark: str) -> Mask:
        """Return which values can be read with one decimal mark alone.

        What a kind of column can't hold decides, too: a count has no fraction, a share no thousand.
        """
        other = MARKS[mark == POINT]
        found: Mask = self._fits[mark] & ~self._fits[other]
        either = self.either()
        if either.any():
            if self.kind == "share":
                found |= either & self.has(mark)
            if self.kind == "count":
                fraction = re.escape(other) + r"0*[1-9]"
                found |= either & mask(pc.match_substring_regex(self._texts, fraction))
        return found

    def either(self) -> Mask:
        """Return which values read differently with the one mark and with the other."""
        marked = self.has(POINT) | self.has(COMMA)
        both: Mask = self._fits[POINT] & self._fits[COMMA] & marked
        return both

    def thousands(self, mark: str) -> Mask:
        """Return which values have this mark between thousands for certain."""
        other = MARKS[mark == POINT]
        return self.certain(other) & self.has(mark)

    def has(self, mark: str) -> Mask:
        """Return which values have a mark."""
        return mask(pc.match_substring(self._texts, mark))

    def grouped(self, decimal: str) -> Mask:
        """Return which values have marks between thousands."""
        other = MARKS[decimal == POINT]
        return mask(pc.match_substring_regex(self._texts, rf"[ '’{other}]")) & self._fits[decimal]

    def convert(self, decimal: str) -> None:
        """Set `values` with this decimal mark; what can't be read stays nan."""
        chosen = self._fits[decimal]
        values = np.full(len(self._texts), np.nan)
        if chosen.any():
            texts = self._texts.filter(pa.array(chosen))
            for between in (" ", "'", "’", MARKS[decimal == POINT]):
                texts = pc.replace_substring(texts, between, "")
            plain = pc.replace_substring(texts, decimal, POINT)
            values[chosen] = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)
        for place in self.percent:
            # 33.3 / 100 isn't 0.333, but its decimals are.
            values[place] = float(Decimal(repr(float(values[place]))) / 100)
        if self.cells.numbers is not None:
            values[self._given] = self.cells.numbers[self._given]
        self.values = values


def _why(text: str) -> str:
    if not text or text.casefold() in _BLANKS:
        return BLANK
    if _SPREADSHEET_ERROR.match(text):
        return "a spreadsheet's error"
    if DATE.match(text):
        return "a date, which a spreadsheet made of a number"
    if _PERCENT.match(text):
        return "a per cent"
    unit = _WITH_UNIT.match(text)
    if unit:
        return f"a number with '{unit.group(1)}' behind it"
    return ""


def is_blank(text: str) -> bool:
    """Return whether a text stands for a blank."""
    return not text or text.casefold() in _BLANKS


Which = Callable[[Numbers], Mask]  # a choice of the values of a column


def first_row(numbers: Mapping[str, Numbers], which: Which) -> tuple[str, int]:
    """Return the column and the row of the first of some values; ("", -1) where there is none."""
    best = ("", -1)
    for name, one in numbers.items():
        hit = which(one)
        if hit.any():
            rows = one.cells.rows(hit)
            if len(rows) and (best[1] < 0 or rows[0] < best[1]):
                best = (name, int(rows[0]))
    return best
