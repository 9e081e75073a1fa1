"""Tell which differences between two revisions are more than noise.

`python -m tools.compare main` compares the workspace with the branch `main`; a second revision is
compared instead of the workspace. A revision is a branch, tag, commit or experiment. All is read
from git, no cache is needed. docs/experiments.md says how to read it.
"""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import stages  # noqa: F401 - one thread for linear algebra, before numpy comes
from retention.contract.columns import CUSTOMER_ID
from retention.harness.stage import guarded
from retention.revisions import words
from retention.revisions.compared import Revision, compare
from tools.revisions import WORKSPACE, revision

CONFIDENCE = 0.95  # where neither revision says another


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("before", metavar="REVISION")
    parser.add_argument("after", metavar="REVISION", nargs="?", default=WORKSPACE)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="for a pull request")
    form.add_argument("--json", action="store_true", help="everything, for a program")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="a picture, too (PNG)")
    asked = parser.parse_args(arguments)
    guarded(lambda: _show(asked))


def _show(asked: argparse.Namespace) -> None:
    before, after = revision(asked.before), revision(asked.after)
    report = compared(before, [after])[0]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    if asked.json:
        print(json.dumps(_plain(report), indent=2, ensure_ascii=False))
    else:
        print((words.markdown if asked.markdown else words.terminal)(report), end="")
    if asked.plot:
        from retention.revisions.picture import draw  # half a second that the text doesn't need

        draw(asked.plot, before, after, report)


def compared(before: Revision, others: Sequence[Revision]) -> list[dict[str, Any]]:
    """Compare one revision with others, at the level of confidence that the first of them has."""
    confidence = float(before.params.get("confidence", CONFIDENCE))
    return compare(before, others, confidence, CUSTOMER_ID)


def _plain(value: Any) -> Any:
    """Return what JSON has: null for what isn't known."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


if __name__ == "__main__":
    main()
