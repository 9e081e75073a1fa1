"""Judge the procedure and each family on the outer folds, and the procedure beside both."""

from pathlib import Path

import numpy as np
import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.evaluation.calibration import calibration_points
from retention.evaluation.calibrators import compare_calibrators
from retention.evaluation.comparison import (
    against_families,
    against_found,
    against_named,
    comparison_table,
)
from retention.evaluation.figures import Setting, judge, judge_classes
from retention.evaluation.outer import Outer, unseen_probability
from retention.folds import outer_columns
from retention.harness.files import read_json, write_csv, write_json
from retention.harness.stage import run
from retention.statistics.ranking import roc_points
from stages.parameters.evaluate import Params

PROCEDURE = "procedure"


def main(params: Params) -> None:
    """Write metrics/evaluate.json, the headline, the comparison, and what the plots show."""
    customers = pd.read_parquet("data/customers.parquet")
    ids, confidence, seed = customers[CUSTOMER_ID], params.confidence, params.seed
    folds = _read("data/folds.parquet", ids)
    scored = _read("data/train/outer.parquet", ids)
    counts = _read("data/cut/counts.parquet", ids)
    repeats = outer_columns(folds)
    outer = Outer(
        customers[DECLINE].to_numpy(), folds["group"].to_numpy(), folds[repeats].to_numpy().T
    )
    probability, predicted = (
        np.stack([scored[f"{name}_{repeat + 1}"].to_numpy() for repeat in range(len(repeats))])
        for name in ("probability", "predicted")
    )
    # By name, not by what lies there: results of families that were removed from params.yaml stay.
    nested = {name: _read(f"data/nest/{name}.parquet", ids) for name in params.families}
    by_family = {name: unseen_probability(scores, outer) for name, scores in nested.items()}

    samples = params.evaluate.bootstrap_samples
    setting = Setting(confidence, params.evaluate.calibration_bins, samples, seed)
    families = {name: judge(found, outer, setting) for name, found in by_family.items()}
    own = judge(probability, outer, setting) | judge_classes(predicted, outer, confidence)
    against = against_families(probability, by_family, outer, confidence)
    rules = {
        "found": against_found(
            probability,
            counts["found"].to_numpy(),
            outer,
            samples=samples,
            confidence=confidence,
            seed=seed,
        ),
        "named": against_named(probability, counts["named"].to_numpy(), outer, confidence),
    }
    threshold = read_json(Path("models/decision.json"))["threshold"]
    whole = {
        "customers": len(customers),
        "declined": int(outer.decline.sum()),
        "decline_rate": outer.decline.mean(),
        "folds": params.folds,
        "repeats": len(repeats),
        "threshold": threshold,
    }
    calibrators = compare_calibrators(nested, outer)
    write_json(
        Path("metrics/evaluate.json"),
        {
            **whole,
            **own,
            "families": families,
            "against": against,
            "against_rules": rules,
            "calibrators": calibrators,
        },
    )
    write_json(
        Path("metrics/headline.json"),
        {
            "roc_auc": own["roc_auc"]["value"],
            "roc_auc_low": own["roc_auc"]["low"],
            "roc_auc_high": own["roc_auc"]["high"],
            "log_loss": own["log_loss"],
            "brier": own["brier"],
            "calibration_in_the_large": own["calibration"]["in_the_large"]["value"],
            "calibration_slope": own["calibration"]["slope"]["value"],
            **{name: own[name]["value"] for name in ("precision", "recall", "f1")},
            "ahead_of_rules": rules["found"]["difference"],
            "customers": len(customers),
        },
    )
    write_csv(Path("data/evaluate/comparison.csv"), comparison_table(families, against))
    _write_plots({PROCEDURE: probability, **by_family}, predicted[0], outer, setting)


def _write_plots(
    probabilities: dict[str, np.ndarray], predicted: np.ndarray, outer: Outer, setting: Setting
) -> None:
    """Write the curves of all models, and the confusion, of the first repeat's outer folds."""
    first = {name: found[0] for name, found in probabilities.items()}
    curves = [roc_points(outer.decline, found, name) for name, found in first.items()]
    points = {
        name: calibration_points(outer.decline, found, setting.bins, setting.confidence)
        for name, found in first.items()
    }
    reliability = pd.concat(points, names=["model"]).reset_index("model")
    names = np.array(["stayed", "declined"])
    confusion = {"actual": names[outer.decline], "predicted": names[predicted.astype(int)]}
    write_csv(Path("plots/evaluate/roc.csv"), pd.concat(curves), digits=4)
    write_csv(Path("plots/evaluate/reliability.csv"), reliability, digits=4)
    write_csv(
        Path("plots/evaluate/confusion.csv"), pd.DataFrame(confusion).sort_values([*confusion])
    )


def _read(path: str, ids: "pd.Series[int]") -> pd.DataFrame:
    """Return a table with the rows of these customers, in their order."""
    return pd.read_parquet(path).set_index(CUSTOMER_ID).loc[ids]


if __name__ == "__main__":
    run(main, Params)
