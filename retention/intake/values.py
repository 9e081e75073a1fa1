"""The values that the shop's columns of words may have."""

from collections.abc import Iterable, Sequence

from retention.contract import columns


def known_values(
    categories: Sequence[str], typos: Iterable[tuple[str, str, str]] = ()
) -> dict[str, list[str]]:
    """Return for each column of words its values, those of periods among them.

    `typos`, each a (column, found, meant), add what is found before it is mended.
    """
    known = {
        columns.ACTIVITY: [columns.DECLINED, columns.STAYED],
        "service_tier": [columns.PREMIUM, columns.STANDARD],
        "allows_messages": [columns.YES, columns.NO],
        "favourite_category": list(categories),
        "period": list(columns.PERIODS),
    }
    for column, found, _ in typos:
        known[column].append(found)
    return known
