"""Take back dvc.lock where a build was killed while DVC wrote it: `python -m tools.mend_lock`.

DVC writes the file in place, so a kill at that moment leaves half of it, and every later command
says that its validation failed. What git has, or no dvc.lock at all, is as good: `dvc repro` runs
whatever doesn't fit it, and takes long stages from its run cache. `make repro` does this first.
"""

import subprocess
import sys
from pathlib import Path

from retention.harness.errors import UserError
from retention.harness.yaml12 import read_yaml

LOCK = Path("dvc.lock")


def main() -> None:
    """Leave a whole dvc.lock as it is; take the last committed one in the place of another."""
    if not LOCK.exists() or whole(LOCK):
        return
    git = ["git", "show", f"HEAD:./{LOCK}"]
    kept = subprocess.run(git, capture_output=True, check=False)
    if kept.returncode == 0:
        LOCK.write_bytes(kept.stdout)
    else:
        LOCK.unlink()
    told = "the last committed one is back" if kept.returncode == 0 else "it is removed"
    sys.stderr.write(f"{LOCK} was cut off by a build that was killed: {told}.\n")


def whole(path: Path) -> bool:
    """Return whether a file is a dvc.lock with all that DVC asks of each stage."""
    try:
        stages = read_yaml(path)["stages"].values()
        files = [file for stage in stages for part in ("deps", "outs") for file in stage[part]]
        return all("cmd" in stage for stage in stages) and all("md5" in file for file in files)
    except (UserError, AttributeError, KeyError, TypeError):
        return False


if __name__ == "__main__":
    main()
