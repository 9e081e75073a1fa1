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

from retention.contract.columns import CUSTOMER_ID, DECLINE, MARKET_FILE
from retention.harness.yaml12 import read_yaml
from retention.statistics.resampling import shuffled

TARGET = Path("data/shuffled")
FILES = ("market_file", "market_money", "market_time", "money")


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, help="of the shuffle")
    seed = parser.parse_args().seed
    params = read_yaml(Path("params.yaml"))
    source = Path(params["data"]["source"])
    customers = pd.read_parquet("data/customers.parquet")
    groups = pd.read_parquet("data/folds.parquet")["group"].to_numpy()
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(source / f"{name}.csv", TARGET)

    form = params["prepare"]["formats"]["market_file"]
    file = TARGET / "market_file.csv"
    table = pd.read_csv(file, sep=form["separator"], dtype=str, keep_default_na=False)
    headers = {ours: raw for raw, ours in MARKET_FILE.items()}
    outcome, key = headers["activity"], headers[CUSTOMER_ID]
    # The shop's words for the outcomes, of customers who took part; the others keep theirs.
    words = table.set_index(key)[outcome].loc[customers[CUSTOMER_ID].astype(str)].to_numpy()
    declined = customers[DECLINE].to_numpy(dtype=bool)
    drawn = shuffled(declined, groups, draws=1, seed=seed)[1]
    by_class = {bool(value): word for value, word in zip(declined, words, strict=True)}
    new = dict(
        zip(customers[CUSTOMER_ID].astype(str), (by_class[bool(d)] for d in drawn), strict=True)
    )
    table[outcome] = [
        new.get(one, word) for one, word in zip(table[key], table[outcome], strict=True)
    ]
    table.to_csv(file, sep=form["separator"], index=False, lineterminator="\n")
    print(f"{TARGET}: outcomes of {len(customers)} customers shuffled by group")


if __name__ == "__main__":
    main()
