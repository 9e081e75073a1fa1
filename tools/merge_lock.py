"""Merge two versions of dvc.lock stage by stage: git's merge driver for it.

    git config merge.dvc-lock.driver "python -m tools.merge_lock %O %A %B"

once a clone; .gitattributes names it. A stage that one side alone changed is taken from that side.
One that both changed is taken from ours: whatever stands in dvc.lock is of a run that took place,
and `dvc repro` runs (or takes from the run cache) whatever doesn't fit the merged inputs. So the
merge is sound once `dvc repro` has run, which it says. Without the driver git merges lines, and the
three commands of docs/experiments.md settle a conflict.
"""

import re
import sys
from pathlib import Path

STAGE = re.compile(r"^  \S.*:$", re.MULTILINE)


def main() -> None:
    """Merge, into the file of ours, as git asks its drivers to."""
    base, ours, theirs = map(Path, sys.argv[1:4])
    merged, both = merge(*(file.read_text(encoding="utf-8") for file in (base, ours, theirs)))
    ours.write_text(merged, encoding="utf-8", newline="\n")
    told = f" Both sides ran {', '.join(both)}." if both else ""
    print(f"dvc.lock: merged stage by stage.{told} Run `dvc repro` before you commit or push.")


def merge(base: str, ours: str, theirs: str) -> tuple[str, list[str]]:
    """Return the merged dvc.lock, and the stages that both sides changed otherwise."""
    head, own = split(ours)
    old, new = split(base)[1], split(theirs)[1]
    both = []
    merged = {}
    for stage in [*own, *(stage for stage in new if stage not in own)]:
        was, here, there = old.get(stage), own.get(stage), new.get(stage)
        if there == was:
            taken = here
        elif here == was:
            taken = there
        else:
            taken = here or there
            if here != there:
                both.append(stage)
        if taken is not None:
            merged[stage] = taken
    return head + "".join(merged.values()), both


def split(text: str) -> tuple[str, dict[str, str]]:
    """Return what stands before the stages, and stage → its lines."""
    starts = [match.start() for match in STAGE.finditer(text)]
    parts = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    head = text[: starts[0]] if starts else text
    return head, {part.split(":\n", 1)[0].strip(): part for part in parts}


if __name__ == "__main__":
    main()
