"""Read the shop's four files and leave one checked row per customer."""

import sys
from pathlib import Path

from retention.contract import columns
from retention.folds import check_enough, same_customer_groups
from retention.harness.files import write_csv, write_json, write_parquet
from retention.harness.stage import run
from retention.intake.customers import (
    add_target,
    check_market,
    exclude,
    findings,
    implausible,
    join_customers,
    pivot_periods,
    repair,
    told,
    unify,
)
from retention.intake.reading import read_table
from retention.intake.values import known_values
from stages.parameters.prepare import Params

FILES = {
    "market_file": columns.MARKET_FILE,
    "market_money": columns.MARKET_MONEY,
    "market_time": columns.MARKET_TIME,
    "money": columns.MONEY,
}


def main(params: Params) -> None:
    """Write data/customers.parquet, data/prepare/*.csv and metrics/prepare.json."""
    typos = [(typo.column, typo.found, typo.meant) for typo in params.prepare.repairs]
    known = known_values(params.prepare.categories, typos)
    tables, repaired = {}, {}
    for name, headers in FILES.items():
        form = getattr(params.prepare.formats, name)
        file = Path(params.data.source) / f"{name}.csv"
        table = read_table(file, headers, form.separator, form.decimal)
        tables[name], repaired[name] = repair(unify(table, known), typos)

    market, money, time, profit = tables.values()
    check_market(market, params.prepare.categories)
    joined = join_customers(
        market,
        [
            (money, pivot_periods(money, "revenue", ["before_previous", "previous", "current"])),
            (time, pivot_periods(time, "minutes", ["previous", "current"])),
            (profit, profit.rows),
        ],
    )
    customers, excluded = exclude(add_target(joined), params.prepare.revenue_limit)
    # Refused here, before anything is overwritten, rather than after an hour of searches.
    check_enough(
        customers[columns.DECLINE].to_numpy(),
        same_customer_groups(customers, params.same_customer),
        params.folds,
        params.largest_group,
    )

    write_parquet(Path("data/customers.parquet"), customers)
    write_csv(Path("data/prepare/excluded.csv"), excluded)
    notes = [note for table in tables.values() for note in table.notes]
    notes += implausible(customers, profit)
    sys.stderr.write(told(notes))
    write_csv(Path("data/prepare/findings.csv"), findings(notes))
    write_json(
        Path("metrics/prepare.json"),
        {
            "rows": {name: len(table.rows) for name, table in tables.items()},
            "ignored_columns": sum(len(table.ignored) for table in tables.values()),
            "repaired_values": repaired,
            "findings": len(notes),
            "excluded": excluded["reason"].value_counts().sort_index().to_dict(),
            "customers": len(customers),
            "decline_rate": customers[columns.DECLINE].mean(),
        },
    )


if __name__ == "__main__":
    run(main, Params)
