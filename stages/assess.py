"""Assess the whole procedure by nested cross-validation, over all customers."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.evaluation.nested import Setting, assess, compare_pairs, summarise
from retention.families import read_grid
from retention.harness.files import write_csv, write_json, write_parquet
from retention.harness.stage import run
from stages.parameters.assess import Params


def main(params: Params) -> None:
    """Write data/assessment.parquet, data/comparison.csv and metrics/assessment.json."""
    customers = pd.read_parquet("data/customers.parquet")
    groups = pd.read_parquet("data/folds.parquet")["group"].to_numpy()
    decline = customers[DECLINE].to_numpy()
    setting = Setting(
        grids={name: read_grid(name, grid).candidates() for name, grid in params.families.items()},
        columns=(params.features.numbers, params.features.categories),
        rule=params.rule,
        members=params.members,
        simplest_first=params.simplest_first,
        folds=params.folds,
        seed=params.seed,
    )
    assessed = assess(
        customers[params.features.all], decline, groups, setting, repeats=params.assess.repeats
    )

    customer = customers[CUSTOMER_ID].to_numpy()[assessed["row"]]
    write_parquet(Path("data/assessment.parquet"), assessed.assign(**{CUSTOMER_ID: customer}))
    write_csv(
        Path("data/comparison.csv"),
        compare_pairs(assessed, decline, folds=params.folds, confidence=params.confidence),
    )
    write_json(
        Path("metrics/assessment.json"),
        summarise(
            assessed, decline, folds=params.folds, bins=params.bins, confidence=params.confidence
        ),
    )


if __name__ == "__main__":
    run(main, Params)
