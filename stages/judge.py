"""Turn what a long stage found into figures without words: `python -m stages.judge STAGE`.

Apart from `draw`, so that no word and no language runs it.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from retention.charts.joined import joined
from retention.contract.columns import CUSTOMER_ID, DECLINE, PROBABILITY
from retention.harness.files import write_csv, write_json
from retention.harness.stage import run_item
from stages.parameters.judge import Params


def main(params: Params, stage: str) -> None:
    """Write metrics/<stage>.json and the table of plots/<stage>/."""
    ITEMS[stage](params.confidence)


def audit(confidence: float) -> None:
    """Write what each leak is worth."""
    from retention.charts import audit as charts

    found = charts.leaks(pd.read_csv("data/audit/lines.csv"), confidence)
    write_json(Path("metrics/audit.json"), found)
    write_csv(Path("plots/audit/leaks.csv"), charts.leak_bars(found), digits=4)


def confront(confidence: float) -> None:
    """Write how near the models come to the best possible, without figures for a real store."""
    from retention.charts import confront as charts

    own, fresh = (pd.read_parquet(f"data/confront/{name}.parquet") for name in ("own", "fresh"))
    figures, points = charts.confrontation(own, fresh, confidence)
    write_json(Path("metrics/confront.json"), figures)
    write_csv(Path("plots/confront/truth.csv"), points, digits=4)


def learn(confidence: float) -> None:
    """Write the learning curve, up to the models that scored the customers, and its last gains."""
    from retention.charts import learn as charts

    customers = pd.read_parquet("data/customers.parquet", columns=[CUSTOMER_ID, DECLINE])
    table = joined(customers, "data/scores.parquet", "data/folds.parquet")
    known = (table[name].to_numpy() for name in (DECLINE, PROBABILITY, "outer_1"))
    learnt = charts.with_everybody(pd.read_csv("data/learn/learnt.csv"), *known)
    write_csv(Path("plots/learn/curve.csv"), charts.curve(learnt, confidence), digits=4)
    write_json(Path("metrics/learn.json"), charts.last_gains(learnt, confidence))


STAGES = (audit, confront, learn)
ITEMS: dict[str, Callable[[float], None]] = {item.__name__: item for item in STAGES}

if __name__ == "__main__":
    run_item(main, Params)
