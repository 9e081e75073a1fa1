"""Cut the declared segments, and compare them, favourite categories and bands with the rest."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import CUSTOMER_ID, PROBABILITY, PROFIT
from retention.contract.roles import with_roles
from retention.harness.files import write_csv, write_json
from retention.harness.stage import run
from retention.rules import memberships
from retention.scores import scored_customers
from retention.segments.bands import risk_profit_matrix
from retention.segments.categories import category_segments, summarise, within_categories
from retention.segments.declared import describe, mean_contributions, typical_reasons
from retention.segments.differences import compare_with_rest
from retention.statistics.significance import significant
from stages.parameters.segment import Params

TABLES = Path("data/segment")
REASONS = 3


def main(params: Params) -> None:
    """Write the tables in data/segment and metrics/segment.json."""
    customers = pd.read_parquet("data/customers.parquet")
    scores = pd.read_parquet("data/scores.parquet")
    shap_values = pd.read_parquet("data/explain/shap_values.parquet")
    setting, confidence, roles = params.segment, params.confidence, params.roles
    rules, within = setting.parsed(), setting.within()

    table = with_roles(scored_customers(customers, scores), roles)
    members = memberships(table, rules)
    write_csv(TABLES / "next_members.csv", next_members(params))
    contributions = mean_contributions(table, members, shap_values)
    reasons = typical_reasons(contributions, REASONS)
    described = describe(table, members, confidence)
    # The outcome among them: how often it is a decline is what segments are about.
    numbers = [*params.features.numbers, *([roles.profit.column] if roles.profit else [])]
    labels = [roles.outcome.column, *params.features.categories]
    columns = compare_with_rest(table, members, rules, numbers, labels)
    matrix = risk_profit_matrix(table, setting.risk_cuts, setting.profit_quantiles, confidence)
    periods = next(iter(roles.series.values()), [])
    categories = category_segments(table, periods, confidence)
    inside = within.holds(table) if within else table[PROBABILITY] < 0
    by_category = within_categories(table, inside, confidence)
    if roles.category is None or within is None:  # nothing to look within, or at
        by_category = by_category.iloc[:0]
    if roles.category is None:
        categories = categories.iloc[:0]

    shown = table[[CUSTOMER_ID, PROBABILITY, PROFIT]]
    write_csv(TABLES / "members.csv", pd.concat([shown, members.astype(int)], axis=1))
    write_csv(TABLES / "reasons.csv", contributions.reset_index(names="segment"))
    write_csv(TABLES / "columns.csv", _readable(columns))
    write_csv(TABLES / "risk_profit.csv", matrix)
    write_csv(TABLES / "categories.csv", _readable(categories))
    write_csv(TABLES / "within_categories.csv", _readable(by_category))
    write_json(TABLES / "category_summary.json", summarise(table, categories, periods, confidence))
    write_json(
        Path("metrics/segment.json"),
        {
            name: {**segment, "typical_reasons": reasons[name]}
            for name, segment in described.items()
        },
    )


def next_members(params: Params) -> pd.DataFrame:
    """Return by segment who of the customers to act on belongs to it."""
    customers = pd.read_parquet("data/score/customers.parquet")
    table = scored_customers(customers, pd.read_parquet("data/score/scores.parquet"))
    members = memberships(table, params.segment.parsed())
    return pd.concat([table[[CUSTOMER_ID]], members.astype(int)], axis=1)


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**{name: significant(table[name]) for name in ("p", "p_adjusted")})


if __name__ == "__main__":
    run(main, Params)
