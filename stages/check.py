"""Check params.yaml as a whole, and that the shop's files are there, before anything else runs."""

import sys
from pathlib import Path

from retention.harness.errors import UserError
from retention.harness.files import remove_others, write_json
from retention.harness.stage import guarded
from retention.intake.places import missing_files
from stages.parameters.whole import check_parameters, rules_of_nobody

# Where each family has a file: later stages depend on these folders as a whole.
BY_FAMILY = ("data/tune", "data/nest")
DEMO = Path("data/demo")  # made by `simulate`, which comes later


def main() -> None:
    """Write data/check/params.json, and take away results of families that were removed."""
    params = check_parameters()
    for warning in rules_of_nobody(params):
        sys.stderr.write(f"params.yaml: {warning}\n")
    source = Path(params["data"]["source"])
    files = [f"{name}.csv" for name in params["prepare"]["formats"]]
    missing = [] if source == DEMO else missing_files(source, files)
    if missing and ".dvc" in Path.cwd().parts:  # where DVC runs them
        raise UserError(
            f"{source} is neither in git nor in DVC, so --queue and --temp don't see it: run "
            f"`dvc add {source}`, commit {source}.dvc and run again, or run without them."
        )
    if missing:
        raise UserError("\n".join(missing))
    for folder in BY_FAMILY:
        remove_others(Path(folder), list(params["families"]))
    write_json(Path("data/check/params.json"), {"params.yaml": "is sound"})


if __name__ == "__main__":
    guarded(main)
