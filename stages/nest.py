"""Search a family's grid inside every outer training part: `python -m stages.nest FAMILY`."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.families import read_grid
from retention.folds import outer_columns
from retention.harness.files import write_csv, write_parquet
from retention.harness.stage import run_item
from retention.models.storage import save_model
from retention.selection.nested import nest
from stages.parameters.nest import Params


def main(params: Params, family: str) -> None:
    """Write the scores of every outer split, what was chosen in it, and the models of repeat 1."""
    customers = pd.read_parquet("data/customers.parquet")
    folds = pd.read_parquet("data/folds.parquet")
    found = nest(
        family,
        read_grid(family, params.grid),
        customers[params.features.all],
        customers[DECLINE].to_numpy(),
        folds["group"].to_numpy(),
        folds[outer_columns(folds)].to_numpy(),
        params.learning(),
    )
    save_model(Path(f"models/nest/{family}.skops"), found.models)
    write_csv(Path(f"data/nest/{family}.csv"), found.chosen)
    write_parquet(
        Path(f"data/nest/{family}.parquet"),
        pd.concat([customers[[CUSTOMER_ID]], found.scores], axis=1),
    )


if __name__ == "__main__":
    run_item(main, Params)
