"""Search for segments, and show which of them hold up."""

from pathlib import Path

import pandas as pd

from retention.charts.discovered import discovered
from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.discovery import found as discovery
from retention.discovery.subgroups import Search
from retention.harness.files import write_csv, write_json
from retention.harness.stage import run
from retention.scores import scored_customers
from retention.statistics.resampling import Resampling
from retention.texts import read_texts
from stages.parameters.discover import Params

# What metrics/discovered.json says of each segment.
FIGURES = ["customers", "training_rate", "holdout_rate", "stability", "holds"]


def main(params: Params) -> None:
    """Write data/discovered.csv, its members, metrics/discovered.json, plots/discovered.png."""
    table = scored_customers(
        pd.read_parquet("data/customers.parquet"), pd.read_parquet("data/scores.parquet")
    )
    folds = pd.read_parquet("data/folds.parquet")
    texts = read_texts(params.language)
    features, decline = table[params.features.all], table[DECLINE].to_numpy()
    training = ~folds["holdout"].to_numpy()
    resampling = Resampling(
        folds.loc[training, "group"].to_numpy(), params.discover.resamples, params.seed
    )
    subgroups = discovery.subgroups(
        Search(
            params.features.numbers,
            params.features.categories,
            **params.discover.subgroups.model_dump(),
        ),
        features,
        decline,
        training,
        resampling=resampling,
        overlap=params.discover.found_again,
        texts=texts,
    )
    clusters = discovery.clusters(
        pd.read_parquet("data/shap_values.parquet")[features.columns],
        features,
        decline,
        training,
        **params.discover.clusters.model_dump(),
        seed=params.seed,
        resampling=resampling,
        numbers=params.features.numbers,
        texts=texts,
    )
    members = pd.concat([subgroups.members, clusters.members], axis=1)
    about = pd.concat([subgroups.about, clusters.about])
    examined = discovery.examine(table, members, training, params.confidence)
    segments = about.join(examined)

    write_csv(Path("data/discovered.csv"), segments.reset_index())
    write_csv(
        Path("data/discovered_members.csv"),
        pd.concat([table[[CUSTOMER_ID]], members.astype(int)], axis=1),
    )
    write_json(
        Path("metrics/discovered.json"),
        {
            "segments": len(segments),
            "hold": int(segments["holds"].sum()),
            "found": segments[FIGURES].to_dict(orient="index"),
        },
    )
    discovered(Path("plots/discovered.png"), segments, table[DECLINE].mean(), texts)


if __name__ == "__main__":
    run(main, Params)
