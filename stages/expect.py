"""Tell what the model is worth on the customers to act on, and whether they are others than before.

Nobody knows their outcome yet; when it has come, `make outcome` compares.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from retention.charts import expect as charts
from retention.contract.columns import CUSTOMER_ID
from retention.harness.files import read_json, write_csv, write_json
from retention.harness.stage import run
from retention.next_month.drift import RANKED, UNSEEN, Drift, cost, drift, ranked, unseen
from retention.next_month.expected import Simulation, expected
from retention.next_month.months import effective_share
from retention.next_month.outlook import Outlook, outlook
from retention.texts import read_texts
from stages.parameters.expect import Params

TABLES = Path("data/expect")
METRICS = Path("metrics/expect.json")
PICTURE = Path("plots/expect/drift.png")


def main(params: Params) -> None:
    """Write metrics/expect.json, the tables in data/expect, and the picture."""
    texts = read_texts(params.language, read_json(Path("data/check/titles.json")))
    if read_json(Path("metrics/score.json"))["known"]:
        # The customers to act on are those whom the model learnt from: `evaluate` judges it.
        write_csv(TABLES / "columns.csv", pd.DataFrame(columns=RANKED))
        write_csv(TABLES / "unseen.csv", pd.DataFrame(columns=UNSEEN))
        charts.nothing(PICTURE, texts)
        write_json(METRICS, {"known": True})
        return
    asked = ask(params)
    months = asked.months
    setting = Simulation(params.expect.draws, params.confidence, params.seed)
    found = drift(
        months,
        permutations=params.expect.permutations,
        level=1 - params.confidence,
        seed=params.seed,
    )
    columns = ranked(found.columns, cost(months, asked.known.probability))
    new = unseen(months)
    write_csv(TABLES / "columns.csv", columns)
    write_csv(TABLES / "unseen.csv", new)
    charts.drift(PICTURE, columns, months.training, months.following, texts)
    write_json(
        METRICS,
        {
            "known": False,
            "customers": len(months.following),
            # What is to be seen when the outcome arrives, unless the relation changes.
            "expected": expected(asked.scored, asked.known, setting),
            "effective_share": effective_share(asked.known.weight),
            "drift": told(found, columns, new),
        },
    )


def ask(params: Params) -> Outlook:
    """Return both months as the pipeline keeps them."""
    known = pd.read_parquet("data/customers.parquet")
    for path in ("data/scores.parquet", "data/folds.parquet"):
        known = known.merge(pd.read_parquet(path), on=CUSTOMER_ID, validate="one_to_one")
    coming = pd.read_parquet("data/score/customers.parquet").merge(
        pd.read_parquet("data/score/scores.parquet"), on=CUSTOMER_ID, validate="one_to_one"
    )
    return outlook(
        known, coming, params.features.numbers, params.features.categories, params.same_customer
    )


def told(found: Drift, columns: pd.DataFrame, new: pd.DataFrame) -> dict[str, Any]:
    """Return what git should remember of the drift."""
    drifted = columns[columns["drifted"]].set_index("column")
    kept = ["training", "next", "p_adjusted", "roc_auc", "decline_rate"]
    return {
        "tested": len(columns),
        "drifted": drifted[kept].to_dict("index"),
        "whole": found.whole,
        "unseen": new.to_dict("records"),
    }


if __name__ == "__main__":
    run(main, Params)
