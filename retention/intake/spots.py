"""Where in a file something stands: from rows of a sheet to notes and problems that name lines."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from retention.intake.cells import Cells, Sheet
from retention.intake.problems import CELLS, Note, Patch, Problem

_LONG = 80  # letters of a value that a sentence shows


@dataclass
class Spots:
    """The file of one table, what is noted of it, and what is wrong with it.

    `ids` are the cells of customer ids, once they are known.
    """

    file: Path
    table: str
    sheet: Sheet
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ids: Cells | None = None

    def note(
        self,
        column: str,
        rows: NDArray[Any],
        value: str,
        done: str,
        why: str = "",
        severity: Literal["info", "warning"] = "info",
    ) -> None:
        """Note what was done in some rows; nothing where there are none."""
        if len(rows):
            first = int(np.min(rows))
            self.notes.append(
                Note(
                    file=self.file,
                    line=int(self.sheet.lines[first]),
                    column=column,
                    value=value,
                    done=f"{done} in {len(rows):,} {'row' if len(rows) == 1 else 'rows'}",
                    why=why,
                    severity=severity,
                    rows=len(rows),
                    customer=self.ids.at(first) if self.ids is not None else "",
                    table=self.table,
                )
            )

    def problem(
        self,
        column: str,
        rows: NDArray[Any],
        value: str,
        wrong: str,
        advice: str,
        *,
        weight: int = CELLS,
        others: int = 0,
        near: str = "",
        patches: Sequence[Patch] = (),
    ) -> None:
        """Add what is wrong in some rows; nothing where there are none."""
        if len(value) > _LONG:
            wrong = wrong.replace(value, f"{value[:_LONG]}…")
        if len(rows):
            self.problems.append(
                Problem(
                    file=self.file,
                    wrong=wrong,
                    advice=advice,
                    weight=weight,
                    line=int(self.sheet.lines[int(np.min(rows))]),
                    column=column,
                    value=value,
                    rows=len(rows),
                    others=others,
                    near=near,
                    patches=tuple(patches),
                    lines=self.sheet.counted,
                    table=self.table,
                )
            )

    def name(self, row: int) -> str:
        """Return where a row stands, as a sentence says it."""
        return f"{self.sheet.counted} {self.sheet.lines[row]}"
