"""Turn what a stage found into figures, pictures and words: `python -m stages.draw STAGE`."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from retention.charts.audit import leak_bars, leaks
from retention.charts.confront import confrontation
from retention.charts.learn import curve, last_gains, with_everybody
from retention.contract.columns import CUSTOMER_ID, DECLINE, PROBABILITY
from retention.harness.files import write_csv, write_json
from retention.harness.stage import run_item
from stages.parameters.draw import Params


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
    customers = pd.read_parquet("data/customers.parquet")
    ids = customers[CUSTOMER_ID]
    scores = pd.read_parquet("data/scores.parquet").set_index(CUSTOMER_ID).loc[ids]
    folds = pd.read_parquet("data/folds.parquet").set_index(CUSTOMER_ID).loc[ids]
    learnt = with_everybody(
        pd.read_csv("data/learn/learnt.csv"),
        customers[DECLINE].to_numpy(),
        scores[PROBABILITY].to_numpy(),
        folds["outer_1"].to_numpy(),
    )
    write_csv(Path("plots/learn/curve.csv"), curve(learnt, params.confidence), digits=4)
    write_json(Path("metrics/learn.json"), last_gains(learnt, params.confidence))


def confront(params: Params) -> None:
    """Write how near the models come to the best possible, without figures for a real store."""
    own, fresh = (pd.read_parquet(f"data/confront/{name}.parquet") for name in ("own", "fresh"))
    figures, points = confrontation(own, fresh, params.confidence)
    write_json(Path("metrics/confront.json"), figures)
    write_csv(Path("plots/confront/truth.csv"), points, digits=4)


ITEMS: dict[str, Callable[[Params], None]] = {"audit": audit, "confront": confront, "learn": learn}


if __name__ == "__main__":
    run_item(main, Params)
