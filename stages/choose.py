"""Choose a family or their blend by cross-validation, and say whether that is more than noise."""

from pathlib import Path

import numpy as np
import pandas as pd

from retention.contract.columns import DECLINE
from retention.folds import fold_columns
from retention.harness.files import write_csv, write_json
from retention.harness.stage import run
from retention.selection.choice import (
    BLEND,
    best_family,
    best_roc_auc,
    blend_roc_auc,
    choose,
    compare,
    hyperparameters,
    read_candidates,
    splits_won,
)
from stages.parameters.choose import Params


def main(params: Params) -> None:
    """Write data/choice.csv and metrics/choice.json."""
    decline = pd.read_parquet("data/customers.parquet")[DECLINE].to_numpy()
    folds = pd.read_parquet("data/folds.parquet")
    repeats = fold_columns(folds)
    # By name, not by what lies there: results of families that were removed from params.yaml stay.
    families, members = list(params.families), params.choose.members
    candidates = {name: read_candidates(Path(f"data/tune/{name}.csv")) for name in families}

    roc_auc = {name: best_roc_auc(table) for name, table in candidates.items()}
    if len(members) > 1:
        unseen = [pd.read_parquet(f"data/tune/{name}.parquet") for name in members]
        roc_auc[BLEND] = blend_roc_auc(
            [np.stack([scores[name].to_numpy() for scores in unseen]) for name in repeats],
            decline,
            [folds[name].to_numpy() for name in repeats],
        )
    choice = choose(
        roc_auc,
        params.choose.rule,
        folds=params.folds,
        simplest_first=params.choose.simplest_first,
    )
    table = compare(roc_auc, choice, params.folds, params.confidence)
    chosen = table[table["family"] == choice].iloc[0]
    others = table[table["family"] != choice]
    parts = members if choice == BLEND else [choice]

    write_csv(Path("data/choice.csv"), table)
    write_json(
        Path("metrics/choice.json"),
        {
            "family": choice,
            "roc_auc": chosen["roc_auc"],
            "others": len(others),
            "others_within_noise": int(others["within_noise"].sum()),
            "ahead_of_best_other": others[["ahead", "low", "high", "p"]].iloc[0].to_dict()
            if len(others)
            else None,
            # How sure the search is of a single family, whatever the rule then takes.
            "best_family": best_family(roc_auc),
            "splits_won": splits_won(roc_auc),
            "members": {name: hyperparameters(candidates[name]) for name in parts},
        },
    )


if __name__ == "__main__":
    run(main, Params)
