"""Cut the declared segments and describe each."""

from pathlib import Path

import pandas as pd

from retention.charts import segments as charts
from retention.columns import CUSTOMER_ID, DECLINE, PROBABILITY, PROFIT
from retention.outputs import write_csv, write_json
from retention.segments import describe, memberships, scored_customers
from retention.stage import run
from retention.texts import read_texts
from stages.parameters.segment import Params

PLOTS = Path("plots/segments")


def main(params: Params) -> None:
    """Write data/segments.csv, metrics/segments.json and the pictures in plots/segments."""
    table = scored_customers(
        pd.read_parquet("data/customers.parquet"), pd.read_parquet("data/scores.parquet")
    )
    texts = read_texts(params.language)
    members = memberships(table, params.segment.parsed())
    described = describe(table, members, params.confidence)

    shown = table[[CUSTOMER_ID, PROBABILITY, PROFIT]]
    write_csv(Path("data/segments.csv"), pd.concat([shown, members.astype(int)], axis=1))
    write_json(Path("metrics/segments.json"), described)
    charts.decline_rates(PLOTS / "decline_rates.png", described, table[DECLINE].mean(), texts)
    charts.risk_and_profit(PLOTS / "risk_and_profit.png", table, texts)


if __name__ == "__main__":
    run(main, Params)
