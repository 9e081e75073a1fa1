"""Turn what a stage found into figures, pictures and words: `python -m stages.draw STAGE`."""

from pathlib import Path

import pandas as pd

from retention.charts import cut as cut_charts
from retention.charts import discover as discover_charts
from retention.charts import explain as explain_charts
from retention.charts import explore as explore_charts
from retention.charts import segment as segment_charts
from retention.charts.audit import leak_bars, leaks
from retention.charts.confront import confrontation
from retention.charts.learn import curve, last_gains, with_everybody
from retention.contract.columns import CUSTOMER_ID, DECLINE, PROBABILITY
from retention.harness.files import read_json, write_bytes, write_csv, write_json
from retention.harness.stage import run_item
from retention.texts import read_texts
from stages.parameters.draw import Params

CUT = ("cuts", "reference", "rules_met")
EXPLORED = ("numbers", "categories", "portrait", "favourite_category", "phik", "spearman")
SEGMENTED = ("members", "reasons", "risk_profit", "categories", "category_promo")


def main(params: Params, stage: str) -> None:
    """Write plots/<stage>/ and, for long stages, metrics/<stage>.json."""
    ITEMS[stage](params)


def audit(params: Params) -> None:
    """Write what each leak is worth."""
    found = leaks(pd.read_csv("data/audit/lines.csv"), params.confidence)
    write_json(Path("metrics/audit.json"), found)
    write_csv(Path("plots/audit/leaks.csv"), leak_bars(found), digits=4)


def learn(params: Params) -> None:
    """Write the learning curve, up to the models that scored the customers, and its last gains."""
    customers = _customers("data/scores.parquet", "data/folds.parquet")
    learnt = with_everybody(
        pd.read_csv("data/learn/learnt.csv"),
        *(customers[name].to_numpy() for name in (DECLINE, PROBABILITY, "outer_1")),
    )
    write_csv(Path("plots/learn/curve.csv"), curve(learnt, params.confidence), digits=4)
    write_json(Path("metrics/learn.json"), last_gains(learnt, params.confidence))


def cut(params: Params) -> None:
    """Write the cuts of numbers with their rates, and how many of them customers meet."""
    found = cut_charts.pictures(
        Path("plots/cut"),
        {name: pd.read_csv(f"data/cut/{name}.csv") for name in CUT},
        _customers("data/cut/counts.parquet", "data/folds.parquet"),
        params.confidence,
        read_texts(params.language),
    )
    write_json(Path("metrics/cut.json"), found)


def discover(params: Params) -> None:
    """Write the segments that were found by search, in words."""
    found = discover_charts.picture(
        Path("plots/discover/discovered.png"),
        pd.read_csv("data/discover/found.csv"),
        pd.read_csv("data/discover/reasons.csv"),
        pd.read_parquet("data/customers.parquet")[DECLINE].mean(),
        params.confidence,
        read_texts(params.language),
    )
    write_json(Path("metrics/discover.json"), found)


def confront(params: Params) -> None:
    """Write how near the models come to the best possible, without figures for a real store."""
    own, fresh = (pd.read_parquet(f"data/confront/{name}.parquet") for name in ("own", "fresh"))
    figures, points = confrontation(own, fresh, params.confidence)
    write_json(Path("metrics/confront.json"), figures)
    write_csv(Path("plots/confront/truth.csv"), points, digits=4)


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
    log_odds, texts = values.drop(columns=CUSTOMER_ID), read_texts(params.language)
    explain_charts.pictures(Path("plots/explain"), log_odds, customers, scores, texts)
    write_bytes(Path("metrics/explain.json"), Path("data/explain/figures.json").read_bytes())


def segment(params: Params) -> None:
    """Draw the declared segments, bands of risk and profit, and favourite categories."""
    segment_charts.pictures(
        Path("plots/segment"),
        pd.read_parquet("data/customers.parquet"),
        {name: pd.read_csv(f"data/segment/{name}.csv") for name in SEGMENTED},
        read_json(Path("data/segment/category_summary.json")),
        params.confidence,
        read_texts(params.language),
    )


def _customers(*paths: str) -> pd.DataFrame:
    """Return id and outcome of the customers, joined by id with other tables."""
    customers = pd.read_parquet("data/customers.parquet")[[CUSTOMER_ID, DECLINE]]
    for path in paths:
        customers = customers.merge(pd.read_parquet(path), on=CUSTOMER_ID, validate="1:1")
    return customers


ITEMS = {
    item.__name__: item
    for item in (audit, confront, cut, discover, explain, explore, learn, segment)
}


if __name__ == "__main__":
    run_item(main, Params)
