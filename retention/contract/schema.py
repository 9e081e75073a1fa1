"""The contract of the shop's files, contract.yaml, as types.

The words are those of Frictionless Data's Table Schema where it has one (a table's key, a column's
minimum and maximum, the values it may hold, whether it may be missing). What it has no word for:
our name of a column beside its header, kinds by meaning, periods that become columns, repairs,
exclusions, and the roles that code knows columns by.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from retention.contract.columns import CUSTOMER_ID, OURS
from retention.harness.parameters import Section, Values, validate
from retention.harness.yaml12 import read_yaml

CONTRACT_FILE = Path("contract.yaml")

Kind = Literal["id", "label", "flag", "period", "number", "count", "share", "money"]
NUMBERS = ("number", "count", "share", "money")
LABELS = ("label", "flag")
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Column(Section):
    """A column of a file: see the comments in contract.yaml.

    `minimum` and `maximum` hold for every value, `plausible` (low, high) for the median. `digits`
    is how many decimals people read.
    """

    header: str
    kind: Kind
    unit: str | None = None
    values: Values[str] | None = None
    periods: dict[Name, str] | None = None
    minimum: float | None = None
    maximum: float | None = None
    plausible: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    missing: Literal["refuse", "impute"] = "refuse"
    digits: Annotated[int, Field(ge=0, le=6)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.kind in LABELS and not self.values:
            raise ValueError(f"is a {self.kind}, so it should list its 'values'")
        if self.kind == "flag" and len(self.values or []) != 2:
            raise ValueError("is a flag, so it should have two 'values'")
        if self.kind == "period" and not self.periods:
            raise ValueError("is a period, so it should list its 'periods', the oldest first")
        if self.kind not in NUMBERS and (self.minimum, self.maximum) != (None, None):
            raise ValueError("is no number, so it should have neither 'minimum' nor 'maximum'")
        return self

    @property
    def range(self) -> tuple[float | None, float | None]:
        """The smallest and the largest value allowed: declared, or what its kind implies."""
        low, high = self.minimum, self.maximum
        if self.kind in ("count", "share"):
            low = 0.0 if low is None else low
        if self.kind == "share":
            high = 1.0 if high is None else high
        return low, high

    @property
    def shown_digits(self) -> int:
        """Decimals that people read: half-way medians and means of counts have one."""
        if self.digits is not None:
            return self.digits
        return 0 if self.kind == "money" else 1


class Table(Section):
    """A file: one row a customer, or one a customer and period."""

    key: Values[str]
    columns: Annotated[dict[Name, Column], Field(min_length=2)]
    separator: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    decimal: Literal[".", ","] | None = None
    encoding: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        kinds = [column.kind for column in self.columns.values()]
        if CUSTOMER_ID not in self.columns or kinds.count("id") != 1:
            raise ValueError(f"should have one column of the kind id, named {CUSTOMER_ID}")
        if self.columns[CUSTOMER_ID].kind != "id":
            raise ValueError(f"should have {CUSTOMER_ID} of the kind id")
        if kinds.count("period") > 1:
            raise ValueError("should have one column of the kind period at most")
        if self.key != [CUSTOMER_ID, *self._period()]:
            raise ValueError(f"should have the key {[CUSTOMER_ID, *self._period()]}")
        headers = [column.header for column in self.columns.values()]
        if len(set(headers)) < len(headers):
            raise ValueError("should have another header for each column")
        return self

    def _period(self) -> list[str]:
        return [name for name, column in self.columns.items() if column.kind == "period"]

    @property
    def period(self) -> str | None:
        """The column of periods, where there is one."""
        return next(iter(self._period()), None)

    @property
    def values(self) -> list[str]:
        """The columns that are neither the id nor the period."""
        return [n for n, column in self.columns.items() if column.kind not in ("id", "period")]


def wide(tables: dict[str, Table]) -> dict[str, Column]:
    """Return the columns of data/customers.parquet: a long table has one a value and period."""
    found = {}
    for table in tables.values():
        for name in table.values:
            suffixes = table.columns[table.period].periods or {} if table.period else [""]
            for suffix in suffixes:
                found[f"{name}_{suffix}" if suffix else name] = table.columns[name]
    return found


class Repair(Section):
    """A typo: in `column`, `found` is read as `meant`."""

    column: str
    found: str
    meant: str


class Check(Section):
    """What holds for every customer; where it doesn't, how bad that is."""

    rule: str
    severity: Literal["warning", "error"]


class Outcome(Section):
    """The column of the outcome, and which of its values is the decline."""

    column: str
    decline: str


class Profit(Section):
    """The monthly profit of a customer, and its unit in each language."""

    column: str
    unit: dict[Literal["ru", "en"], str]


class Consent(Section):
    """The column that says who may be sent messages, and its yes."""

    column: str
    yes: str


class Roles(Section):
    """All that code knows of the shop's columns. A role that isn't there is None."""

    outcome: Outcome
    profit: Profit | None = None
    consent: Consent | None = None
    category: str | None = None
    series: str | None = None

    @property
    def profit_column(self) -> str | None:
        """The column of the profit."""
        return self.profit.column if self.profit else None


class Titles(Section):
    """What people call columns, values, segments and offers: name → language → words."""

    columns: dict[str, dict[Literal["ru", "en"], str]] = {}
    values: dict[str, dict[Literal["ru", "en"], str]] = {}


def _distinct_columns(tables: dict[str, Table]) -> dict[str, Table]:
    seen: dict[str, str] = {}
    for name, table in tables.items():
        for column in wide({name: table}):
            if column in seen:
                raise ValueError(f"should name '{column}' once: {seen[column]} and {name} have it")
            if column in (*OURS, CUSTOMER_ID):
                raise ValueError(f"should not name a column '{column}': it is ours")
            seen[column] = name
    return tables


Tables = Annotated[dict[Name, Table], Field(min_length=1), AfterValidator(_distinct_columns)]
Groups = dict[Name, Values[str]]
Derived = dict[Name, dict[str, float]]


class Contract(Section):
    """contract.yaml."""

    unconfirmed: list[str]
    tables: Tables
    repairs: list[Repair]
    exclusions: dict[Name, str]
    checks: dict[Name, Check]
    groups: Groups
    derived: Derived
    roles: Roles
    titles: Titles = Titles()

    @property
    def columns(self) -> dict[str, Column]:
        """The columns of data/customers.parquet but for our own."""
        return wide(self.tables)

    def periods(self, series: str) -> list[str]:
        """Return the columns of a series, the oldest period first."""
        return list(
            wide({n: t for n, t in self.tables.items() if t.period and series in t.columns})
        )

    def repeated(self) -> Iterator[str]:
        """Yield the names of series: values that have a row a period."""
        for table in self.tables.values():
            if table.period:
                yield from table.values


def read_contract(path: Path = CONTRACT_FILE) -> Contract:
    """Read contract.yaml. Raises UserError, one sentence a mistake, for what is wrong in it."""
    return validate(Contract, read_yaml(path), str(path))
