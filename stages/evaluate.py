"""Judge the chosen model on the hold-out, beside a dummy and beside its own cross-validation."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from retention.contract.columns import DECLINE, PROBABILITY
from retention.evaluation.calibration import calibration_points
from retention.evaluation.figures import figures, judge
from retention.harness.files import read_json, write_csv, write_json
from retention.harness.stage import run
from retention.statistics.intervals import group_bootstrap_interval
from retention.statistics.ranking import delong_interval, roc_auc, roc_points
from stages.parameters.evaluate import Params


def main(params: Params) -> None:
    """Write metrics/evaluation.json and the data of the ROC, confusion and calibration plots."""
    customers = pd.read_parquet("data/customers.parquet")
    folds = pd.read_parquet("data/folds.parquet")
    scores = pd.read_parquet("data/scores.parquet")
    threshold = read_json(Path("metrics/train.json"))["threshold"]
    confidence = params.confidence

    holdout, groups = folds["holdout"].to_numpy(), folds["group"].to_numpy()
    decline, probability = customers[DECLINE].to_numpy(), scores[PROBABILITY].to_numpy()
    tested, trained = decline[holdout], decline[~holdout]
    dummy = np.full(len(tested), trained.mean())
    drawn: dict[str, Any] = {
        "samples": params.evaluate.bootstrap_samples,
        "confidence": confidence,
        "seed": params.seed,
    }
    settings: dict[str, Any] = {
        "threshold": threshold,
        "base_rate": trained.mean(),
        "bins": params.evaluate.calibration_bins,
        **drawn,
    }
    write_json(
        Path("metrics/evaluation.json"),
        {
            "threshold": threshold,
            "holdout": {
                "roc_auc": delong_interval(tested, probability[holdout], confidence),
                **judge(tested, probability[holdout], groups[holdout], **settings),
            },
            "dummy": {
                "roc_auc": roc_auc(tested, dummy),
                **figures(tested, dummy, threshold),
            },
            "cross_validation": {
                "roc_auc": group_bootstrap_interval(
                    roc_auc, trained, probability[~holdout], groups[~holdout], **drawn
                ),
                **judge(trained, probability[~holdout], groups[~holdout], **settings),
            },
        },
    )

    curves = [pd.read_csv(f"plots/tune/{family}.csv") for family in params.families]
    curves.append(roc_points(tested, probability[holdout], "chosen, hold-out"))
    write_csv(Path("plots/roc.csv"), pd.concat(curves), digits=4)
    names = np.array(["stayed", "declined"])
    confusion = {
        "actual": names[tested],
        "predicted": names[(probability[holdout] >= threshold).astype(int)],
    }
    write_csv(Path("plots/confusion.csv"), pd.DataFrame(confusion).sort_values([*confusion]))
    write_csv(
        Path("plots/calibration.csv"),
        calibration_points(
            tested, probability[holdout], params.evaluate.calibration_bins, confidence
        ),
        digits=4,
    )


if __name__ == "__main__":
    run(main, Params)
