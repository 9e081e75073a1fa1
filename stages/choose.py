"""Choose a family by cross-validation, and say whether the choice is more than noise."""

from pathlib import Path

from retention.choice import compare_families, hyperparameters, read_candidates
from retention.outputs import write_csv, write_json
from retention.stage import run
from stages.parameters.choose import Params


def main(params: Params) -> None:
    """Write data/choice.csv and metrics/choice.json."""
    # By name, not by what lies there: results of families that were removed from params.yaml stay.
    candidates = {
        family: read_candidates(Path(f"data/tune/{family}.csv")) for family in params.families
    }
    table = compare_families(candidates, params.folds, params.confidence)
    first = table.iloc[0]

    write_csv(Path("data/choice.csv"), table)
    write_json(
        Path("metrics/choice.json"),
        {
            "family": first["family"],
            "hyperparameters": hyperparameters(candidates[first["family"]]),
            "roc_auc": first["roc_auc"],
            "families": len(table),
            "within_noise_of_it": int(table["within_noise"].sum()) - 1,
            "ahead_of_next": table.loc[1:1, ["behind", "low", "high", "p"]].iloc[0].to_dict()
            if len(table) > 1
            else None,
        },
    )


if __name__ == "__main__":
    run(main, Params)
