"""Read the shop's files, as contract.yaml describes them, into one checked row per customer."""

import sys
from pathlib import Path

from retention.contract.columns import DECLINE
from retention.contract.schema import wide
from retention.folds import check_enough, same_customer_groups
from retention.harness.files import write_csv, write_json, write_parquet
from retention.harness.stage import run
from retention.intake.customers import add_target, exclude
from retention.intake.findings import findings, told
from retention.intake.source import described
from stages.parameters.prepare import Params


def main(params: Params) -> None:
    """Write data/customers.parquet, data/prepare/*.csv and metrics/prepare.json."""
    source = params.source(params.folder)
    everybody = add_target(source.customers, params.roles.outcome)
    customers, excluded = exclude(everybody, params.rules())
    # Refused here, before anything is overwritten, rather than after an hour of searches.
    check_enough(
        customers[DECLINE].to_numpy(),
        same_customer_groups(customers, params.same_customer),
        params.folds,
        params.largest_group,
    )

    write_parquet(Path("data/customers.parquet"), customers)
    write_csv(Path("data/prepare/excluded.csv"), excluded)
    write_json(Path("data/prepare/columns.json"), described(wide(params.tables)))
    sys.stderr.write(told(source.notes))
    write_csv(Path("data/prepare/findings.csv"), findings(source.notes))
    write_json(
        Path("metrics/prepare.json"),
        {
            "rows": source.rows,
            "ignored_columns": source.ignored,
            "repaired_values": source.repaired,
            "findings": len(source.notes),
            "excluded": excluded["reason"].value_counts().sort_index().to_dict(),
            "customers": len(customers),
            "decline_rate": customers[DECLINE].mean(),
        },
    )


if __name__ == "__main__":
    run(main, Params)
