"""Let the demo's customers answer the offers, in a way that only the simulator knows."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from retention.campaign.measurement.received import description
from retention.campaign.measurement.returned import CONTACTED
from retention.campaign.measurement.sent import read_sent
from retention.contract.columns import CUSTOMER_ID, DECLINE, ID_AS_TEXT, PROFIT
from retention.demo.answers import Prices, as_drawn, draw_answers, load_answers
from retention.demo.store import load_statistics
from retention.harness.files import write_csv
from retention.harness.stage import run
from stages.parameters.answer import Params
from stages.parameters.data import DEMO_NEXT


def main(params: Params) -> None:
    """Write campaign/answers.csv as a shop would, without a row for a shop's own list."""
    described = description(params.tables, params.roles, params.returned.contacted)
    if Path(params.data.to_act_on) == DEMO_NEXT:
        answers = _as_delivered(_answers(params), params)
    else:
        answers = pd.DataFrame(columns=list(described.columns))
        sys.stderr.write(
            "nobody answers the offers of a shop's own list here: 'returned.file' in "
            "campaign/params.yaml names the file that came back.\n"
        )
    headers = {name: column.header for name, column in described.columns.items()}
    write_csv(Path("campaign/answers.csv"), answers.rename(columns=headers), digits=2)


def _answers(params: Params) -> pd.DataFrame:
    folder = Path(params.folder)
    sent = read_sent(folder)
    offers = sent.plan.assumptions.offers
    return draw_answers(
        sent.listed,
        as_drawn(pd.read_parquet("data/score/customers.parquet"), params.repairs),
        pd.read_csv("data/demo_next/truth.csv", dtype=ID_AS_TEXT),
        Prices({name: each.cost.mean for name, each in offers.items()}, sent.plan.horizon_months),
        load_answers(Path("retention/demo/store.json")),
        load_statistics(Path("retention/demo/store.json")),
        params.answer.seed,
    )


def _as_delivered(answers: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Return the answers under the contract's names and with its values."""
    [yes, no] = params.returned.contacted.values or []
    outcome, profit = params.roles.outcome, params.roles.profit
    labels = next(
        one.columns[outcome.column].values
        for one in params.tables.values()
        if outcome.column in one.columns
    )
    stayed = next(label for label in labels or [] if label != outcome.decline)
    columns = {
        CUSTOMER_ID: answers[CUSTOMER_ID],
        CONTACTED: np.where(answers[CONTACTED], yes, no),
        outcome.column: np.where(answers[DECLINE] == 1, outcome.decline, stayed),
    }
    if profit:
        columns[profit.column] = answers[PROFIT] * profit.months
    return pd.DataFrame(columns)


if __name__ == "__main__":
    run(main, Params)
