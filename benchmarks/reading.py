"""How long reading takes against duckdb: `python -m benchmarks.reading TABLE`.

The demo's simulator writes the files of so many customers. duckdb reads them plainly, pivots the
periods, joins the tables and hands over a pandas table; `prepare` reads them as contract.yaml says,
with all that it finds, checks and mends. Both in this process, in turn, each with all cores; the
best time of each counts. The sums of all numbers have to agree. Prints the ratio of the times, and
writes a CSV table with a row for each number of customers; docs/reading.csv is such a table.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from retention.contract.columns import CUSTOMER_ID
from retention.contract.schema import NUMBERS, Contract, Table, read_contract
from retention.demo.store import load_statistics, simulate_store, write_store
from retention.harness.files import write_csv
from retention.intake.source import read_source

STATISTICS = Path("retention/demo/store.json")
TARGET = 8  # times duckdb's
TURNS = 3


def main() -> None:
    """Time both on stores of growing size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path, help="the CSV file to write")
    parser.add_argument("--customers", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    options = parser.parse_args()
    contract = read_contract()
    rows = []
    for customers in options.customers:
        with tempfile.TemporaryDirectory() as folder:
            store = simulate_store(customers, 1, load_statistics(STATISTICS))
            write_store(store, Path(folder))
            rows.append({"customers": customers, **measure(Path(folder), contract)})
        print(f"{customers:>9,} customers: {rows[-1]['ratio']:5.1f} times duckdb's time")
    write_csv(options.table, pd.DataFrame(rows), digits=2)
    print(f"the largest has {rows[-1]['ratio']:.1f}, the target is {TARGET} at most")


def measure(folder: Path, contract: Contract) -> dict[str, Any]:
    """Return the seconds of both, and their ratio."""
    sizes = [(folder / f"{name}.csv").stat().st_size for name in contract.tables]

    ways: dict[str, Callable[[], pd.DataFrame]] = {
        "duckdb": lambda: plain(folder, contract),
        "prepare": lambda: (
            read_source(folder, contract.tables, contract.repairs, contract.checks).customers
        ),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TURNS):
        sums = []
        for name, read in ways.items():
            start = time.perf_counter()
            customers = read()
            seconds[name].append(time.perf_counter() - start)
            sums.append(_sums(customers))
        if not np.allclose(sums[0], sums[1]):
            raise ValueError(f"both should read the same numbers, but {sums[0]} isn't {sums[1]}")
    best = {name: min(taken) for name, taken in seconds.items()}
    return {
        "megabytes": round(sum(sizes) / 1e6, 1),
        **{f"{name}_seconds": taken for name, taken in best.items()},
        "ratio": best["prepare"] / best["duckdb"],
    }


def _sums(customers: pd.DataFrame) -> list[float]:
    numbers = customers.select_dtypes("number").drop(columns=CUSTOMER_ID, errors="ignore")
    return sorted(one for one in numbers.sum() if one)


def plain(folder: Path, contract: Contract) -> pd.DataFrame:
    """Return the customers as duckdb reads them, with its own finding of forms and types."""
    connection = duckdb.connect()
    typos = [repair.found for repair in contract.repairs]
    for name, table in contract.tables.items():
        connection.execute(f"CREATE TABLE {name} AS {_read(folder / f'{name}.csv', table, typos)}")
    first, *others = contract.tables
    joins = " ".join(f"JOIN {name} USING ({CUSTOMER_ID})" for name in others)
    query = f"SELECT * FROM {first} {joins} ORDER BY {CUSTOMER_ID}"  # noqa: S608 - our own names
    return connection.execute(query).df()


def _read(file: Path, table: Table, typos: Sequence[str]) -> str:
    decimal = f", decimal_separator = '{table.decimal}', delim = ';'" if table.decimal else ""
    source = f"read_csv('{file}'{decimal})"
    columns = table.columns
    if table.period is None:
        named = ", ".join(f'"{one.header}" AS {name}' for name, one in columns.items())
        return f"SELECT {named} FROM {source}"  # noqa: S608
    labels = [*(columns[table.period].periods or {}).values(), *typos]
    values = [columns[name] for name in table.values if columns[name].kind in NUMBERS]
    using = ", ".join(f'first("{one.header}") AS "{one.header}"' for one in values)
    found = ", ".join(f"'{label}'" for label in labels)
    key = columns[CUSTOMER_ID].header
    return (
        f'SELECT "{key}" AS {CUSTOMER_ID}, * EXCLUDE ("{key}") FROM (PIVOT {source} '  # noqa: S608
        f'ON "{columns[table.period].header}" IN ({found}) USING {using} GROUP BY "{key}")'
    )


if __name__ == "__main__":
    main()
