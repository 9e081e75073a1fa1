"""Parameters of `prepare`, and where the shop's files lie."""

from typing import Annotated, Literal

from pydantic import Field

from retention.harness.parameters import At, Section, Share, Values
from stages.parameters.split import Folds, SameCustomer


class Data(Section):
    """`data`."""

    source: str


class Format(Section):
    """How one of the files is written; `find` lets the file show it."""

    separator: Literal["find", ",", ";", "\t", "|"]
    decimal: Literal["find", ".", ","]


class Formats(Section):
    """A format for each of the shop's files."""

    market_file: Format
    market_money: Format
    market_time: Format
    money: Format


class Repair(Section):
    """A typo: in `column`, `found` is read as `meant`."""

    column: Literal["activity", "service_tier", "allows_messages", "favourite_category", "period"]
    found: str
    meant: str


class Prepare(Section):
    """`prepare`."""

    formats: Formats
    repairs: list[Repair]
    categories: Values[str]
    revenue_limit: Annotated[float, Field(gt=0)]


class Params(Section):
    """What the stage reads."""

    data: Data
    prepare: Prepare
    folds: Annotated[Folds, At("split.folds")]
    same_customer: Annotated[SameCustomer, At("split.same_customer")]
    largest_group: Annotated[Share, At("split.largest_group")]
