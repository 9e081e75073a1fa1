"""Score customers whose outcome nobody knows yet, by the model that ships.

`python -m stages.score --source FOLDER --out FILE` does the same for a program, without DVC.
"""

import runpy
import sys
from pathlib import Path

import pandas as pd

from retention.contract.columns import CUSTOMER_ID
from retention.contract.schema import wide
from retention.harness.files import read_json, write_csv, write_json, write_parquet
from retention.harness.stage import run
from retention.intake.customers import exclude
from retention.intake.findings import findings, told
from retention.intake.source import described
from retention.models.storage import load_model
from retention.scoring import DECISION, Shipped, check_model, continuing
from stages.parameters.score import Params

TARGET = Path("data/score")


def main(params: Params) -> None:
    """Write the tables in data/score and metrics/score.json."""
    if Path(params.data.to_act_on) == Path(params.data.source):
        if params.data.to_act_on != params.data.next:
            sys.stderr.write(
                f"params.yaml: 'data.next' is the demo's, so that the customers of "
                f"{params.data.source} are taken: name the folder of those to act on.\n"
            )
        known()
    else:
        unknown(params)


def known() -> None:
    """Take the customers of prepare: their outcomes, and scores of models that never saw them."""
    tables = {
        "customers": "data/customers.parquet",
        "scores": "data/scores.parquet",
        "shap_values": "data/explain/shap_values.parquet",
        "responses": "data/explain/responses.parquet",
    }
    for name, path in tables.items():
        write_parquet(TARGET / f"{name}.parquet", pd.read_parquet(path))
    count = len(pd.read_parquet(tables["customers"]))
    write_json(
        Path("metrics/score.json"),
        {"customers": count, "excluded": 0, "continuing": count, "known": True},
    )


def unknown(params: Params) -> None:
    """Score the customers of next month."""
    decision = read_json(DECISION)
    check_model(decision, params.features.model_dump(), described(wide(params.tables)))
    training = pd.read_parquet("data/customers.parquet")
    source = params.source(params.data.next, without=params.roles.outcome.column)
    customers, excluded = exclude(source.customers, params.rules())
    shipped = Shipped(
        load_model(Path("models/model.skops")),
        decision["threshold"],
        training[params.features.all],
    )
    scores = shipped.scores(customers)
    found = shipped.explained(
        customers,
        background=params.background,
        permutations=params.permutations,
        seed=params.seed,
    )
    customer = customers[[CUSTOMER_ID]]

    write_parquet(TARGET / "customers.parquet", customers)
    write_parquet(TARGET / "scores.parquet", scores)
    for name, table in (("shap_values", found.values), ("responses", found.responses)):
        write_parquet(TARGET / f"{name}.parquet", pd.concat([customer, table], axis=1))
    write_csv(TARGET / "excluded.csv", excluded)
    sys.stderr.write(told(source.notes))
    write_csv(TARGET / "findings.csv", findings(source.notes))
    write_json(
        Path("metrics/score.json"),
        {
            "customers": len(customers),
            "excluded": len(excluded),
            "continuing": continuing(customers, training[CUSTOMER_ID]),
            "known": False,
        },
    )


if __name__ == "__main__":
    if sys.argv[1:]:
        # The program says reasons in words, on which nothing that this stage writes depends.
        runpy.run_module("tools.score", run_name="__main__")
    else:
        run(main, Params)
