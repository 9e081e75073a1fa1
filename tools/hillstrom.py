"""A real experiment, measured: `python -m tools.hillstrom --source FILE`.

The public file of Kevin Hillstrom's MineThatData e-mail challenge (2008,
https://blog.minethatdata.com/2008/03/minethatdata-e-mail-analytics-and-data.html): 64,000 customers
of a shop, drawn at random to get an e-mail about men's goods, one about women's goods, or none, and
what they did in two weeks. The file isn't part of this repository. Writes docs/campaign/effects.csv
(each e-mail beside none, raw and adjusted by what was known of the customers before) and
docs/campaign/balance.csv (whether the arms were alike before).
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from retention.campaign.measurement.balance import balance
from retention.campaign.measurement.effect import Flags, Groups, effect
from retention.harness.errors import UserError
from retention.harness.files import write_csv
from retention.harness.stage import guarded
from retention.statistics.significance import holm, significant
from tools.tables import ROOT

NONE = "No E-Mail"
OUTCOMES = ("visit", "conversion", "spend")
BEFORE = ["recency", "history", "mens", "womens", "newbie", "zip_code", "channel"]
CONFIDENCE = 0.95
FOLDER = ROOT / "docs/campaign"


def effects(table: pd.DataFrame) -> pd.DataFrame:
    """Return the effect of each e-mail on each outcome; p adjusted for all of them by Holm."""
    rows = []
    for email, part in _against_none(table):
        arms = _arms(part)
        known = pd.get_dummies(part[BEFORE], drop_first=True).to_numpy(dtype=np.float64)
        for outcome in OUTCOMES:
            seen = part[outcome].to_numpy(dtype=np.float64)
            raw = effect(seen, *arms, CONFIDENCE)
            adjusted = effect(seen, *arms, CONFIDENCE, known)
            rows.append(
                {
                    "email": email,
                    "outcome": outcome,
                    "control": raw.control_mean,
                    "contacted": raw.contacted_mean,
                    "raw": raw.value,
                    "raw_low": raw.low,
                    "raw_high": raw.high,
                    "adjusted": adjusted.value,
                    "adjusted_low": adjusted.low,
                    "adjusted_high": adjusted.high,
                    "width_ratio": adjusted.error / raw.error,
                    "p": adjusted.p,
                }
            )
    found = pd.DataFrame(rows)
    found["p"] = significant(pd.Series(holm(found["p"].to_numpy())))
    return found


def balances(table: pd.DataFrame) -> pd.DataFrame:
    """Return for each e-mail the largest difference between the arms, and p of all columns."""
    rows = []
    for email, part in _against_none(table):
        columns, together = balance(part[BEFORE], *_arms(part), CONFIDENCE)
        worst = columns.iloc[int(columns["standardised"].abs().argmax())]
        rows.append(
            {
                "email": email,
                "customers": len(part),
                "columns": len(columns),
                "most_different": worst["column"],
                "standardised": worst["standardised"],
                "p_holm": worst["p_holm"],
                "p_together": together,
            }
        )
    return pd.DataFrame(rows)


def read(source: Path) -> pd.DataFrame:
    """Read the file. Raises UserError when it isn't there, or is another one."""
    if not source.is_file():
        raise UserError(f"{source} is missing: give the file of the experiment with --source.")
    table = pd.read_csv(source)
    lacking = [name for name in (*BEFORE, "segment", *OUTCOMES) if name not in table]
    if lacking:
        raise UserError(f"{source} lacks the column '{lacking[0]}': give Hillstrom's file.")
    return table


def _against_none(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    emails = sorted(set(table["segment"]) - {NONE})
    return [(email, table[table["segment"].isin([email, NONE])]) for email in emails]


def _arms(part: pd.DataFrame) -> tuple[Flags, Groups]:
    return (part["segment"] != NONE).to_numpy(dtype=bool), np.arange(len(part))


def main() -> None:
    """Measure, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, required=True, help="Hillstrom's CSV file")
    arguments = parser.parse_args()
    table = read(arguments.source)
    for name, found in (("effects", effects(table)), ("balance", balances(table))):
        print(found.to_string(index=False))
        write_csv(FOLDER / f"{name}.csv", found)


if __name__ == "__main__":
    guarded(main)
