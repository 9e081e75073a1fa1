"""Whether the shop's files lie where they should, told before DVC says it in its own words."""

import difflib
from collections.abc import Sequence
from pathlib import Path


def missing_files(folder: Path, names: Sequence[str]) -> list[str]:
    """Return a sentence for each file that the folder lacks, with what lies there instead."""
    if not folder.is_dir():
        return [
            f"{folder} is missing: make this folder and put {', '.join(names)} there, or set "
            "data.source in params.yaml."
        ]
    there = sorted(file.name for file in folder.iterdir() if file.is_file())
    return [_sentence(folder, name, there) for name in names if name not in there]


def _sentence(folder: Path, name: str, there: Sequence[str]) -> str:
    stem = Path(name).stem
    alike = [
        other
        for other in there
        if other.casefold().startswith(stem.casefold() + ".")
        or other.casefold().startswith((f"{stem} (".casefold(), f"{stem}(".casefold()))
    ] or difflib.get_close_matches(name, there, n=1, cutoff=0.8)
    if not alike:
        return f"{folder / name} is missing: put the shop's file there."
    if Path(alike[0]).suffix.casefold() in (".xlsx", ".xls"):
        return f"{folder / name} is missing, but {alike[0]} lies there: save it as CSV UTF-8."
    return f"{folder / name} is missing, but {alike[0]} lies there: is it that? Rename it."
