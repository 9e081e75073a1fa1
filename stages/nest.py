"""Search a family's grid inside every outer training part: `python -m stages.nest FAMILY`."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.families import read_grid
from retention.folds import outer_columns
from retention.harness.files import EXACT, write_json, write_parquet
from retention.harness.stage import run_item
from retention.selection.nested import nest
from stages.parameters.nest import Params


def main(params: Params, family: str) -> None:
    """Write the scores of every outer split, and what answers for the family in it."""
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
    write_json(Path(f"data/nest/{family}.json"), found.answers, digits=EXACT)
    write_parquet(
        Path(f"data/nest/{family}.parquet"),
        pd.concat([customers[[CUSTOMER_ID]], found.scores], axis=1),
    )


if __name__ == "__main__":
    run_item(main, Params)
