"""Score a folder of customers for a program, without DVC.

`python -m stages.score --source FOLDER --out FILE` reads the shop's files in FOLDER as
contract.yaml describes them, without an outcome, and writes a CSV: `customer_id`, `probability`,
`predicted_decline`, `segment` (the riskiest that the customer belongs to), `reason_1` to
`reason_3`. It needs what `dvc repro` or `dvc pull` leaves in models/ and data/customers.parquet. A
FILE that is there already is refused; it appears when it is whole.
"""

import argparse
import sys
from pathlib import Path
from typing import Annotated

import pandas as pd
from tqdm import tqdm

from retention.contract.columns import CUSTOMER_ID
from retention.contract.schema import Titles, wide
from retention.harness.errors import UserError
from retention.harness.files import read_json, replace
from retention.harness.parameters import At, load
from retention.harness.stage import guarded
from retention.intake.customers import exclude
from retention.intake.findings import told
from retention.intake.source import described
from retention.models.storage import load_model
from retention.reasons import REASONS, find_reasons, reason_columns, uncontradicted
from retention.rules import memberships
from retention.scores import scored_customers
from retention.scoring import DECISION, Shipped, check_model, parts
from retention.segments.declared import riskiest
from retention.texts import Texts, read_texts
from stages.parameters import score
from stages.parameters.phrase import Phrase
from stages.parameters.report_language import Language
from stages.parameters.segment import Segment

AT_ONCE = 2_000  # customers


class Params(score.Params):
    """What the stage reads, and what words depend on."""

    phrase: Phrase
    segment: Segment
    language: Language
    titles: Annotated[dict[str, Titles], At("contract.yaml:titles")]


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(prog="python -m stages.score", description=__doc__)
    parser.add_argument("--source", required=True, help="folder with the shop's files")
    parser.add_argument("--out", required=True, type=Path, help="the CSV file to write")
    arguments = parser.parse_args()
    out = arguments.out
    if out.exists():
        raise UserError(f"{out} is there already: name another file, or remove it.")
    params = load(Params)
    decision = read_json(DECISION)
    check_model(decision, params.features.model_dump(), described(wide(params.tables)))
    source = params.source(arguments.source, without=params.roles.outcome.column)
    sys.stderr.write(told(source.notes))
    customers, excluded = exclude(source.customers, params.rules())
    known = pd.read_parquet("data/customers.parquet")[params.features.all]
    shipped = Shipped(load_model(Path("models/model.skops")), decision["threshold"], known)
    scored = scored_customers(customers, shipped.scores(customers))
    members = memberships(scored, params.segment.parsed())
    segment = riskiest(members, read_json(Path("metrics/segment.json"))).to_numpy()
    scored = scored.assign(segment=segment)
    texts = read_texts(params.language, params.titles)
    replace(out, lambda target: _stream(target, scored, shipped, params, texts))
    sys.stderr.write(f"{out}: {len(customers)} customers, {len(excluded)} were left out\n")


def _stream(
    target: Path, scored: pd.DataFrame, shipped: Shipped, params: Params, texts: Texts
) -> None:
    """Write the customers part by part: their SHAP values need not fit into memory together."""
    progress = tqdm(total=len(scored), desc="score", unit="customer")
    for number, part in enumerate(parts(scored, AT_ONCE)):
        rows = with_reasons(part, shipped, params, texts)
        rows.to_csv(
            target,
            mode="w" if number == 0 else "a",
            header=number == 0,
            index=False,
            lineterminator="\n",
        )
        progress.update(len(part))


def with_reasons(
    part: pd.DataFrame, shipped: Shipped, params: Params, texts: Texts
) -> pd.DataFrame:
    """Return the rows of the file for some scored customers."""
    found = shipped.explained(
        part, background=params.background, permutations=params.permutations, seed=params.seed
    )
    index = pd.Index(part[CUSTOMER_ID], name=CUSTOMER_ID)
    log_odds = found.values[shipped.features].set_axis(index)
    reasons = find_reasons(
        uncontradicted(log_odds, found.responses.set_axis(index)),
        part.set_index(CUSTOMER_ID)[shipped.features],
        wide(params.tables),
        shipped.known,
        least=params.phrase.least_reason,
        controllable=params.phrase.controllable,
        texts=texts,
    )
    words = reason_columns(reasons, part[CUSTOMER_ID], texts)
    shown = part[[CUSTOMER_ID, "probability", "predicted_decline", "segment"]]
    names = [f"reason_{rank}" for rank in range(1, REASONS + 1)]
    return pd.concat(
        [shown.assign(probability=shown["probability"].round(6)), words[names]], axis=1
    )


if __name__ == "__main__":
    guarded(main)
