"""Turn what a stage found into figures, pictures and words: `python -m stages.draw STAGE`."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from retention.charts import explain as explain_charts
from retention.charts import explore as explore_charts
from retention.charts import segment as segment_charts
from retention.contract.columns import CUSTOMER_ID
from retention.harness.files import read_json, write_bytes
from retention.harness.stage import run_item
from retention.scores import scored_customers
from retention.texts import read_texts
from stages.parameters.draw import Params

EXPLORED = ("numbers", "categories", "portrait", "favourite_category", "phik", "spearman")
SEGMENTED = ("members", "reasons", "risk_profit", "categories", "category_promo")


def main(params: Params, stage: str) -> None:
    """Write plots/<stage>/ and, for long stages, metrics/<stage>.json."""
    ITEMS[stage](params)


def explore(params: Params) -> None:
    """Draw how those who decline differ, and which columns go together."""
    explore_charts.pictures(
        Path("plots/explore"),
        pd.read_parquet("data/customers.parquet"),
        {name: pd.read_csv(f"data/explore/{name}.csv") for name in EXPLORED},
        params.draw.histogram_bins,
        params.confidence,
        read_texts(params.language),
    )


def explain(params: Params) -> None:
    """Draw what the columns contribute to the predictions, and keep the figures of it in git."""
    customers = pd.read_parquet("data/customers.parquet")
    values, scores = (
        customers[[CUSTOMER_ID]].merge(pd.read_parquet(path), on=CUSTOMER_ID, validate="1:1")
        for path in ("data/explain/shap_values.parquet", "data/scores.parquet")
    )
    texts = read_texts(params.language)
    log_odds = values.drop(columns=CUSTOMER_ID)
    explain_charts.pictures(Path("plots/explain"), log_odds, customers, scores, texts)
    write_bytes(Path("metrics/explain.json"), Path("data/explain/figures.json").read_bytes())


def segment(params: Params) -> None:
    """Draw the declared segments, bands of risk and profit, and favourite categories."""
    segment_charts.pictures(
        Path("plots/segment"),
        scored_customers(
            pd.read_parquet("data/customers.parquet"), pd.read_parquet("data/scores.parquet")
        ),
        {name: pd.read_csv(f"data/segment/{name}.csv") for name in SEGMENTED},
        read_json(Path("data/segment/category_summary.json")),
        params.confidence,
        read_texts(params.language),
    )


ITEMS: dict[str, Callable[[Params], None]] = {
    "explain": explain,
    "explore": explore,
    "segment": segment,
}


if __name__ == "__main__":
    run_item(main, Params)
