"""From a Parquet file to a sheet."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as kinds

from retention.contract.schema import Column
from retention.intake.cells import Cells, Sheet
from retention.intake.headers import fits, lacking
from retention.intake.problems import COLUMN, Problem, Refused
from retention.intake.signatures import PARQUET, refuse_other
from retention.intake.words import clean, same_word


def read_parquet(file: Path, name: str, wanted: Mapping[str, Column]) -> Sheet:
    """Return the sheet of the table `name`, its rows counted from 1. Raises Refused."""
    raw = file.read_bytes()
    refuse_other(file, raw, name, PARQUET)
    try:
        found = pq.read_table(pa.BufferReader(raw))
        found.validate(full=True)  # texts of other encodings, which a writer may leave there
        names = [clean(one) for one in found.column_names]
        columns = {one: _cells(found.column(place)) for place, one in enumerate(names)}
    except Exception as error:  # whatever a broken file makes of Arrow
        wrong = " can't be opened as a Parquet file"
        raise Refused(Problem(file, wrong, "write it again", table=name)) from error
    headers = [column.header for column in wanted.values()]
    if not fits(names, headers):
        raise lacking(file, name, [(0, names)], wanted)
    nested = [one for one in names if columns[one] is None]
    for one in nested:
        if same_word(one) in map(same_word, headers):
            wrong = f": '{one}' has lists or records, not single values"
            raise Refused(Problem(file, wrong, "write one value a row", COLUMN, table=name))
    sheet = [columns[one] or _nothing(found.num_rows) for one in names]
    return Sheet(names, 0, sheet, range(1, found.num_rows + 1), "row")


def _nothing(rows: int) -> Cells:
    return Cells(pa.array(["…"]), np.zeros(rows, np.int64))


def _cells(column: Any) -> Cells | None:
    """Return the cells of a column, None for what has no single values."""
    kind = column.type
    if kinds.is_dictionary(kind):
        kind = kind.value_type
        column = column.cast(kind)
    if kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind):
        return _numbers(column)
    if kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_nested(kind):
        return None
    return Cells.of(column)


def _numbers(column: Any) -> Cells:
    encoded = pc.dictionary_encode(column, null_encoding="encode").combine_chunks()
    values = encoded.dictionary
    if kinds.is_floating(values.type):
        values = values.cast(pa.float64())
        texts = ["" if one is None or one != one else repr(one) for one in values.to_pylist()]
    else:
        texts = ["" if one is None else str(one) for one in values.to_pylist()]
    numbers = pc.fill_null(values.cast(pa.float64(), safe=False), float("nan"))
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return Cells(pa.array(texts, pa.string()), codes, numbers.to_numpy(zero_copy_only=False))
