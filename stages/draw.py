"""Turn what a stage found into figures, pictures and words: `python -m stages.draw STAGE`."""

from pathlib import Path

import pandas as pd

from retention.charts import audit, confront, cut, discover, explain, explore, learn, segment
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


def _audit(params: Params) -> None:
    """Write what each leak is worth."""
    found = audit.leaks(pd.read_csv("data/audit/lines.csv"), params.confidence)
    write_json(Path("metrics/audit.json"), found)
    write_csv(Path("plots/audit/leaks.csv"), audit.leak_bars(found), digits=4)


def _learn(params: Params) -> None:
    """Write the learning curve, up to the models that scored the customers, and its last gains."""
    customers = _customers("data/scores.parquet", "data/folds.parquet")
    learnt = learn.with_everybody(
        pd.read_csv("data/learn/learnt.csv"),
        *(customers[name].to_numpy() for name in (DECLINE, PROBABILITY, "outer_1")),
    )
    write_csv(Path("plots/learn/curve.csv"), learn.curve(learnt, params.confidence), digits=4)
    write_json(Path("metrics/learn.json"), learn.last_gains(learnt, params.confidence))


def _cut(params: Params) -> None:
    """Write the cuts of numbers with their rates, and how many of them customers meet."""
    found = cut.pictures(
        Path("plots/cut"),
        {name: pd.read_csv(f"data/cut/{name}.csv") for name in CUT},
        _customers("data/cut/counts.parquet", "data/folds.parquet"),
        params.confidence,
        read_texts(params.language),
    )
    write_json(Path("metrics/cut.json"), found)


def _discover(params: Params) -> None:
    """Write the segments that were found by search, in words."""
    found = discover.picture(
        Path("plots/discover/discovered.png"),
        pd.read_csv("data/discover/found.csv"),
        pd.read_csv("data/discover/reasons.csv"),
        _customers()[DECLINE].mean(),
        params.confidence,
        read_texts(params.language),
    )
    write_json(Path("metrics/discover.json"), found)


def _confront(params: Params) -> None:
    """Write how near the models come to the best possible, without figures for a real store."""
    own, fresh = (pd.read_parquet(f"data/confront/{name}.parquet") for name in ("own", "fresh"))
    figures, points = confront.confrontation(own, fresh, params.confidence)
    write_json(Path("metrics/confront.json"), figures)
    write_csv(Path("plots/confront/truth.csv"), points, digits=4)


def _explore(params: Params) -> None:
    """Draw how those who decline differ, and which columns go together."""
    explore.pictures(
        Path("plots/explore"),
        pd.read_parquet("data/customers.parquet"),
        {name: pd.read_csv(f"data/explore/{name}.csv") for name in EXPLORED},
        params.draw.histogram_bins,
        params.confidence,
        read_texts(params.language),
    )


def _explain(params: Params) -> None:
    """Draw what the columns contribute to the predictions, and keep the figures of it in git."""
    values = pd.read_parquet("data/explain/shap_values.parquet")
    scores = pd.read_parquet("data/scores.parquet")
    customers, texts = pd.read_parquet("data/customers.parquet"), read_texts(params.language)
    explain.pictures(Path("plots/explain"), values, customers, scores, texts)
    write_bytes(Path("metrics/explain.json"), Path("data/explain/figures.json").read_bytes())


def _segment(params: Params) -> None:
    """Draw the declared segments, bands of risk and profit, and favourite categories."""
    segment.pictures(
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


STAGES = (_audit, _confront, _cut, _discover, _explain, _explore, _learn, _segment)
ITEMS = {draw.__name__.removeprefix("_"): draw for draw in STAGES}

if __name__ == "__main__":
    run_item(main, Params)
