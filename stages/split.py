"""Draw the outer folds, near-duplicate customers kept together."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import DECLINE
from retention.folds import outer_folds, same_customer_groups
from retention.harness.files import write_json, write_parquet
from retention.harness.stage import run
from stages.parameters.split import Params


def main(params: Params) -> None:
    """Write data/folds.parquet and metrics/split.json."""
    customers = pd.read_parquet("data/customers.parquet")
    groups = same_customer_groups(customers, params.split.same_customer)
    folds = outer_folds(
        customers,
        groups,
        folds=params.split.folds,
        repeats=params.split.repeats,
        seed=params.seed,
    )
    sizes = pd.Series(groups).value_counts()
    write_parquet(Path("data/folds.parquet"), folds)
    write_json(
        Path("metrics/split.json"),
        {
            "customers": len(customers),
            "declined": int(customers[DECLINE].sum()),
            "groups": len(sizes),
            "near_duplicates": int(sizes[sizes > 1].sum()),
            "largest_group": int(sizes.max()),
        },
    )


if __name__ == "__main__":
    run(main, Params)
