"""Put each customer's reasons into words: of those known, and of those to act on."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import CUSTOMER_ID
from retention.contract.schema import wide
from retention.harness.files import read_json, write_csv, write_json
from retention.harness.stage import run
from retention.reasons import find_reasons, summarise, uncontradicted
from retention.texts import read_texts
from stages.parameters.phrase import Params


def main(params: Params) -> None:
    """Write data/phrase/reasons.csv, next_reasons.csv and metrics/phrase.json."""
    known = _by_id("data/customers.parquet")
    reasons = _reasons(
        "data/explain/shap_values.parquet", "data/explain/responses.parquet", known, known, params
    )
    coming = _by_id("data/score/customers.parquet")
    columns = list(_by_id("data/explain/responses.parquet").columns)
    write_csv(Path("data/phrase/reasons.csv"), reasons, digits=4)
    write_csv(
        Path("data/phrase/next_reasons.csv"),
        _reasons(
            "data/score/shap_values.parquet",
            "data/score/responses.parquet",
            coming,
            known,
            params,
        ),
        digits=4,
    )
    write_json(Path("metrics/phrase.json"), summarise(reasons, len(known), columns))


def _reasons(
    values: str, responses: str, customers: pd.DataFrame, known: pd.DataFrame, params: Params
) -> pd.DataFrame:
    log_odds = _by_id(values).drop(columns="base_value")
    return find_reasons(
        uncontradicted(log_odds, _by_id(responses)),
        customers[log_odds.columns],
        wide(params.tables),
        known[log_odds.columns],
        least=params.phrase.least_reason,
        controllable=params.phrase.controllable,
        texts=read_texts(params.language, read_json(Path("data/check/titles.json"))),
    )


def _by_id(path: str) -> pd.DataFrame:
    return pd.read_parquet(path).set_index(CUSTOMER_ID)


if __name__ == "__main__":
    run(main, Params)
