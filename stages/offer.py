"""Write the contact list, its workbook and the plan of measurement."""

from pathlib import Path

import pandas as pd

from retention.campaign.assumptions import Assumptions
from retention.campaign.contact_list import (
    DIGITS,
    FIXED,
    as_written,
    for_excel,
    harmless,
    offer_texts,
    ranked,
)
from retention.campaign.measurement.returned import CONTROL, fingerprint
from retention.campaign.plan_page import plan_lines, plan_text
from retention.campaign.sheets import sheets
from retention.campaign.workbook import write_workbook
from retention.contract.columns import CUSTOMER_ID, ID_AS_TEXT
from retention.harness.files import read_json, write_bytes, write_csv, write_json
from retention.harness.stage import run
from retention.reasons import REASONS, reason_columns
from retention.texts import Texts, read_texts
from stages.parameters.offer import Params

SHOWN_REASONS = [f"reason_{rank}" for rank in range(1, REASONS + 1)]
RANGE = ("value", "least", "most", "loss")  # of an increment, over all assumptions
TITLES = ("offer_title", "why", "channel_title", "segment_title", *SHOWN_REASONS)


def main(params: Params) -> None:
    """Write the list (for programs, for Excel and as a workbook), the plan and its figures."""
    planned = pd.read_csv("data/plan/plan.csv", dtype=ID_AS_TEXT)
    figures, campaign = (
        read_json(Path(file)) for file in ("metrics/plan.json", "data/plan/campaign.json")
    )
    texts = read_texts(params.language, read_json(Path("data/check/titles.json")))
    assumptions = Assumptions.model_validate(campaign["assumptions"])
    contacts = _titled(ranked(planned), texts)
    controllable = [f"{reason}_controllable" for reason in SHOWN_REASONS]
    columns = ["rank", *FIXED, "expected_increment", "expected_cost", "break_even"]
    columns += [*TITLES, *controllable]
    listed = harmless(contacts[columns], TITLES)
    write_csv(Path("offers/contact_list.csv"), listed, digits=DIGITS)
    excel = for_excel(listed, texts.get("format", "decimal"))
    write_bytes(Path("offers/contact_list_for_excel.csv"), excel)

    mark = fingerprint(as_written(listed[[*FIXED]]))
    lines = plan_lines(
        figures,
        campaign["prospects"],
        fingerprint=mark,
        months=params.horizon_months,
        confidence=params.confidence,
        texts=texts,
    )
    write_bytes(Path("offers/plan.md"), plan_text(lines, texts).encode("utf-8"))
    increments = contacts.loc[contacts["group"] != CONTROL, "expected_increment"]
    write_json(
        Path("offers/plan.json"),
        {
            "fingerprint": mark,
            "fixed": list(FIXED),
            "confidence": params.confidence,
            "horizon_months": params.horizon_months,
            "expected_increment": contacts["expected_increment"].mean(),
            "assumptions": campaign["assumptions"],
            "prospects": campaign["prospects"],
        },
    )
    shown = sheets(contacts, assumptions, lines, texts, money=params.roles.profit is not None)
    write_workbook(Path("offers/contact_list.xlsx"), shown)
    write_json(
        Path("metrics/offer.json"),
        {
            "customers": len(contacts),
            "contacted": len(increments),
            "control": len(contacts) - len(increments),
            "increment": {
                name: {key: figures["over"][name][key] for key in RANGE}
                for name in ("nobody", "everybody")
            },
            "control_costs": figures["control_costs"]["value"],
            "smallest_effect": campaign["prospects"]["smallest_adjusted"],
        },
    )


def _titled(contacts: pd.DataFrame, texts: Texts) -> pd.DataFrame:
    """Return the list with its reasons, and what people call its offers and segments."""
    reasons = pd.read_csv("data/phrase/next_reasons.csv", dtype=ID_AS_TEXT)
    customers = pd.read_parquet("data/score/customers.parquet")
    found = [
        contacts,
        reason_columns(reasons, contacts[CUSTOMER_ID], texts),
        offer_texts(contacts, customers, texts),
    ]
    return pd.concat(found, axis=1).assign(
        segment_title=[texts.segment(name) for name in contacts["segment"].fillna("")],
        offer_name=[texts.offer(name, "name") for name in contacts["offer"]],
    )


if __name__ == "__main__":
    run(main, Params)
