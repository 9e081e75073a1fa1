"""How every stage starts and ends: checked parameters in, one sentence out when it can't go on.

A stage checks its own part of params.yaml; the file as a whole is held by the stage `check`, which
comes before all others.
"""

import sys
from collections.abc import Callable
from typing import TypeVar

from retention.harness.errors import UserError
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
    """Run a stage; a user's mistake ends it with its sentence instead of a traceback."""
    try:
        stage()
    except UserError as error:
        sys.exit(str(error))
