"""How every file of the pipeline is written: rounded, sorted, the same bytes on every run.

A file is written beside its place and then moved there: inside `together`, which every stage is,
when all of its files are written. So a stage that fails leaves all earlier results as they were.
"""

import errno
import json
import math
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from retention.harness.errors import UserError

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
    """Let `write` make a new file, then put it in the place of `path`.

    Raises UserError where the disk is full, or the place can't be written to.
    """
    beside = path.with_name(f".{path.stem}.new{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(beside)
    except Exception as error:
        beside.unlink(missing_ok=True)
        refused = _refusal(path, error)
        if refused:
            raise refused from error
        raise
    if _waiting:
        _waiting[-1][path] = beside
    else:
        _move({path: beside})


# Files that are written but not yet in their place, of each `together` that is open.
_waiting: list[dict[Path, Path]] = []


@contextmanager
def together() -> Iterator[None]:
    """Put all files that are written inside in their places at its end, or none of them."""
    written: dict[Path, Path] = {}
    _waiting.append(written)
    try:
        yield
    except BaseException:
        for beside in written.values():
            beside.unlink(missing_ok=True)
        raise
    finally:
        _waiting.remove(written)
    _move(written)


def _move(written: dict[Path, Path]) -> None:
    """Move new files (the values) to their places. Raises UserError, and moves none, if one can't.

    The earlier files go aside first: that fails where somebody has one open, as Excel does.
    """
    aside = {path: path.with_name(f".{path.stem}.old{path.suffix}") for path in written}
    try:
        for path, old in aside.items():
            if path.exists():
                path.replace(old)
        for path, beside in written.items():
            beside.replace(path)
    except OSError as error:
        for path, old in aside.items():
            if old.exists():
                old.replace(path)
        refused = _refusal(Path(error.filename or next(iter(written))), error)
        raise refused or error from error
    finally:
        for path in [*aside.values(), *written.values()]:
            path.unlink(missing_ok=True)


def _refusal(path: Path, error: Exception) -> UserError | None:
    """Return the sentence for a disk or file that refuses; libraries wrap the system's error."""
    causes = [error, error.__cause__, *error.args]
    numbers = [cause.errno for cause in causes if isinstance(cause, OSError)]
    if errno.ENOSPC in numbers or errno.EDQUOT in numbers:
        return UserError(f"{path} can't be written, the disk is full: make room and run again.")
    if errno.EROFS in numbers:
        return UserError(
            f"{path} can't be written, the folder is read-only: copy the repository to a place of "
            "your own and run it there."
        )
    if errno.EACCES in numbers or errno.EPERM in numbers:
        return UserError(
            f"{path} can't be written: close it where it is open (Excel locks a workbook), or see "
            "that you may write to its folder, and run again."
        )
    return None


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
