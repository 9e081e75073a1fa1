"""Take the members of the blend from all families: their scores, and their models."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import CUSTOMER_ID
from retention.harness.files import write_parquet
from retention.harness.stage import run
from retention.models.storage import load_model, save_model
from retention.scores import same_customers
from stages.parameters.choose import Params


def main(params: Params) -> None:
    """Write data/choose/members.parquet and models/choose/members.skops.

    What follows depends on these alone, so that it rests while other families change.
    """
    tables, models = {}, {}
    for family in params.choose.members:
        nested = pd.read_parquet(f"data/nest/{family}.parquet")
        tuned = pd.read_parquet(f"data/tune/{family}.parquet")
        same_customers(nested, tuned)
        tables[family] = nested.set_index(CUSTOMER_ID).assign(everybody=tuned["score"].to_numpy())
        models[family] = [
            *load_model(Path(f"models/nest/{family}.skops")),
            load_model(Path(f"models/tune/{family}.skops")),
        ]
    members = pd.concat(tables, names=["family"]).reset_index()
    write_parquet(Path("data/choose/members.parquet"), members)
    save_model(Path("models/choose/members.skops"), models)


if __name__ == "__main__":
    run(main, Params)
