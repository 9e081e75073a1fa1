"""The negative control: the shop's files with outcomes that mean nothing.

`python -m tools.shuffle`, after `dvc repro`, writes data/shuffled/: the files of `data.source`, in
which groups of near-duplicates swapped their outcomes with groups of the same size. Then

    dvc exp run -S data.source=data/shuffled

runs everything on them: every ROC-AUC has to be about 0.5, no cut and no segment may hold, and
nobody may be on the contact list.
"""

import argparse
import shutil
from pathlib import Path

import pandas as pd

from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.contract.schema import read_contract
from retention.harness.yaml12 import read_yaml
from retention.statistics.resampling import shuffled

TARGET = Path("data/shuffled")


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, help="of the shuffle")
    seed = parser.parse_args().seed
    source = Path(read_yaml(Path("params.yaml"))["data"]["source"])
    contract = read_contract()
    customers = pd.read_parquet("data/customers.parquet")
    groups = pd.read_parquet("data/folds.parquet")["group"].to_numpy()
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in contract.tables:
        shutil.copy(source / f"{name}.csv", TARGET)

    ours = contract.roles.outcome.column
    [(name, about)] = [(n, t) for n, t in contract.tables.items() if ours in t.columns]
    file = TARGET / f"{name}.csv"
    table = pd.read_csv(file, sep=None, engine="python", dtype=str, keep_default_na=False)
    outcome, key = about.columns[ours].header, about.columns[CUSTOMER_ID].header
    # The shop's words for the outcomes, of customers who took part; the others keep theirs.
    words = table.set_index(key)[outcome].loc[customers[CUSTOMER_ID]].to_numpy()
    declined = customers[DECLINE].to_numpy(dtype=bool)
    drawn = shuffled(declined, groups, draws=1, seed=seed)[1]
    by_class = {bool(value): word for value, word in zip(declined, words, strict=True)}
    new = dict(zip(customers[CUSTOMER_ID], (by_class[bool(d)] for d in drawn), strict=True))
    table[outcome] = [
        new.get(one, word) for one, word in zip(table[key], table[outcome], strict=True)
    ]
    table.to_csv(file, index=False, lineterminator="\n")
    print(f"{TARGET}: outcomes of {len(customers)} customers shuffled by group")


if __name__ == "__main__":
    main()
