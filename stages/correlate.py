"""Measure which columns go together, and with the decline."""

from pathlib import Path

import pandas as pd

from retention.charts.correlations import heat_map
from retention.contract.columns import DECLINE
from retention.exploration import pairs_above, phik_tables
from retention.harness.files import write_csv
from retention.harness.stage import run
from retention.texts import read_texts
from stages.parameters.correlate import Params

TABLES = Path("data/correlations")
PLOTS = Path("plots/correlations")


def main(params: Params) -> None:
    """Write the tables in data/correlations and the heat maps in plots/correlations."""
    customers = pd.read_parquet("data/customers.parquet")
    numbers, limit = params.features.numbers, params.correlate.collinearity_limit
    texts = read_texts(params.language)

    table = customers[[DECLINE, *params.features.all]]
    phik, significance = phik_tables(table, numbers, params.correlate.bins)
    spearman = customers[numbers].corr("spearman")
    collinear = pd.concat(
        [
            pairs_above(phik.drop(index=DECLINE, columns=DECLINE), limit, "phik"),
            pairs_above(spearman, limit, "spearman"),
        ]
    )

    write_csv(TABLES / "phik.csv", phik.rename_axis("column").reset_index())
    write_csv(TABLES / "phik_significance.csv", significance.rename_axis("column").reset_index())
    write_csv(TABLES / "spearman.csv", spearman.rename_axis("column").reset_index())
    write_csv(TABLES / "collinear.csv", collinear)
    heat_map(PLOTS / "phik.png", phik, texts.get("charts", "phik"), texts, signed=False)
    heat_map(PLOTS / "spearman.png", spearman, texts.get("charts", "spearman"), texts, signed=True)


if __name__ == "__main__":
    run(main, Params)
