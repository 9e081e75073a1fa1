"""Measure on the current customers what each guard against a leak protects from."""

from pathlib import Path

import pandas as pd

from retention.evaluation.audit import audit
from retention.harness.files import write_json
from retention.harness.stage import run
from stages.parameters.audit import Params


def main(params: Params) -> None:
    """Write metrics/audit.json: for each leak the ROC-AUC the wrong way and the right way."""
    lines = audit(
        pd.read_parquet("data/customers.parquet"),
        pd.read_parquet("data/folds.parquet")["group"].to_numpy(),
        (params.features.numbers, params.features.categories),
        folds=params.folds,
        seed=params.seed,
    )
    write_json(
        Path("metrics/audit.json"),
        {
            line.name: {"wrong": line.wrong, "right": line.right, "difference": line.difference}
            for line in lines
        },
    )


if __name__ == "__main__":
    run(main, Params)
