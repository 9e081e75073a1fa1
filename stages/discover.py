"""Search for segments, and show which of them hold up."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.contract.roles import with_roles
from retention.discovery import found as discovery
from retention.discovery.subgroups import Search
from retention.folds import outer_columns, splits
from retention.harness.files import write_csv
from retention.harness.stage import run
from retention.scores import scored_customers
from retention.statistics.resampling import Resampling
from retention.statistics.significance import significant
from stages.parameters.discover import Params


def main(params: Params) -> None:
    """Write the found segments, their members, and the reasons of those that no rule can say."""
    table = scored_customers(
        pd.read_parquet("data/customers.parquet"), pd.read_parquet("data/scores.parquet")
    )
    customers = table[[CUSTOMER_ID]]
    folds = customers.merge(
        pd.read_parquet("data/folds.parquet"), on=CUSTOMER_ID, validate="one_to_one"
    )
    shap_values = customers.merge(
        pd.read_parquet("data/explain/shap_values.parquet"), on=CUSTOMER_ID, validate="one_to_one"
    )
    features, decline = table[params.features.all], table[DECLINE].to_numpy()
    judge = discovery.Judge(
        splits(folds[outer_columns(folds)[0]].to_numpy()),
        Resampling(folds["group"].to_numpy(), params.discover.resamples, params.seed),
        params.discover.found_again,
        params.discover.level,
        params.discover.shuffles,
    )
    search = Search(
        params.features.numbers,
        params.features.categories,
        **params.discover.subgroups.model_dump(),
    )
    subgroups = discovery.subgroups(search, features, decline, judge)
    clusters = discovery.clusters(
        shap_values[features.columns],
        features,
        decline,
        judge,
        **params.discover.clusters.model_dump(),
        seed=params.seed,
        numbers=params.features.numbers,
    )
    members = pd.concat([subgroups.members, clusters.members], axis=1)
    segments = pd.concat([subgroups.table, clusters.table])
    segments = discovery.with_money(segments, members, with_roles(table, params.roles))
    p_values = segments[["p", "p_against_parts"]].apply(significant)

    write_csv(Path("data/discover/found.csv"), segments.assign(**p_values))
    write_csv(
        Path("data/discover/members.csv"), pd.concat([customers, members.astype(int)], axis=1)
    )
    write_csv(Path("data/discover/reasons.csv"), clusters.reasons)


if __name__ == "__main__":
    run(main, Params)
