"""Judge the procedure and each family on the outer folds, and the procedure beside both."""

from pathlib import Path

import numpy as np
import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.evaluation.calibrators import compare_calibrators
from retention.evaluation.comparison import (
    against_families,
    against_found,
    against_named,
    comparison_table,
)
from retention.evaluation.figures import (
    Setting,
    curves,
    headline,
    judge,
    judge_classes,
    threshold_spread,
)
from retention.evaluation.kept import kept_table, split_names
from retention.evaluation.outer import Floats, Outer, unseen_probability
from retention.evaluation.splits import probability_figures
from retention.folds import outer_columns
from retention.harness.files import read_json, write_csv, write_json
from retention.harness.stage import run
from stages.parameters.evaluate import Params

PROCEDURE = "procedure"


def main(params: Params) -> None:
    """Write metrics/evaluate.json, the headline, the comparison, and what the plots show."""
    customers = pd.read_parquet("data/customers.parquet")
    ids, confidence = customers[CUSTOMER_ID], params.confidence
    folds = _read("data/folds.parquet", ids)
    repeats = outer_columns(folds)
    outer = Outer(
        customers[DECLINE].to_numpy(), folds["group"].to_numpy(), folds[repeats].to_numpy().T
    )
    scored = _read("data/train/outer.parquet", ids)
    probability, predicted = (
        np.stack([scored[f"{name}_{number}"].to_numpy() for number in range(1, len(repeats) + 1)])
        for name in ("probability", "predicted")
    )
    # By name, not by what lies there: results of families that were removed from params.yaml stay.
    nested = {name: _read(f"data/nest/{name}.parquet", ids) for name in params.families}
    by_family = {name: unseen_probability(scores, outer) for name, scores in nested.items()}

    samples, bins = params.evaluate.bootstrap_samples, params.evaluate.calibration_bins
    setting = Setting(confidence, bins, samples, params.seed)
    families = {name: judge(found, outer, setting) for name, found in by_family.items()}
    against = against_families(probability, by_family, outer, confidence)
    counts = _read("data/cut/counts.parquet", ids)
    found, named = counts["found"].to_numpy(), counts["named"].to_numpy()
    kept, prints = kept_table(customers, ids, outer, probability, predicted)
    whole = {
        "customers": len(customers),
        "declined": int(outer.decline.sum()),
        "decline_rate": outer.decline.mean(),
        "folds": params.folds,
        "repeats": len(repeats),
        "threshold": read_json(Path("models/decision.json"))["threshold"],
        "threshold_spread": threshold_spread(probability, predicted, outer),
        **judge(probability, outer, setting),
        **judge_classes(predicted, outer, confidence),
        "families": families,
        "against": against,
        "against_rules": {
            "found": against_found(probability, found, outer, setting),
            "named": against_named(probability, named, outer, confidence),
        },
        "calibrators": compare_calibrators(nested, outer),
        # Of whom these figures are: tools/compare.py pairs revisions that have the same.
        "prints": prints,
    }

    write_json(Path("metrics/evaluate.json"), whole)
    write_json(Path("metrics/headline.json"), headline(whole))
    write_csv(Path("data/evaluate/comparison.csv"), comparison_table(families, against))
    write_csv(Path("plots/evaluate/outer.csv"), kept)
    write_csv(Path("plots/evaluate/families.csv"), _by_split(by_family, outer))
    # Curves and confusion are of the first repeat, in which each customer has one score.
    roc, reliability = curves({PROCEDURE: probability, **by_family}, outer, setting)
    write_csv(Path("plots/evaluate/roc.csv"), roc, digits=4)
    write_csv(Path("plots/evaluate/reliability.csv"), reliability, digits=4)
    names = np.array(["stayed", "declined"])
    confusion = {"actual": names[outer.decline], "predicted": names[predicted[0].astype(int)]}
    write_csv(
        Path("plots/evaluate/confusion.csv"), pd.DataFrame(confusion).sort_values([*confusion])
    )


def _by_split(families: dict[str, Floats], outer: Outer) -> pd.DataFrame:
    """Return the figures of each family on each outer split: a row a family and split."""
    tables = {
        name: split_names(outer).assign(**probability_figures(probability, outer))
        for name, probability in families.items()
    }
    return pd.concat(tables, names=["family"]).reset_index("family")


def _read(path: str, ids: "pd.Series[int]") -> pd.DataFrame:
    """Return a table with the rows of these customers, in their order."""
    return pd.read_parquet(path).set_index(CUSTOMER_ID).loc[ids]


if __name__ == "__main__":
    run(main, Params)
