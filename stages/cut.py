"""Find for each number the cut where the rate of declines changes most, and check it."""

from pathlib import Path

import pandas as pd

from retention.charts import cuts as charts
from retention.contract.columns import DECLINE
from retention.discovery import cuts, rules_met
from retention.folds import fold_columns
from retention.harness.files import write_csv, write_json
from retention.harness.stage import run
from retention.rules import memberships
from retention.texts import read_texts
from stages.parameters.cut import Params

PLOTS = Path("plots/cuts")


def main(params: Params) -> None:
    """Write the tables of cuts and of rules met, metrics/cuts.json and the pictures."""
    customers = pd.read_parquet("data/customers.parquet")
    folds = pd.read_parquet("data/folds.parquet")
    texts = read_texts(params.language)
    samples = params.cut.bootstrap_samples
    setting = cuts.Setting(
        params.features.numbers,
        params.cut.least_share,
        params.confidence,
        params.cut.shuffles,
        params.cut.counted,
        params.seed,
    )
    groups, holdout = folds["group"].to_numpy(), folds["holdout"].to_numpy()
    fold = folds[fold_columns(folds)[0]].to_numpy()
    training, unseen = customers[~holdout], customers[holdout]

    found = cuts.find_cuts(training, setting)
    by_fold = cuts.cuts_by_fold(customers, fold, setting)
    resampled = cuts.bootstrap_cuts(training, groups[~holdout], setting, samples)
    checked = cuts.check_cuts(customers, fold, groups, setting)
    table = cuts.cut_table(
        cuts.stability(found, resampled, by_fold, training, params.cut.tolerance),
        checked,
        cuts.compare_sides(cuts.risky_sides(unseen, found), unseen[DECLINE], params.confidence),
    )
    named = memberships(customers, params.cut.rules())
    reference = cuts.compare_sides(named, customers[DECLINE], params.confidence)
    reference = reference.rename(columns={"column": "name"})

    # By name: who is counted, each customer's rules met, and the most that there could be.
    counts = rules_met.unseen_rules_met(customers, fold, groups, setting)
    counts[holdout] = rules_met.rules_met(unseen, rules_met.strongest(training, checked, setting))
    parts = {
        "out_of_fold": (~holdout, counts, params.cut.counted),
        "holdout": (holdout, counts, params.cut.counted),
        "reference": (holdout | True, named.sum(axis=1).to_numpy(), len(named.columns)),
    }
    decline = customers[DECLINE].to_numpy()
    by_count, roc_auc = {}, {}
    for name, (rows, met, most) in parts.items():
        by_count[name] = rules_met.declines_by_count(
            met[rows], decline[rows], most, params.confidence
        )
        roc_auc[name] = rules_met.count_roc_auc(
            met[rows],
            decline[rows],
            groups[rows],
            samples=samples,
            confidence=params.confidence,
            seed=params.seed,
        )

    write_csv(Path("data/cuts.csv"), table)
    write_csv(Path("data/reference_cuts.csv"), reference)
    write_csv(
        Path("data/rules_met.csv"),
        pd.concat(by_count, names=["counted"]).reset_index("counted"),
    )
    write_json(Path("metrics/cuts.json"), cuts.summary(table, reference, by_count, roc_auc))
    charts.thresholds(
        PLOTS / "thresholds.png", table, reference, decline.mean(), params.confidence, texts
    )
    charts.rules_met(PLOTS / "rules_met.png", by_count, params.confidence, texts)


if __name__ == "__main__":
    run(main, Params)
