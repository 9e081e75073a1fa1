"""Find for each number the cut where the rate of declines changes most, and check it."""

from pathlib import Path

import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.discovery import cuts, rules_met
from retention.folds import outer_columns
from retention.harness.files import write_csv, write_parquet
from retention.harness.parallel import parallel
from retention.harness.stage import run
from retention.rules import memberships
from retention.statistics.resampling import Resampling
from stages.parameters.cut import Params


def main(params: Params) -> None:
    """Write the tables of cuts and of rules met, and how many rules each customer meets."""
    customers = pd.read_parquet("data/customers.parquet")
    # By id: folds stand in the order of the file that they were written from.
    folds = customers[[CUSTOMER_ID]].merge(
        pd.read_parquet("data/folds.parquet"), on=CUSTOMER_ID, validate="one_to_one"
    )
    fold, groups = folds[outer_columns(folds)[0]].to_numpy(), folds["group"].to_numpy()
    setting = cuts.Setting(
        params.features.numbers,
        params.cut.least_share,
        params.cut.tolerance,
        params.cut.level,
        params.cut.shuffles,
        params.cut.counted,
        params.seed,
    )

    everybody = (customers, fold, groups, setting)
    calls = [everybody, *rules_met.checks_without(*everybody)]
    checked, *without = parallel(cuts.check_cuts, calls, label="cut", unit="check")
    resampled = cuts.bootstrap_cuts(
        customers, setting, Resampling(groups, params.cut.bootstrap_samples, params.seed)
    )
    stable = cuts.stability(
        cuts.find_cuts(customers, setting), resampled, customers, params.cut.tolerance
    )
    named = memberships(customers, params.cut.rules())
    reference = pd.DataFrame(
        [
            {"name": name, **cuts.compare_sides(side, customers[DECLINE])}
            for name, side in named.items()
        ]
    )
    # By name: each customer's rules met, and the most that there could be.
    counts = {
        "found": (
            rules_met.unseen_rules_met(customers, fold, without, setting),
            params.cut.counted,
        ),
        "named": (named.sum(axis=1).to_numpy(), len(named.columns)),
    }
    decline = customers[DECLINE].to_numpy()
    by_count = {
        name: rules_met.declines_by_count(met, decline, most)
        for name, (met, most) in counts.items()
    }

    write_csv(Path("data/cut/cuts.csv"), cuts.cut_table(checked, stable))
    write_csv(Path("data/cut/reference.csv"), reference)
    write_csv(
        Path("data/cut/rules_met.csv"),
        pd.concat(by_count, names=["counted"]).reset_index("counted"),
    )
    write_parquet(
        Path("data/cut/counts.parquet"),
        customers[[CUSTOMER_ID]].assign(**{name: met for name, (met, _) in counts.items()}),
    )


if __name__ == "__main__":
    run(main, Params)
