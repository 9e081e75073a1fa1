"""How every file of the pipeline is written: rounded, sorted, the same bytes on every run.

A file is written beside its place and then moved there, so that a stage that fails leaves the
earlier result as it was.
"""

import json
import math
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pandas as pd

METRIC_DIGITS = 4
DATA_DIGITS = 6
EXACT = 12  # of hyperparameters: another digit, another model


def write_json(path: Path, content: dict[str, Any], digits: int = METRIC_DIGITS) -> None:
    """Write metrics: rounded, keys as given; ASCII, because DVC takes other files for binary."""
    text = json.dumps(_rounded(content, digits), indent=2, ensure_ascii=True, allow_nan=False)
    write_bytes(path, (text + "\n").encode("ascii"))


def read_json(path: Path) -> Any:
    """Read what `write_json` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_csv(path: Path, table: pd.DataFrame, digits: int = DATA_DIGITS) -> None:
    """Write a table without its index: UTF-8, `,`, LF, numbers with at most `digits` decimals."""
    text = table.round(digits).to_csv(index=False, lineterminator="\n")
    write_bytes(path, text.encode("utf-8"))


def write_parquet(path: Path, table: pd.DataFrame) -> None:
    """Write a table without its index, numbers as they are."""
    replace(path, lambda target: table.to_parquet(target, index=False))


def write_bytes(path: Path, content: bytes) -> None:
    """Write raw content."""
    replace(path, lambda target: target.write_bytes(content))


def replace(path: Path, write: Callable[[Path], Any]) -> None:
    """Let `write` make a new file, then put it in the place of `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.stem}.new{path.suffix}")
    try:
        write(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def remove_others(folder: Path, names: Collection[str]) -> None:
    """Remove the files of a folder whose names, without their ending, are not among `names`."""
    for file in sorted(folder.glob("*.*")):
        if file.is_file() and file.name[0] != "." and file.stem not in names:
            file.unlink()


def _rounded(value: Any, digits: int) -> Any:
    match value:
        case dict():
            return {key: _rounded(item, digits) for key, item in value.items()}
        case list() | tuple():
            return [_rounded(item, digits) for item in value]
        case bool() | int() | str() | None:
            return value
        case float():
            # NaN isn't JSON, and DVC's comparison of metrics fails on it.
            return None if math.isnan(value) else round(value, digits)
        case _ if hasattr(value, "item"):
            return _rounded(value.item(), digits)
        case _:
            raise TypeError(f"a metric can't be of the type {type(value).__name__}")
