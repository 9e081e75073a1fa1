"""Compare what was expected of the customers to act on with what came.

`python -m tools.outcome FOLDER` reads the outcome from the shop's files in FOLDER, as contract.yaml
describes it: the file with the outcome is enough. In `data/demo_next` the demo's truth stands for
it. Says whether it is time to learn anew, and writes the same as outcome.json, with a picture.
docs/next-month.md says how it decides.
"""

import argparse
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd

import stages  # noqa: F401 - one thread for linear algebra, before numpy comes
from retention.contract.columns import CUSTOMER_ID, DECLINE, ID_AS_TEXT
from retention.contract.schema import Repair, Roles, Table, Tables, Titles, wide
from retention.harness.errors import UserError
from retention.harness.files import read_json, write_json
from retention.harness.parameters import At, load
from retention.harness.stage import guarded
from retention.intake.customers import add_target
from retention.intake.source import read_source
from retention.next_month.expected import Scored, Simulation
from retention.next_month.outcome import ANEW, KEEP, outcome
from retention.next_month.outlook import Outlook
from retention.texts import read_texts
from stages.expect import ask
from stages.parameters import expect
from stages.parameters.data import DEMO_NEXT, Data
from tools.tables import interval, number

FIGURES = {
    "roc_auc": "ROC-AUC",
    "precision": "precision",
    "recall": "recall",
    "decline_rate": "share of declines",
}
QUESTIONS = {
    "ranking": "The scores rank worse than expected by",
    "level": "More decline than expected, as a share of customers, by",
    "bands": "Bands of risk are off, as a share of customers, by",
}
VERDICTS = {
    ANEW: "It is time to learn anew: the relation has changed by more than chance. Put the files "
    "of this month, with the outcome, into data.source, and run `make repro`.",
    KEEP: "Keep the model: nothing of this is more than chance, or it is too little to matter.",
    "too_few": "Nothing can be said: too few customers of one outcome.",
}


class Params(expect.Params):
    """What the stage `expect` reads, and what the file with the outcome is read by."""

    data: Data
    tables: Annotated[Tables, At("contract.yaml:tables")]
    repairs: Annotated[list[Repair], At("contract.yaml:repairs")]
    roles: Annotated[Roles, At("contract.yaml:roles")]
    titles: Annotated[dict[str, Titles], At("contract.yaml:titles")]


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare, say it, and write it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", metavar="FOLDER", type=Path)
    parser.add_argument("--out", type=Path, default=Path("outcome"), help="the folder to write to")
    asked = parser.parse_args(arguments)
    guarded(lambda: _compare(asked.source, asked.out))


def _compare(folder: Path, out: Path) -> None:
    params = load(Params)
    if read_json(Path("metrics/expect.json"))["known"]:
        raise UserError(
            "params.yaml: 'data.next' names customers whose outcome is known, so that nothing was "
            "expected of them: name the folder of those to act on."
        )
    before = ask(params)
    decline = came(folder, params)
    scored = before.months.following[CUSTOMER_ID]
    have = scored.isin(decline.index).to_numpy()
    if not have.any():
        raise UserError(
            f"{folder}: none of its customers is among those of data/score, of whom something was "
            "expected: name the folder with the outcomes of that month."
        )
    kept = _of(before, have)
    found = outcome(
        kept,
        decline.loc[scored[have]].to_numpy().astype(np.int64),
        before.known,
        Simulation(params.expect.draws, params.confidence, params.seed),
    )
    missing = len(scored) - int(have.sum())
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print("\n".join(sentences(found, missing)))
    write_json(out / "outcome.json", {**found, "without_outcome": missing})
    from retention.charts.expect import as_it_came  # a second; who mistypes is spared

    texts = read_texts(params.language, params.titles)
    as_it_came(out / "outcome.png", found, params.confidence, texts)


def came(folder: Path, params: Params) -> "pd.Series[int]":
    """Return 1 or 0 by customer. Raises UserError, a sentence a problem of the file."""
    if folder == DEMO_NEXT and params.data.to_act_on == str(DEMO_NEXT):
        table = pd.read_csv(folder / "truth.csv", dtype=ID_AS_TEXT)
    else:
        tables = only_outcome(params.tables, params.roles.outcome.column)
        columns = {name for table in tables.values() for name in table.columns}
        repairs = [repair for repair in params.repairs if repair.column in columns]
        source = read_source(folder, tables, repairs, {})
        table = add_target(source.customers, params.roles.outcome)
    by_id: pd.Series[int] = table.set_index(CUSTOMER_ID)[DECLINE]
    return by_id


def only_outcome(tables: Tables, column: str) -> dict[str, Table]:
    """Return the table with the outcome, without what it has beside it."""
    [name] = [name for name in tables if column in wide({name: tables[name]})]
    table = tables[name]
    kept = {
        ours: one
        for ours, one in table.columns.items()
        if one.kind in ("id", "period") or column in (ours, *_periods(table, ours))
    }
    return {name: table.model_copy(update={"columns": kept})}


def _periods(table: Table, column: str) -> list[str]:
    periods = table.columns[table.period].periods if table.period else None
    return [f"{column}_{period}" for period in periods or {}]


def _of(before: Outlook, have: Any) -> Scored:
    scored = before.scored
    groups = None if scored.groups is None else scored.groups[have]
    return Scored(scored.probability[have], scored.called[have], groups)


def sentences(found: Mapping[str, Any], missing: int) -> Iterator[str]:
    """Yield what came beside what was expected, and the verdict."""
    yield f"{found['customers']} customers, {found['declined']} of them declined."
    if missing:
        yield f"{missing} of those scored have no outcome in these files."
    for name, words in FIGURES.items():
        one = found["figures"][name]
        beside = {True: ": as expected", False: ": NOT as expected", None: ""}[one["inside"]]
        yield f"{words}: {_shown(one['came'])} came, {_shown(one['expected'])} expected{beside}"
    for name, words in (("in_the_large", "offset"), ("slope", "slope")):
        yield f"Calibration, {words}: {_shown(found['calibration'][name])}"
    for band in found["bands"]:
        expected = {name: band[f"expected{name}"] for name in ("", "_low", "_high")}
        yield (
            f"Probability {band['from']} to {band['to']}: {band['customers']} customers, "
            f"{number(band['came'])} declined, {number(expected[''])} "
            f"[{number(expected['_low'])}; {number(expected['_high'])}] expected"
        )
    for name, one in found["questions"].items():
        seen = f", visible from {number(one['smallest'])}" if one["smallest"] > 0 else ""
        verdict = "more than chance" if one["alarm"] else "no alarm"
        told = f"{number(one['size'])} (p {number(one['p_adjusted'])}{seen})"
        yield f"{QUESTIONS[name]} {told}: {verdict}"
    yield VERDICTS[found["verdict"]]


def _shown(figure: Mapping[str, Any]) -> str:
    """Return a figure with its interval, alone where that can't be told."""
    return number(figure["value"]) if math.isnan(figure["low"]) else interval(figure)


if __name__ == "__main__":
    main()
