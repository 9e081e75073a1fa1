"""Check params.yaml and contract.yaml as wholes, and that the shop's files are there."""

import sys
from pathlib import Path

from retention.harness.errors import UserError
from retention.harness.files import remove_others, write_json
from retention.harness.stage import guarded
from retention.intake.places import missing_files
from stages.parameters.whole import check_contract, check_parameters, rules_of_nobody

# Where each family has a file: later stages depend on these folders as a whole.
BY_FAMILY = ("data/tune", "data/nest")
DEMO = (Path("data/demo"), Path("data/demo_next"))  # made by `simulate`, which comes later


def main() -> None:
    """Write data/check/params.json, and take away results of families that were removed."""
    params = check_parameters()
    contract = check_contract(params)
    for warning in rules_of_nobody(params, contract):
        sys.stderr.write(f"params.yaml: {warning}\n")
    missing = [
        sentence
        for folder in {Path(place): None for place in params["data"].values()}
        if folder not in DEMO
        for sentence in missing_files(folder, contract.tables)
    ]
    if missing:
        raise UserError("\n".join(missing))
    for folder in BY_FAMILY:
        remove_others(Path(folder), list(params["families"]))
    write_json(Path("data/check/params.json"), {"params.yaml": "is sound"})


if __name__ == "__main__":
    guarded(main)
