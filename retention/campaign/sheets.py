"""The sheets of the workbook: whom to contact, who is in control, the sums, what they rest on."""

from collections.abc import Sequence

import pandas as pd

from retention.campaign.assumptions import Assumptions
from retention.campaign.contact_list import assumption_rows, summary
from retention.campaign.measurement.returned import CONTROL
from retention.campaign.workbook import AS_TEXT, Sheet
from retention.contract.columns import CUSTOMER_ID, PROBABILITY, PROFIT
from retention.reasons import REASONS
from retention.texts import Texts

_REASONS = [f"reason_{rank}" for rank in range(1, REASONS + 1)]
# Column of the list → its header, a key of `columns` in the texts.
_SHOWN = {
    "rank": "rank",
    CUSTOMER_ID: CUSTOMER_ID,
    "offer_title": "offer",
    "channel_title": "channel",
    PROBABILITY: PROBABILITY,
    "expected_increment": "expected_increment",
    PROFIT: PROFIT,
    "segment_title": "segment",
    **{reason: reason for reason in _REASONS},
    "why": "why",
}
_SUMS = {"segment_title": "segment", "offer_name": "offer"}
_MONEY = (PROFIT, "expected_increment", "expected_cost")


def sheets(
    contacts: pd.DataFrame,
    assumptions: Assumptions,
    lines: Sequence[tuple[str, str]],
    texts: Texts,
    *,
    money: bool,
) -> list[Sheet]:
    """Return the sheets; without a known profit (`money`), no column of money.

    `contacts` is the list with titles, `lines` are heading and text of each point of the plan of
    measurement.
    """

    def sheet(name: str, table: pd.DataFrame, **looks: object) -> Sheet:
        headers = {
            column: texts.column({**_SUMS, **_SHOWN}.get(str(column), str(column)))
            for column in table.columns
        }
        return Sheet(texts.get("sheets", name), table.round(4), headers, **looks)  # type: ignore[arg-type]

    hidden = () if money else _MONEY
    list_formats = {CUSTOMER_ID: AS_TEXT, PROBABILITY: "0%", **dict.fromkeys(_MONEY, "0.00")}
    notes = dict.fromkeys(_REASONS, texts.get("reasons", "controllable_note"))
    shown = [name for name in _SHOWN if name not in hidden]
    control = contacts["group"] == CONTROL
    sums = summary(contacts).drop(columns=list(hidden), errors="ignore")
    sums = sums.rename(columns={PROBABILITY: "mean_probability"})
    sum_formats = {"mean_probability": "0%", **dict.fromkeys(_MONEY, "0.0")}
    assumed = assumption_rows(assumptions, texts)
    return [
        sheet("contact", contacts.loc[~control, shown], formats=list_formats, notes=notes),
        sheet("control", contacts.loc[control, shown], formats=list_formats, notes=notes),
        sheet("summary", sums, formats=sum_formats),
        sheet(
            "assumptions",
            assumed,
            formats=dict.fromkeys(("mean", "low", "high"), "0.00"),
            wide=["assumption"],
        ),
        sheet("plan", pd.DataFrame(lines, columns=["point", "text"]), wide=["text"]),
    ]
