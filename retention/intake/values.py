"""The values that the shop's columns of words may have."""

from collections.abc import Iterable, Mapping

from retention.contract.schema import Repair, Table


def known_values(
    tables: Mapping[str, Table], repairs: Iterable[Repair] = ()
) -> dict[str, list[str]]:
    """Return for each column of words its values, those of periods among them.

    `repairs` add what is found before it is mended.
    """
    known: dict[str, list[str]] = {}
    for table in tables.values():
        for name, column in table.columns.items():
            values = column.values or list((column.periods or {}).values())
            if values:
                known[name] = list(dict.fromkeys([*known.get(name, []), *values]))
    for repair in repairs:
        known[repair.column].append(repair.found)
    return known
