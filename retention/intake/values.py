"""The values that the shop's columns of words may have."""

from collections.abc import Iterable, Mapping

from retention.contract.schema import Column, Repair, Table


def labels(column: Column) -> list[str]:
    """Return the values that a column of words may have, those of periods included."""
    return list(column.values or (column.periods or {}).values())


def known_values(
    tables: Mapping[str, Table], repairs: Iterable[Repair] = ()
) -> dict[str, list[str]]:
    """Return for each column of words its values, those of periods among them.

    `repairs` add what is found before it is mended.
    """
    known: dict[str, list[str]] = {}
    for table in tables.values():
        for name, column in table.columns.items():
            values = labels(column)
            if values:
                known[name] = list(dict.fromkeys([*known.get(name, []), *values]))
    for repair in repairs:
        known[repair.column].append(repair.found)
    return known
