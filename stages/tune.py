"""Search a family's grid on everybody: `python -m stages.tune FAMILY`."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.families import read_grid
from retention.folds import draw_folds
from retention.harness.files import EXACT, write_csv, write_json, write_parquet
from retention.harness.stage import run_item
from retention.selection.procedure import learn_family
from stages.parameters.tune import Params


def main(params: Params, family: str) -> None:
    """Write the candidates, what answers for the family, and everybody's unseen scores."""
    customers = pd.read_parquet("data/customers.parquet")
    groups = pd.read_parquet("data/folds.parquet")["group"].to_numpy()
    features, decline = customers[params.features.all], customers[DECLINE].to_numpy()
    learning = params.learning()
    learnt = learn_family(
        family,
        read_grid(family, params.grid),
        features,
        decline,
        draw_folds(decline, groups, learning.folds, learning.seed),
        learning,
    )
    write_json(Path(f"data/tune/{family}.json"), learnt.described(), digits=EXACT)
    write_csv(Path(f"data/tune/{family}.csv"), learnt.search.table())
    scores = pd.DataFrame({CUSTOMER_ID: customers[CUSTOMER_ID], "score": learnt.unseen})
    write_parquet(Path(f"data/tune/{family}.parquet"), scores)


if __name__ == "__main__":
    run_item(main, Params)
