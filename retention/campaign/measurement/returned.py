"""The file that comes back from a campaign, beside the list that went out."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from retention.harness.errors import UserError
from retention.statistics.intervals import rate_interval
from retention.statistics.significance import fisher_p

CONTACT, CONTROL = "contact", "control"
CONTACTED = "contacted"
AFTER = "profit_after"  # of a month; the list has the profit before
# Of the list, that have to come back: below, the file belongs to another list.
_LEAST = 0.5
_CONTAMINATED = 0.5  # share of the control group contacted, as part of that of the contact group


@dataclass(frozen=True)
class Names:
    """Where the two tables come from, for the sentences about them, and the names of columns.

    `key` is that of the id, `contacted` the header of who was contacted in the file.
    """

    listed: str
    returned: str
    key: str
    contacted: str = CONTACTED


def fingerprint(listed: pd.DataFrame) -> str:
    """Return a short text that changes with any value of a list, whatever the order of its rows.

    Of the columns that are given: those that were fixed before anything was sent.
    """
    rows = sorted(listed.astype(str).agg("\x1f".join, axis=1))
    text = "\x1e".join(["\x1f".join(map(str, listed.columns)), *rows])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def refuse_other(listed: pd.DataFrame, planned: str, file: str, plan: str) -> None:
    """Raise UserError where a list isn't the one that was planned, by its fingerprint."""
    found = fingerprint(listed)
    if found != planned:
        raise UserError(
            f"{file} isn't the list that {plan} was fixed for (its fingerprint is {found}, not "
            f"{planned}): restore both as they were when the list went out."
        )


def matched(listed: pd.DataFrame, returned: pd.DataFrame, names: Names) -> pd.DataFrame:
    """Return the customers of the list that came back, in the order of the list, one row each.

    Columns of both; those of `listed` first. Raises UserError for a customer who came back twice,
    and for a file that belongs to another list.
    """
    twice = returned[names.key].duplicated(keep=False)
    if twice.any():
        first = returned.loc[twice, names.key].iloc[0]
        rows = np.flatnonzero(returned[names.key] == first) + 2
        raise UserError(
            f"{names.returned} has the customer {first} in the rows {rows[0]} and {rows[1]}: keep "
            "one row a customer."
        )
    both = listed.merge(returned, on=names.key, how="inner", validate="one_to_one")
    if len(both) < _LEAST * len(listed):
        raise UserError(
            f"{names.returned} has only {len(both)} of the {len(listed)} customers of "
            f"{names.listed}: give the file that belongs to this list."
        )
    return both


def refuse_contaminated(both: pd.DataFrame, names: Names) -> None:
    """Raise UserError where the control group was contacted as the contact group was, or nobody.

    From half as often on, the arms say nothing of each other. Rows and columns as in `compliance`.
    """
    shares, counts = {}, {}
    for group in (CONTACT, CONTROL):
        contacted = both.loc[both["group"] == group, CONTACTED]
        shares[group] = float(contacted.mean()) if len(contacted) else 0.0
        counts[group] = f"{int(contacted.sum())} of {len(contacted)}"
    if shares[CONTROL] >= _CONTAMINATED * shares[CONTACT]:
        raise UserError(
            f"{names.returned} says that {counts[CONTACT]} customers were contacted of those who "
            f"were to be, and {counts[CONTROL]} of the control group: where both are treated alike "
            f"nothing can be compared, so check its column '{names.contacted}' and "
            f"{names.listed}."
        )


def compliance(
    listed: pd.DataFrame, both: pd.DataFrame, returned: int, names: Names, confidence: float
) -> dict[str, Any]:
    """Return what happened to the list: who is missing, and who was treated otherwise than drawn.

    `listed` has a column `group` (contact or control), `both` also `contacted` (true or false);
    `returned` is the number of rows of the file.

    Returns
    -------
    dict
        `listed` and `measured`, customers; `outside`, rows of the file that are not on the list;
        `missing_contact` and `missing_control`, customers of each arm who didn't come back, and
        `missing_p`, that they are as frequent in both (Fisher); `reached`, the share of the contact
        group that was contacted, and `contaminated`, that of the control group, as intervals.

    """
    back = listed[names.key].isin(both[names.key]).to_numpy()
    control = (listed["group"] == CONTROL).to_numpy()
    shares = {}
    for name, group in (("reached", CONTACT), ("contaminated", CONTROL)):
        contacted = both.loc[both["group"] == group, "contacted"]
        shares[name] = rate_interval(int(contacted.sum()), len(contacted), confidence)
    return {
        "listed": len(listed),
        "measured": len(both),
        "outside": returned - len(both),
        "missing_contact": int((~back & ~control).sum()),
        "missing_control": int((~back & control).sum()),
        "missing_p": fisher_p(control, ~back),
        **shares,
    }
