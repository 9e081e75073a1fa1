"""Make the contact list: for each customer worth it, an offer, the reasons and the channel."""

from pathlib import Path

import pandas as pd

from retention.campaign.contact_list import write_workbook
from retention.campaign.offers import (
    CatalogueOffer,
    assign_offers,
    list_contacts,
    offer_texts,
    summarise,
)
from retention.contract.columns import CUSTOMER_ID, ID_AS_TEXT, PROBABILITY, PROFIT
from retention.contract.roles import with_roles
from retention.harness.files import read_json, write_csv, write_json
from retention.harness.stage import run
from retention.reasons import REASONS, reason_columns
from retention.scores import scored_customers
from retention.segments.declared import riskiest
from retention.texts import read_texts
from stages.parameters.offer import Params

CHANCE = 0.5  # the ROC-AUC of a score that knows nothing
SHOWN_REASONS = [f"reason_{rank}" for rank in range(1, REASONS + 1)]
# Column of the list → its header in the workbook, a key of `columns` in the texts.
SHOWN = {
    "rank": "rank",
    CUSTOMER_ID: CUSTOMER_ID,
    PROBABILITY: PROBABILITY,
    PROFIT: PROFIT,
    "segment_title": "segment",
    **{reason: reason for reason in SHOWN_REASONS},
    "offer_title": "offer",
    "why": "why",
    "channel_title": "channel",
    "expected_profit": "expected_profit",
}

MONEY = (PROFIT, "expected_profit")


def main(params: Params) -> None:
    """Write offers/contact_list.csv, offers/contact_list.xlsx and metrics/offer.json."""
    scores = pd.read_parquet("data/score/scores.parquet")
    table = scored_customers(pd.read_parquet("data/score/customers.parquet"), scores)
    table = with_roles(table, params.roles)
    found = pd.read_csv("data/phrase/next_reasons.csv", dtype=ID_AS_TEXT)
    members = table[[CUSTOMER_ID]].merge(
        pd.read_csv("data/segment/next_members.csv", dtype=ID_AS_TEXT),
        on=CUSTOMER_ID,
        validate="one_to_one",
    )
    described = read_json(Path("metrics/segment.json"))
    # Where the model may rank no better than chance, a list would promise money by luck.
    ranks = (read_json(Path("metrics/headline.json"))["roc_auc_low"] or 0) > CHANCE
    texts = read_texts(params.language, read_json(Path("data/check/titles.json")))

    reasons = reason_columns(found, table[CUSTOMER_ID], texts)
    segment = riskiest(members, described).rename("segment")
    rules = params.offer.catalogue_rules()
    catalogue = {
        name: CatalogueOffer(rules[name], entry.cost, entry.channels)
        for name, entry in params.offer.catalogue.items()
    }
    contacts = list_contacts(
        pd.concat([table, reasons, segment], axis=1),
        assign_offers(table, catalogue),
        params.offer.contact_rule().holds(table) & ranks,
        months=params.offer.horizon_months,
        contact_cost=params.offer.contact_cost.model_dump(),
        kept=params.offer.kept_share.model_dump(),
    )
    contacts = pd.concat([contacts, offer_texts(contacts, texts)], axis=1)
    contacts["segment_title"] = [texts.segment(name or "none") for name in contacts["segment"]]

    # Without a known profit, no column of money.
    shown = {
        name: header for name, header in SHOWN.items() if params.roles.profit or name not in MONEY
    }
    controllable = [f"{reason}_controllable" for reason in SHOWN_REASONS]
    columns = [*SHOWN, *controllable, "segment", "offer", "channel", "offer_cost", "break_even"]
    write_csv(Path("offers/contact_list.csv"), contacts[columns], digits=4)
    write_workbook(
        Path("offers/contact_list.xlsx"),
        contacts[[*shown]].round(4),
        {column: texts.column(header) for column, header in shown.items()},
        {PROBABILITY: "0%", PROFIT: "0.00", "expected_profit": "0.00"},
        dict.fromkeys(SHOWN_REASONS, texts.get("reasons", "controllable_note")),
    )
    known = read_json(Path("metrics/score.json"))["known"]
    figures = {"ranks": ranks, "known": known, "considered": len(table), **summarise(contacts)}
    write_json(Path("metrics/offer.json"), figures)


if __name__ == "__main__":
    run(main, Params)
