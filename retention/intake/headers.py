"""Where the header of a table stands, and what to tell when there is none that fits."""

import csv
import io
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from retention.contract.schema import Column
from retention.intake.problems import COLUMN, FILE, Patch, Problem, Refused, quoted
from retention.intake.values import labels
from retention.intake.words import clean, in_other_letters, nearest, same_word

HEADER_WITHIN = 10  # rows: titles stand above a header, rarely more
SEPARATORS = (",", ";", "\t", "|")
SEP_LINE = re.compile(r'^"?sep=(.)"?$', re.IGNORECASE)
QUESTION_MARKS = re.compile(r"\?{3}")
# Cyrillic in UTF-8 that was taken for latin-1 (Ð and Ñ) or for cp1251 (every letter begins with Р
# or С), and what stands for a letter that was lost.
MOJIBAKE = re.compile("[ÐÑ\ufffd]|([РС][^а-яёА-ЯЁ ]){2}|([РС].){3}")
_LONG = 300  # characters of a header that a sentence shows


class Header(NamedTuple):
    """A header: the line that it ends in, its names, and how many rows stand above it."""

    line: int
    names: list[str]
    above: int


def rows_of(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Return the rows of a text, each with the line that it ends in. Raises csv.Error."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    for values in reader:
        yield reader.line_num, [clean(value) for value in values]


def fits(names: Sequence[str], headers: Sequence[str]) -> bool:
    """Return whether a row has all headers."""
    return set(map(same_word, headers)) <= set(map(same_word, names))


def header_among(text: str, headers: Sequence[str], separator: str) -> Header | None:
    """Return the header, if it is among the first rows of a text."""
    try:
        for place, (line, names) in enumerate(rows_of(text, separator)):
            if place >= HEADER_WITHIN:
                break
            if fits(names, headers):
                return Header(line, names, place)
    except csv.Error:
        pass
    return None


def separators_that_fit(
    text: str, headers: Sequence[str], among: Sequence[str] = SEPARATORS
) -> list[str]:
    """Return the separators with which the first rows of a text have the header."""
    return [one for one in among if header_among(text, headers, one) is not None]


def likely_separator(text: str, headers: Sequence[str]) -> str:
    """Return the separator with which a row has most of the headers, else the most frequent one."""
    sought = set(map(same_word, headers))

    def found(separator: str) -> int:
        try:
            rows = itertools.islice(rows_of(text, separator), HEADER_WITHIN)
            return max((len(sought & set(map(same_word, names))) for _, names in rows), default=0)
        except csv.Error:
            return 0

    return max(SEPARATORS, key=lambda one: (found(one), text.count(one)))


def lacking(
    file: Path,
    name: str,
    rows: Sequence[tuple[int, list[str]]],
    wanted: Mapping[str, Column],
    separator: str | None = None,
) -> Refused:
    """Return why none of the first rows of the table `name` is its header, as what to raise.

    `wanted` maps our names to columns; `separator` is the one that a text was read with.
    """
    full = [(line, names) for line, names in rows if any(names)]
    if not full:
        wrong = " has no rows: it is empty"
        return Refused(Problem(file, wrong, "put the shop's file there", table=name))
    headers = [column.header for column in wanted.values()]
    sought = set(map(same_word, headers))
    line, found = max(full, key=lambda row: len(sought & set(map(same_word, row[1]))))
    shown = ", ".join(found)[:_LONG]
    months = [one for one in found if same_word(one) in _periods(wanted)]
    if months:
        wrong = f" has periods in its header ({', '.join(months)})"
        advice = f"put them in rows, one row a customer and period, with {', '.join(headers)}"
        return Refused(Problem(file, wrong, advice, FILE, line or None, table=name))
    if QUESTION_MARKS.search(shown):
        wrong = ": its letters were replaced by question marks when it was saved, for good"
        return Refused(Problem(file, wrong, "export it again as UTF-8", table=name))
    if MOJIBAKE.search(shown):
        wrong = f": its Cyrillic was broken by a wrong encoding ({shown})"
        return Refused(Problem(file, wrong, "export it again as UTF-8", table=name))
    how = f"with the separator '{separator}' its header reads" if separator else "its header reads"
    have = set(map(same_word, found))
    free = [one for one in found if one and same_word(one) not in sought]
    lack = {ours: one for ours, one in wanted.items() if same_word(one.header) not in have}
    # What alone is left over is likely to be what alone lacks, whatever it is called.
    alone = free[0] if len(free) == len(lack) == 1 and len(wanted) > 1 else ""
    problems: list[Problem] = []
    for ours, column in lack.items():
        near = nearest(column.header, free) or alone
        wrong = f" lacks the column '{column.header}'"
        if near and in_other_letters(near, [column.header]):
            wrong += f" (some letters of '{near}' are Latin ones that look Cyrillic)"
        wrong += f": {how} {shown}" if not problems else ""
        problems.append(_lack(file, name, wrong, line, ours, near))
    if len(problems) < len(wanted):
        return Refused(*problems, header=found)
    # None of its columns: one sentence, not one a column.
    advice = f"correct the header (expected {', '.join(headers)}), or the file's separator"
    problem = Problem(file, problems[0].wrong, advice, FILE, line or None, table=name)
    return Refused(problem, header=found)


def _lack(file: Path, name: str, wrong: str, line: int, ours: str, near: str) -> Problem:
    place = f"tables.{name}.columns.{ours}"
    patches = (Patch(place, f"header: {quoted(near)}"),) if near else ()
    advice = "correct the header"
    return Problem(
        file, wrong, advice, COLUMN, line or None, ours, near=near, patches=patches, table=name
    )


def _periods(wanted: Mapping[str, Column]) -> set[str]:
    return {same_word(one) for c in wanted.values() if c.kind == "period" for one in labels(c)}
