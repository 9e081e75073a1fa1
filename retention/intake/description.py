"""What reading must be told of a table: a description has these attributes, whoever made it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

NUMBERS = ("number", "count", "share", "money")


class Column(Protocol):
    """A column of a file.

    `header` is what stands in the file. `kind` is one of id, label, flag, period, number, count,
    share, money. A label and a flag have `values`, a period `periods`: our suffix → the label in
    the file, the oldest first. `range` is the smallest and the largest number allowed.
    """

    @property
    def header(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def values(self) -> Sequence[str] | None: ...  # noqa: D102
    @property
    def periods(self) -> Mapping[str, str] | None: ...  # noqa: D102
    @property
    def range(self) -> tuple[float | None, float | None]: ...  # noqa: D102


class Table(Protocol):
    """A file: our name → column. What is None of its form is found."""

    @property
    def columns(self) -> Mapping[str, Column]: ...  # noqa: D102
    @property
    def separator(self) -> str | None: ...  # noqa: D102
    @property
    def decimal(self) -> str | None: ...  # noqa: D102
    @property
    def encoding(self) -> str | None: ...  # noqa: D102


class Repair(Protocol):
    """A typo: in `column`, `found` is read as `meant`."""

    @property
    def column(self) -> str: ...  # noqa: D102
    @property
    def found(self) -> str: ...  # noqa: D102
    @property
    def meant(self) -> str: ...  # noqa: D102


def labels(column: Column) -> list[str]:
    """Return the values that a column of words may have; of another, or an open one, none."""
    return list(column.values or (column.periods or {}).values())


@dataclass(frozen=True)
class Described:
    """A description of a table, narrowed to some of its columns."""

    columns: Mapping[str, Column]
    separator: str | None = None
    decimal: str | None = None
    encoding: str | None = None
