"""Compare segments, favourite categories, and bands of risk and profit with the rest."""

from pathlib import Path

import pandas as pd

from retention.charts import categories as category_charts
from retention.charts import risk_profit as risk_profit_charts
from retention.contract.columns import ACTIVITY, CATEGORIES, DECLINE, NUMBERS, PROFIT
from retention.harness.files import write_csv, write_json
from retention.harness.stage import run
from retention.scores import scored_customers
from retention.segments.bands import risk_profit_matrix
from retention.segments.categories import category_segments, promo_within_categories, summarise
from retention.segments.differences import compare_with_rest
from retention.statistics.significance import significant
from retention.texts import read_texts
from stages.parameters.profile import Params

PLOTS = Path("plots/segments")


def main(params: Params) -> None:
    """Write the comparisons in data/, metrics/categories.json and pictures in plots/segments."""
    table = scored_customers(
        pd.read_parquet("data/customers.parquet"), pd.read_parquet("data/scores.parquet")
    )
    segments = pd.read_csv("data/segments.csv")
    profile, confidence = params.profile, params.confidence
    rules = params.segment.parsed()
    texts = read_texts(params.language)

    # The outcome among them: how often it is a decline is what segments are about.
    columns = compare_with_rest(
        table, segments[list(rules)], rules, [*NUMBERS, PROFIT], [ACTIVITY, *CATEGORIES]
    )
    matrix = risk_profit_matrix(table, profile.risk_cuts, profile.profit_quantiles, confidence)
    categories = category_segments(table, confidence)
    promo = promo_within_categories(table, profile.promo_share, confidence)
    summary = summarise(table, categories, confidence)

    write_csv(Path("data/segment_columns.csv"), _readable(columns))
    write_csv(Path("data/risk_profit.csv"), matrix)
    write_csv(Path("data/category_segments.csv"), _readable(categories))
    write_csv(Path("data/category_promo.csv"), _readable(promo))
    write_json(Path("metrics/categories.json"), summary)
    risk_profit_charts.matrix(PLOTS / "matrix.png", matrix, confidence, texts)
    decline, trend = table[DECLINE].mean(), summary["trend"]["value"]
    category_charts.categories(
        PLOTS / "categories.png", categories, decline, trend, confidence, texts
    )
    category_charts.promo(
        PLOTS / "category_promo.png", promo, profile.promo_share, confidence, texts
    )


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**{name: significant(table[name]) for name in ("p", "p_adjusted")})


if __name__ == "__main__":
    run(main, Params)
