"""How every stage starts and ends: checked parameters in, one sentence out when it can't go on."""

import subprocess
import sys
from collections.abc import Callable
from typing import TypeVar

from retention.harness.errors import UserError
from retention.harness.parameters import Section, load

P = TypeVar("P", bound=Section)

# Checks params.yaml as a whole. A process of its own, because it knows the parameter types of
# every stage: imported here, a change of one stage's parameters would re-run all of them.
CHECK = [sys.executable, "-m", "stages.parameters"]


def run(main: Callable[[P], None], params: type[P]) -> None:
    """Run the `main` of a stage with its own part of params.yaml."""
    _guarded(lambda: main(load(params)))


def run_item(main: Callable[[P, str], None], params: type[P]) -> None:
    """Run the `main` of a `foreach` stage; the item is the only argument on the command line."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: python -m stages.<stage> ITEM, but got {sys.argv[1:]}")
    item = sys.argv[1]
    _guarded(lambda: main(load(params, item), item))


def _guarded(stage: Callable[[], None]) -> None:
    if subprocess.run(CHECK, check=False).returncode:
        sys.exit(1)
    try:
        stage()
    except UserError as error:
        sys.exit(str(error))
