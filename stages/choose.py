"""Take the members of the blend from all families: their scores, grids, and what answers."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import CUSTOMER_ID
from retention.harness.files import EXACT, read_json, write_json, write_parquet
from retention.harness.stage import run
from retention.scores import same_customers
from stages.parameters.choose import Params


def main(params: Params) -> None:
    """Write the members' scores, grids and answers.

    What follows depends on these alone, so that it rests while other families change.
    """
    tables, answers = {}, {}
    families = [*params.choose.members, *params.choose.insurance]
    for family in families:
        nested = pd.read_parquet(f"data/nest/{family}.parquet")
        tuned = pd.read_parquet(f"data/tune/{family}.parquet")
        same_customers(nested, tuned)
        tables[family] = nested.set_index(CUSTOMER_ID).assign(everybody=tuned["score"].to_numpy())
        answers[family] = {
            **read_json(Path(f"data/nest/{family}.json")),
            "everybody": read_json(Path(f"data/tune/{family}.json")),
        }
    members = pd.concat(tables, names=["family"]).reset_index()
    write_parquet(Path("data/choose/members.parquet"), members)
    write_json(Path("data/choose/answers.json"), answers, digits=EXACT)
    grids = {family: params.families[family] for family in families}
    write_json(Path("data/choose/grids.json"), grids, digits=EXACT)


if __name__ == "__main__":
    run(main, Params)
