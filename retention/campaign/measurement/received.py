"""The file that comes back from a campaign, read as the contract describes the shop's files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from retention.campaign.measurement.returned import AFTER, CONTACTED
from retention.contract.columns import CUSTOMER_ID, DECLINE
from retention.contract.schema import Column, Repair, Roles, Table, wide
from retention.harness.errors import UserError
from retention.intake.reading import read_table


def description(tables: Mapping[str, Table], roles: Roles, contacted: Column) -> Table:
    """Return what the file holds: id, who was contacted, outcome, and profit if the shop knows any.

    Headers, values and units are those of the contract; `contacted` is a flag, its yes first.
    """
    columns = wide(dict(tables))
    outcome = roles.outcome.column
    of = next(table for table in tables.values() if outcome in wide({"": table}))
    described = {CUSTOMER_ID: of.columns[CUSTOMER_ID], CONTACTED: contacted}
    described[outcome] = columns[outcome]
    if roles.profit:
        described[roles.profit.column] = columns[roles.profit.column]
    return Table(key=[CUSTOMER_ID], columns=described)


def read_returned(
    file: Path, described: Table, roles: Roles, repairs: Sequence[Repair]
) -> pd.DataFrame:
    """Return the file as `customer_id`, `contacted` (true or false), `decline`, `profit_after`.

    `decline` is 0 or 1, `profit_after` the profit of a month, nan where the shop knows none. Raises
    UserError, a sentence a line for each problem.
    """
    if not file.is_file():
        raise UserError(
            f"{file} is missing: put the file that came back from the campaign there, with the "
            f"columns {', '.join(repr(one.header) for one in described.columns.values())}."
        )
    rows = read_table(file, described, repairs=repairs).rows
    [yes, _] = described.columns[CONTACTED].values or ["", ""]
    return pd.DataFrame(
        {
            CUSTOMER_ID: rows[CUSTOMER_ID].astype(str),
            CONTACTED: rows[CONTACTED] == yes,
            DECLINE: (rows[roles.outcome.column] == roles.outcome.decline).astype("float64"),
            AFTER: rows[roles.profit.column] / roles.profit.months if roles.profit else np.nan,
        }
    )
