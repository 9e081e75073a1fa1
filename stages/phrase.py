"""Put each customer's reasons into words."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import CUSTOMER_ID
from retention.contract.schema import wide
from retention.harness.files import write_csv, write_json
from retention.harness.stage import run
from retention.reasons import find_reasons, summarise, uncontradicted
from retention.texts import read_texts
from stages.parameters.phrase import Params


def main(params: Params) -> None:
    """Write data/phrase/reasons.csv and metrics/phrase.json."""
    customers = pd.read_parquet("data/customers.parquet").set_index(CUSTOMER_ID)
    shap_values = pd.read_parquet("data/explain/shap_values.parquet").set_index(CUSTOMER_ID)
    responses = pd.read_parquet("data/explain/responses.parquet").set_index(CUSTOMER_ID)
    log_odds = shap_values.drop(columns="base_value")
    features = customers[log_odds.columns]
    reasons = find_reasons(
        uncontradicted(log_odds, responses),
        features,
        wide(params.tables),
        features,
        least=params.phrase.least_reason,
        controllable=params.phrase.controllable,
        texts=read_texts(params.language, params.titles),
    )
    write_csv(Path("data/phrase/reasons.csv"), reasons, digits=4)
    write_json(
        Path("metrics/phrase.json"), summarise(reasons, len(customers), list(log_odds.columns))
    )


if __name__ == "__main__":
    run(main, Params)
