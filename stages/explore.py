"""Show how customers who decline differ from those who stay."""

from pathlib import Path

import pandas as pd

from retention import exploration
from retention.charts import explore as charts
from retention.harness.files import write_csv
from retention.harness.stage import run
from retention.texts import read_texts
from stages.parameters.explore import Params

TABLES = Path("data/exploration")
PLOTS = Path("plots/explore")


def main(params: Params) -> None:
    """Write the tables in data/exploration and the pictures in plots/explore."""
    customers = pd.read_parquet("data/customers.parquet")
    numbers, categories = params.features.numbers, params.features.categories
    confidence = params.confidence
    texts = read_texts(params.language)

    by_class = exploration.numbers_by_class(customers, numbers)
    by_category = exploration.declines_by_category(customers, categories, confidence)
    portrait = exploration.portrait(customers, numbers, categories)
    favourites = exploration.favourite_categories(customers, confidence)

    write_csv(TABLES / "numbers.csv", by_class)
    write_csv(TABLES / "categories.csv", by_category)
    write_csv(TABLES / "portrait.csv", portrait)
    write_csv(TABLES / "favourite_category.csv", favourites)
    charts.numbers(PLOTS / "numbers.png", customers, numbers, params.explore.bins, texts)
    charts.categories(PLOTS / "categories.png", by_category, texts)
    charts.portrait(PLOTS / "portrait.png", portrait, texts)
    charts.favourite_categories(PLOTS / "favourite_category.png", favourites, confidence, texts)


if __name__ == "__main__":
    run(main, Params)
