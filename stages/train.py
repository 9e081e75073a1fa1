"""Weigh and calibrate the members, set the threshold: in every outer split, and on everybody."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE, PREDICTED, PROBABILITY
from retention.families import read_grid
from retention.folds import outer_columns
from retention.harness.files import DATA_DIGITS, read_json, write_json, write_parquet
from retention.harness.stage import run
from retention.models.storage import save_model
from retention.scores import same_customers
from retention.selection.decisions import Members, combine_everybody, combine_outer, fingerprint
from retention.selection.procedure import Combining
from stages.parameters.train import Params


def main(params: Params) -> None:
    """Write the scores of the outer models, these models, and the one that ships."""
    customers = pd.read_parquet("data/customers.parquet")
    folds = pd.read_parquet("data/folds.parquet")
    same_customers(customers, folds)
    grids = read_json(Path("data/choose/grids.json"))
    members = Members(
        pd.read_parquet("data/choose/members.parquet"),
        read_json(Path("data/choose/answers.json")),
        {name: read_grid(name, grid) for name, grid in grids.items()},
        params.learning(),
    )
    combining = Combining(
        params.choose.members, params.choose.insurance, params.train.pull, params.train.threshold
    )
    features, columns = params.features.all, read_json(Path("data/prepare/columns.json"))
    outer = folds[outer_columns(folds)].to_numpy()
    judged = combine_outer(members, customers, features, outer, combining)
    ships = combine_everybody(members, customers, features, combining)

    save_model(Path("models/outer.skops"), judged.blends)
    save_model(Path("models/model.skops"), ships.blend)
    write_parquet(
        Path("data/train/outer.parquet"),
        pd.concat([customers[[CUSTOMER_ID]], judged.table], axis=1),
    )
    # Each customer's score by the model of repeat 1 that saw neither the customer nor a duplicate.
    first = judged.table[["probability_1", "predicted_1"]].set_axis(
        [PROBABILITY, PREDICTED], axis=1
    )
    write_parquet(Path("data/scores.parquet"), pd.concat([customers[[CUSTOMER_ID]], first], axis=1))
    write_json(
        Path("models/decision.json"),
        {
            "threshold": ships.threshold,
            "weights": dict(zip(ships.blend.members_, ships.blend.weights_, strict=True)),
            "features": params.features.model_dump(),
            "columns": {name: columns[name] for name in features},
            "customers": len(customers),
            "declined": int(customers[DECLINE].sum()),
            # What it learnt from, and how: another print, another model.
            "data": fingerprint(customers[[*features, DECLINE]].to_csv(index=False)),
            "parameters": fingerprint(params.model_dump_json()),
        },
        digits=DATA_DIGITS,
    )


if __name__ == "__main__":
    run(main, Params)
