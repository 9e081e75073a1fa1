"""Measure on the current customers what each guard against a leak protects from."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import CUSTOMER_ID
from retention.contract.schema import IMPUTED
from retention.evaluation.audit import audit
from retention.harness.files import write_csv
from retention.harness.stage import run
from retention.models.preprocessing import Columns
from stages.parameters.audit import Params


def main(params: Params) -> None:
    """Write data/audit/lines.csv: for each leak the ROC-AUC the wrong way and the right way."""
    customers = pd.read_parquet("data/customers.parquet")
    folds = pd.read_parquet("data/folds.parquet").set_index(CUSTOMER_ID)
    lines = audit(
        customers,
        folds["group"].loc[customers[CUSTOMER_ID]].to_numpy(),
        Columns(
            params.features.numbers,
            params.features.categories,
            imputed=params.groups.get(IMPUTED, []),
        ),
        params.roles.series,
        folds=params.folds,
        seed=params.seed,
    )
    write_csv(Path("data/audit/lines.csv"), lines)


if __name__ == "__main__":
    run(main, Params)
