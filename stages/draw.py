"""Turn what a stage found into pictures and words: `python -m stages.draw STAGE`.

Each item imports its own charts: what one of them needs would slow down all.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from retention.charts.joined import joined
from retention.contract.columns import DECLINE, ID_AS_TEXT
from retention.harness.files import read_json, write_bytes, write_json
from retention.harness.stage import run_item
from retention.texts import Texts, read_texts
from stages.parameters.draw import Params

CUT = ("cuts", "reference", "rules_met")
EXPLORED = ("numbers", "categories", "portrait", "favourite_category", "phik", "spearman")
PLANNED = ("curve", "offers", "tornado")
SEGMENTED = ("members", "reasons", "risk_profit", "categories", "within_categories")


def main(params: Params, stage: str) -> None:
    """Write plots/<stage>/ and, for long stages, metrics/<stage>.json."""
    texts = read_texts(params.language, read_json(Path("data/check/titles.json")))
    ITEMS[stage](params, pd.read_parquet("data/customers.parquet"), texts)


def cut(params: Params, customers: pd.DataFrame, texts: Texts) -> None:
    """Write the cuts of numbers with their rates, and how many of them customers meet."""
    from retention.charts import cut as charts

    tables = {name: pd.read_csv(f"data/cut/{name}.csv") for name in CUT}
    known = joined(customers, "data/cut/counts.parquet", "data/folds.parquet")
    found = charts.pictures(Path("plots/cut"), tables, known, params.confidence, texts)
    write_json(Path("metrics/cut.json"), found)


def discover(params: Params, customers: pd.DataFrame, texts: Texts) -> None:
    """Write the segments that were found by search, in words."""
    from retention.charts import discover as charts

    found, reasons = (pd.read_csv(f"data/discover/{name}.csv") for name in ("found", "reasons"))
    picture, known = Path("plots/discover/discovered.png"), customers[DECLINE].mean()
    figures = charts.picture(picture, found, reasons, known, params.confidence, texts)
    write_json(Path("metrics/discover.json"), figures)


def explain(_: Params, customers: pd.DataFrame, texts: Texts) -> None:
    """Draw what the columns contribute to the predictions, and keep the figures of it in git."""
    from retention.charts import explain as charts

    values = pd.read_parquet("data/explain/shap_values.parquet")
    scores = pd.read_parquet("data/scores.parquet")
    charts.pictures(Path("plots/explain"), values, customers, scores, texts)
    write_bytes(Path("metrics/explain.json"), Path("data/explain/figures.json").read_bytes())


def explore(params: Params, customers: pd.DataFrame, texts: Texts) -> None:
    """Draw how those who decline differ, and which columns go together."""
    from retention.charts import explore as charts

    tables = {name: pd.read_csv(f"data/explore/{name}.csv") for name in EXPLORED}
    bins, confidence = params.draw.histogram_bins, params.confidence
    charts.pictures(Path("plots/explore"), customers, tables, bins, confidence, texts)


def plan(params: Params, _: pd.DataFrame, texts: Texts) -> None:
    """Draw what every budget would bring, and which assumption matters most."""
    from retention.charts import plan as charts

    tables = {name: pd.read_csv(f"data/plan/{name}.csv") for name in PLANNED}
    money = params.roles.profit is not None
    charts.pictures(Path("plots/plan"), tables, texts, in_money=money)


def segment(params: Params, customers: pd.DataFrame, texts: Texts) -> None:
    """Draw the declared segments, bands of risk and profit, and favourite categories."""
    from retention.charts import segment as charts

    tables = {name: pd.read_csv(f"data/segment/{name}.csv", dtype=ID_AS_TEXT) for name in SEGMENTED}
    summary, folder = read_json(Path("data/segment/category_summary.json")), Path("plots/segment")
    charts.pictures(folder, customers, tables, summary, params.confidence, texts)


STAGES = (cut, discover, explain, explore, plan, segment)
ITEMS: dict[str, Callable[..., None]] = {item.__name__: item for item in STAGES}

if __name__ == "__main__":
    run_item(main, Params)
