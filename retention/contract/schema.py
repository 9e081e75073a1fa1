"""The contract of the shop's files, contract.yaml, as types.

The words are those of Frictionless Data's Table Schema where it has one (a table's key, a column's
minimum and maximum, the values it may hold, whether it may be missing). What it has no word for:
our name of a column beside its header, kinds by meaning, periods that become columns, repairs,
exclusions, and the roles that code knows columns by.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from retention.contract.columns import CUSTOMER_ID, OURS, PREDICTED, PROBABILITY
from retention.harness.parameters import Section, Values, validate
from retention.harness.yaml12 import read_yaml

CONTRACT_FILE = Path("contract.yaml")
IMPUTED = "imputed"  # the group of columns that may be blank

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
    """The column of a customer's profit, of so many months. Its unit stands in the titles."""

    column: str
    months: Annotated[float, Field(gt=0)]


class Consent(Section):
    """The column that says who may be sent messages, and its yes."""

    column: str
    yes: str


class Roles(Section):
    """All that code knows of the shop's columns; see retention/contract/roles.py."""

    outcome: Outcome
    profit: Profit | None
    consent: Consent | None
    category: str | None
    series: dict[Name, Annotated[Values[str], Field(min_length=2)]]

    def columns(self) -> dict[str, list[str]]:
        """Return the columns that each role names."""
        return {
            "outcome.column": [self.outcome.column],
            "profit.column": [self.profit.column] if self.profit else [],
            "consent.column": [self.consent.column] if self.consent else [],
            "category": [self.category] if self.category else [],
            **{f"series.{name}": list(columns) for name, columns in self.series.items()},
        }


class OfferTitles(Section):
    """What an offer is called, what the customer is told, and why.

    `{column}` in them is the customer's own value.
    """

    name: str
    title: str
    why: str = ""


class Titles(Section):
    """What people of one language call things: see the comments in contract.yaml."""

    shop: str
    money: str
    columns: dict[str, str]
    values: dict[str, str]
    reasons: dict[str, dict[str, str]]
    segments: dict[str, str]
    offers: dict[str, OfferTitles]
    caveats: list[str]


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
Groups = dict[Name, list[str]]
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
    titles: dict[Literal["ru", "en"], Titles]

    @property
    def columns(self) -> dict[str, Column]:
        """The columns of data/customers.parquet but for our own."""
        return wide(self.tables)

    def features(self, kinds: Collection[str]) -> list[str]:
        """Return the columns of these kinds that a model may see.

        Neither the outcome nor the profit, which is a result of the purchases.
        """
        profit = self.roles.profit.column if self.roles.profit else ""
        hidden = (self.roles.outcome.column, profit)
        return [n for n, one in self.columns.items() if one.kind in kinds and n not in hidden]

    @property
    def rule_columns(self) -> list[str]:
        """What a rule for segments and offers may name.

        Never the id, and never the outcome, which nobody knows of the customers that a list is for.
        """
        profit = [self.roles.profit.column] if self.roles.profit else []
        return [*self.features((*NUMBERS, *LABELS)), *profit, PROBABILITY, PREDICTED]


def read_contract(path: Path = CONTRACT_FILE) -> Contract:
    """Read contract.yaml. Raises UserError, one sentence a mistake, for what is wrong in it."""
    return validate(Contract, read_yaml(path), str(path))
