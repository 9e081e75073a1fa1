"""A column as it is written: its distinct values, and which of them each row has.

Everything is decided once a distinct value and then taken to the rows, so that a million customers
cost little more than the distinct things that were written of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Cells:
    """A column.

    `texts` is a pyarrow array of the distinct values, without blanks round them, and `codes`
    (rows,) has the place in it of each row's. `numbers` has the value of those that a workbook
    keeps as numbers, nan for what it keeps as text.
    """

    texts: Any
    codes: NDArray[np.int64]
    numbers: NDArray[np.float64] | None = None

    @classmethod
    def of(cls, column: Any) -> "Cells":
        """Return the cells of a pyarrow array of texts."""
        encoded = pc.dictionary_encode(column.cast(pa.string()), null_encoding="encode")
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        texts = pc.fill_null(pc.utf8_trim_whitespace(encoded.dictionary), "")
        return cls(texts, encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64))

    def at(self, row: int) -> str:
        """Return the text of a row."""
        return str(self.texts[int(self.codes[row])])

    def rows(self, distinct: Mask) -> NDArray[np.intp]:
        """Return the rows that have one of some distinct values, told by a mask over these."""
        if not distinct.any():
            return np.zeros(0, np.intp)
        return np.flatnonzero(distinct[self.codes])

    def among(self, places: Sequence[int]) -> Mask:
        """Return the mask over distinct values that have these places."""
        found = np.zeros(len(self.texts), bool)
        found[list(places)] = True
        return found

    def empty(self) -> Mask:
        """Return which rows have nothing, (rows,)."""
        return mask(pc.equal(self.texts, ""))[self.codes]

    def keep(self, rows: Mask) -> "Cells":
        """Return the cells of some rows; values that only the others had are forgotten."""
        used, codes = np.unique(self.codes[rows], return_inverse=True)
        numbers = None if self.numbers is None else self.numbers[used]
        return Cells(self.texts.take(pa.array(used)), codes.astype(np.int64), numbers)

    def matching(self, pattern: str) -> Mask:
        """Return which distinct values match a pattern of RE2, as a whole."""
        return mask(pc.match_substring_regex(self.texts, f"^(?:{pattern})$"))


def mask(found: Any) -> Mask:
    """Return a pyarrow array of truths for numpy."""
    truths: Mask = found.to_numpy(zero_copy_only=False).astype(bool)
    return truths


def is_ascii(cells: Cells) -> bool:
    """Return whether a column has nothing but ASCII."""
    return bool(pc.all(pc.string_is_ascii(cells.texts)).as_py())


@dataclass(frozen=True)
class Sheet:
    """A table as it is written, whatever the format.

    `names` is its header, which stands in line `header`; `columns` (as many) has what stands below,
    and `lines` where each row stands. `counted` is what places are counted in: lines, or rows.
    `above` counts the lines of titles that stand above the header.
    """

    names: list[str]
    header: int
    columns: list[Cells]
    lines: Sequence[int]
    counted: str = "line"
    above: int = 0

    def keep(self, rows: Mask) -> "Sheet":
        """Return the sheet with some of its rows."""
        lines = np.asarray(self.lines)[rows].tolist()
        columns = [column.keep(rows) for column in self.columns]
        return replace(self, columns=columns, lines=lines)
