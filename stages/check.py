"""Check params.yaml and contract.yaml as wholes, and that the shop's files are there."""

import sys
from pathlib import Path

from retention.harness.errors import UserError
from retention.harness.files import remove_others, write_json
from retention.harness.stage import guarded
from retention.intake.places import missing_files
from stages.parameters.data import DEMO, DEMO_NEXT
from stages.parameters.whole import check_contract, check_parameters, rules_of_nobody

# Where each family has a file: later stages depend on these folders as a whole.
BY_FAMILY = ("data/tune", "data/nest")


def main() -> None:
    """Write data/check/, and take away results of families that were removed."""
    params = check_parameters()
    contract = check_contract(params)
    for warning in rules_of_nobody(params, contract):
        sys.stderr.write(f"params.yaml: {warning}\n")
    folders = [Path(place) for place in dict.fromkeys(params["data"].values())]
    missing = {
        folder: missing_files(folder, contract.tables)
        for folder in folders
        if folder not in (DEMO, DEMO_NEXT)
    }
    lacking = [folder for folder, sentences in missing.items() if sentences]
    if lacking and ".dvc" in Path.cwd().parts:  # where DVC runs them
        raise UserError(
            f"{lacking[0]} is neither in git nor in DVC, so --queue and --temp don't see it: run "
            f"`dvc add {lacking[0]}`, commit {lacking[0]}.dvc and run again, or run without them."
        )
    if lacking:
        raise UserError("\n".join(sentence for folder in lacking for sentence in missing[folder]))
    for folder in BY_FAMILY:
        remove_others(Path(folder), list(params["families"]))
    # Words are many: stages depend on this file, so that dvc.lock doesn't hold a copy for each.
    titles = {str(language): words.model_dump() for language, words in contract.titles.items()}
    write_json(Path("data/check/titles.json"), titles)
    write_json(Path("data/check/params.json"), {"params.yaml": "is sound"})


if __name__ == "__main__":
    guarded(main)
