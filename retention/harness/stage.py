"""How every stage starts and ends: checked parameters in, one sentence out when it can't go on.

A stage checks its own part of params.yaml; the file as a whole is held by the stage `check`, which
comes before all others.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from retention.harness.errors import UserError
from retention.harness.files import together
from retention.harness.parameters import Section, load

P = TypeVar("P", bound=Section)


def run(main: Callable[[P], None], params: type[P]) -> None:
    """Run the `main` of a stage with its own part of params.yaml."""
    guarded(lambda: main(load(params)))


def run_item(main: Callable[[P, str], None], params: type[P]) -> None:
    """Run the `main` of a `foreach` stage; the item is the only argument on the command line."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: python -m stages.<stage> ITEM, but got {sys.argv[1:]}")
    item = sys.argv[1]
    guarded(lambda: main(load(params, item), item))


def guarded(stage: Callable[[], None]) -> None:
    """Run a stage; a user's mistake ends it with its sentence instead of a traceback.

    All of its files are written, or none. It ends when the DVC that started it has.
    """
    _end_with_parents()
    try:
        with together():
            stage()
    except UserError as error:
        sys.exit(str(error))
    except FileNotFoundError as error:
        missing = str(error.filename or error)  # pyarrow's has the name alone
        if not missing.startswith(MADE):
            raise
        sys.exit(
            f"{missing} is missing: `dvc repro` makes it, by the stages that come before this one."
        )


# Folders of what stages make.
MADE = ("data/", "metrics/", "models/", "plots/")
_SECONDS = 1.0
_SHELLS = ("sh", "bash", "dash", "zsh", "fish")


def _end_with_parents() -> None:
    """End this process soon after the `dvc repro` that started it has died.

    A killed one would otherwise leave a stage that goes on writing. Between the two may stand a
    shell, which outlives it. Only Linux tells who the parent of another process is; elsewhere a
    stage runs to its end.
    """
    if "DVC_STAGE" not in os.environ:
        return
    parent = os.getppid()
    name, above = _parent_of(parent)
    family = [(os.getpid(), parent), *([(parent, above)] if name in _SHELLS else [])]

    def watch() -> None:
        while all(_parent_of(child)[1] == above for child, above in family):
            time.sleep(_SECONDS)
        os._exit(1)

    if above:
        threading.Thread(target=watch, daemon=True).start()


def _parent_of(process: int) -> tuple[str, int]:
    """Return a process's name and its parent; 0 where nobody tells."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return "", 0
    name, _, rest = status.partition("(")[2].rpartition(")")
    return name, int(rest.split()[1])
