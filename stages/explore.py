"""Show how customers who decline differ from those who stay, and which columns go together."""

from pathlib import Path

import pandas as pd

from retention import exploration
from retention.contract.columns import DECLINE
from retention.contract.roles import with_roles
from retention.harness.files import write_csv
from retention.harness.stage import run
from stages.parameters.explore import Params

TABLES = Path("data/explore")


def main(params: Params) -> None:
    """Write the tables in data/explore."""
    customers = pd.read_parquet("data/customers.parquet")
    numbers, categories = params.features.numbers, params.features.categories
    limit, confidence = params.explore.collinearity_limit, params.confidence

    columns = customers[[DECLINE, *params.features.all]]
    phik, significance = exploration.phik_tables(columns, numbers, params.explore.bins)
    spearman = customers[numbers].corr("spearman")
    associated = phik.drop(index=DECLINE, columns=DECLINE)
    by_category = exploration.favourite_categories(with_roles(customers, params.roles), confidence)
    collinear = pd.concat(
        [
            exploration.pairs_above(associated, limit, "phik"),
            exploration.pairs_above(spearman, limit, "spearman"),
        ]
    )
    tables = {
        "numbers": exploration.numbers_by_class(customers, numbers),
        "categories": exploration.declines_by_category(customers, categories, confidence),
        "portrait": exploration.portrait(customers, numbers, categories),
        "favourite_category": by_category if params.roles.category else by_category.iloc[:0],
        "phik": phik.rename_axis("column").reset_index(),
        "phik_significance": significance.rename_axis("column").reset_index(),
        "spearman": spearman.rename_axis("column").reset_index(),
        "collinear": collinear,
    }
    for name, table in tables.items():
        write_csv(TABLES / f"{name}.csv", table)


if __name__ == "__main__":
    run(main, Params)
