"""Draw the hold-out and the cross-validation folds, near-duplicate customers kept together."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import DECLINE
from retention.folds import same_customer_groups, split_customers
from retention.harness.files import write_json, write_parquet
from retention.harness.stage import run
from stages.parameters.split import Params


def main(params: Params) -> None:
    """Write data/folds.parquet and metrics/split.json."""
    customers = pd.read_parquet("data/customers.parquet")
    groups = same_customer_groups(customers, params.split.same_customer)
    folds = split_customers(
        customers,
        groups,
        holdout_parts=params.split.holdout_parts,
        folds=params.split.folds,
        repeats=params.split.repeats,
        seed=params.seed,
    )
    write_parquet(Path("data/folds.parquet"), folds)

    sizes = pd.Series(groups).value_counts()
    holdout = folds["holdout"]
    write_json(
        Path("metrics/split.json"),
        {
            "groups": len(sizes),
            "near_duplicates": int(sizes[sizes > 1].sum()),
            "training": {
                "customers": int((~holdout).sum()),
                "decline_rate": customers.loc[~holdout, DECLINE].mean(),
            },
            "holdout": {
                "customers": int(holdout.sum()),
                "decline_rate": customers.loc[holdout, DECLINE].mean(),
            },
        },
    )


if __name__ == "__main__":
    run(main, Params)
