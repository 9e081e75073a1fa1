"""Learn from growing shares of the customers: the raw learning curve."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.evaluation.learning_curve import entry_shares, learn
from retention.families import Grid, read_grid
from retention.folds import outer_columns
from retention.harness.files import read_json, write_csv
from retention.harness.stage import run
from retention.selection.procedure import Combining, Learning, procedure
from stages.parameters.learn import Params


def main(params: Params) -> None:
    """Write data/learn/learnt.csv: the procedure on shares of the first repeat's training parts."""
    customers = pd.read_parquet("data/customers.parquet")
    folds = pd.read_parquet("data/folds.parquet").set_index(CUSTOMER_ID)
    folds = folds.loc[customers[CUSTOMER_ID]]
    # The members' grids alone: those of other families change nothing here.
    grids = read_json(Path("data/choose/grids.json"))
    whole = partial(
        _fit,
        grids={name: read_grid(name, grid) for name, grid in grids.items()},
        learning=params.learning(),
        combining=Combining(
            params.choose.members,
            params.choose.insurance,
            params.train.pull,
            params.train.threshold,
        ),
    )
    decline, groups = customers[DECLINE].to_numpy(), folds["group"].to_numpy()
    outer = folds[outer_columns(folds)[:1]].to_numpy()
    entry = entry_shares(decline, groups, outer[:, 0], params.learn.seed)
    learnt = learn(
        whole, customers[params.features.all], decline, groups, outer, entry, params.learn.shares
    )
    write_csv(Path("data/learn/learnt.csv"), learnt)


def _fit(
    features: pd.DataFrame,
    decline: NDArray[np.int64],
    groups: NDArray[np.intp],
    *,
    grids: dict[str, Grid],
    learning: Learning,
    combining: Combining,
) -> Any:
    return procedure(features, decline, groups, grids, learning, combining).blend


if __name__ == "__main__":
    run(main, Params)
