"""Turn what a stage found into figures, pictures and words: `python -m stages.draw STAGE`."""

from collections.abc import Callable

from retention.harness.stage import run_item
from stages.parameters.draw import Params


def main(params: Params, stage: str) -> None:
    """Write plots/<stage>/ and, for long stages, metrics/<stage>.json."""
    ITEMS[stage](params)


ITEMS: dict[str, Callable[[Params], None]] = {}


if __name__ == "__main__":
    run_item(main, Params)
