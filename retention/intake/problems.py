"""What reading finds: notes of what was understood otherwise, problems that only the owner mends.

Both are data. A note says how something was read that stands otherwise in a file; a problem says
why a file can't be read, and all problems are told at once, the heaviest first.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from retention.contract.schema import CONTRACT_FILE
from retention.harness.errors import UserError

# How much of a table a problem keeps from being read: the order in which problems are told.
FILE, COLUMN, CELLS = 3, 2, 1
_NO_TEXTS = ("yes", "no", "on", "off", "true", "false", "null", "y", "n")
_TOLD = 20  # problems; who mends these runs again


@dataclass(frozen=True)
class Note:
    """Something in a file that was understood otherwise than it stands, mended or left out.

    `line` is the first that has it, as an editor or a spreadsheet counts, and `customer` the id
    there; `rows` is how many have it, None where it isn't a matter of rows. `done` says what was
    done, `why` the reason. A warning is what the owner should look at.
    """

    file: Path
    line: int | None
    column: str
    value: str
    done: str
    why: str = ""
    severity: Literal["info", "warning"] = "info"
    rows: int | None = None
    customer: str = ""
    table: str = ""


@dataclass(frozen=True)
class Patch:
    """What to put into contract.yaml, and under which of its keys."""

    place: str
    text: str

    def words(self) -> str:
        """Return the patch as a part of a sentence."""
        return f"put under '{self.place}' of {CONTRACT_FILE}: {self.text}"


def quoted(text: str) -> str:
    """Return a text as YAML takes it for one."""
    plain = re.fullmatch(r"[^\W\d][\w ]*", text) and text.casefold() not in _NO_TEXTS
    return text if plain else "'" + text.replace("'", "''") + "'"


def in_one_line(text: str) -> str:
    """Return a text with line ends and what can't be printed escaped."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


@dataclass(frozen=True)
class Problem:
    """Why a file can't be read, and what settles it.

    `wrong` completes the sentence that begins with the file and the line (None: the whole file;
    `lines` names what is counted, a workbook has rows). `rows` is how many rows have it, `others`
    how many other values, `value` the first of them. `near` is the known label that looks most like
    it, and `patches` are ways to settle it by the contract instead.
    """

    file: Path
    wrong: str
    advice: str
    weight: int = FILE
    line: int | None = None
    column: str = ""
    value: str = ""
    rows: int = 1
    others: int = 0
    near: str = ""
    patches: tuple[Patch, ...] = ()
    lines: str = "line"
    table: str = ""

    def sentence(self) -> str:
        """Return the problem as one sentence."""
        place = f"{self.file}" if self.line is None else f"{self.file}, {self.lines} {self.line}"
        counts = [f"{self.rows:,} rows"] if self.rows > 1 else []
        if self.others:
            counts.append(f"{self.others:,} other {'value' if self.others == 1 else 'values'}")
        count = f" ({', '.join(counts)})" if counts else ""
        near = f" (did you mean '{self.near}'?)" if self.near else ""
        ways = "; or ".join([self.advice, *(one.words() for one in self.patches)])
        return in_one_line(f"{place}{self.wrong}{count}{near}: {ways}.")


class Refused(Exception):  # noqa: N818 - no error of ours: it ends the reading of one file
    """A file that can't be read any further; the others still are.

    `header` is what was found where the header should be.
    """

    def __init__(self, *problems: Problem, header: Sequence[str] = ()) -> None:
        super().__init__(problems[0].wrong)
        self.problems, self.header = problems, header


def by_weight(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems, the heaviest first, then those of most rows, then as they were found."""
    return sorted(problems, key=lambda one: (-one.weight, -one.rows))


def refuse(problems: Sequence[Problem]) -> None:
    """Raise UserError, a sentence a line for each problem, if there is one."""
    if problems:
        sentences = [one.sentence() for one in by_weight(problems)]
        left = len(sentences) - _TOLD
        more = [f"{left} more are told when these are settled."] if left > 0 else []
        raise UserError("\n".join([*sentences[:_TOLD], *more]))
