"""Cut the declared segments and describe each."""

from pathlib import Path

import pandas as pd

from retention.charts import segments as charts
from retention.contract.columns import CUSTOMER_ID, DECLINE, PROBABILITY, PROFIT
from retention.harness.files import read_json, write_csv, write_json
from retention.harness.stage import run
from retention.rules import memberships
from retention.scores import scored_customers
from retention.segments.declared import (
    describe,
    describe_in_sample,
    mean_contributions,
    typical_reasons,
)
from retention.texts import read_texts
from stages.parameters.segment import Params

PLOTS = Path("plots/segments")
REASONS = 3


def main(params: Params) -> None:
    """Write the tables of segments, metrics/segments.json and the pictures in plots/segments."""
    customers = pd.read_parquet("data/customers.parquet")
    scores = pd.read_parquet("data/scores.parquet")
    shap_values = pd.read_parquet("data/shap_values.parquet")
    threshold = read_json(Path("metrics/train.json"))["threshold"]
    texts = read_texts(params.language)
    rules, confidence = params.segment.parsed(), params.confidence

    table = scored_customers(customers, scores)
    members = memberships(table, rules)
    described = describe(table, members, confidence)
    in_sample = describe_in_sample(customers, scores, threshold, rules, confidence)
    contributions = mean_contributions(table, members, shap_values)
    reasons = typical_reasons(contributions, REASONS)
    for name, segment in described.items():
        segment["typical_reasons"] = reasons[name]
        segment["in_sample"] = in_sample[name]

    shown = table[[CUSTOMER_ID, PROBABILITY, PROFIT]]
    write_csv(Path("data/segments.csv"), pd.concat([shown, members.astype(int)], axis=1))
    write_csv(Path("data/segment_reasons.csv"), contributions.reset_index(names="segment"))
    write_json(Path("metrics/segments.json"), described)
    charts.decline_rates(PLOTS / "decline_rates.png", described, table[DECLINE].mean(), texts)
    charts.risk_and_profit(PLOTS / "risk_and_profit.png", table, texts)
    charts.reasons(PLOTS / "reasons.png", contributions, texts)


if __name__ == "__main__":
    run(main, Params)
