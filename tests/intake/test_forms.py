"""Whatever the form a file is written in, the same customers come out of it.

Drawn by hypothesis: values, and for each table its format, encoding, separator, decimal mark,
quotes, line ends, and the order of its rows and columns. The same draws on every run.
"""

import csv
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import small_shop
from hypothesis import given, settings
from hypothesis import strategies as draw
from small_shop import PLANS, TABLES

from retention.intake.source import read_source

ALWAYS_THE_SAME = settings(derandomize=True, max_examples=60, deadline=None, database=None)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1251", "koi8-r", "cp866")


@dataclass(frozen=True)
class Form:
    """How one table is written."""

    ending: str
    encoding: str
    separator: str
    decimal: str
    quoting: int
    line_end: str
    columns: tuple[int, ...]
    seed: int

    def write(self, folder: Path, name: str, table: pd.DataFrame) -> None:
        """Write a table of texts, its numbers with a point, in this form."""
        table = table.iloc[:, list(self.columns)].sample(frac=1, random_state=self.seed)
        file = folder / f"{name}{self.ending}"
        match self.ending:
            case ".xlsx":
                small_shop.workbook(small_shop.numeric(table)).save(file)
            case ".parquet":
                small_shop.numeric(table).to_parquet(file)
            case _:
                numbers = [one for one in table if one in small_shop.NUMBERS]
                for one in numbers:
                    table[one] = table[one].str.replace(".", self.decimal)
                table.to_csv(
                    file,
                    index=False,
                    encoding=self.encoding,
                    sep=self.separator,
                    quoting=self.quoting,
                    lineterminator=self.line_end,
                )


def forms(width: int) -> draw.SearchStrategy[Form]:
    return draw.builds(
        Form,
        ending=draw.sampled_from([".csv", ".csv.gz", ".xlsx", ".parquet"]),
        encoding=draw.sampled_from(ENCODINGS),
        separator=draw.sampled_from([",", ";", "\t", "|"]),
        decimal=draw.sampled_from([".", ","]),
        quoting=draw.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        line_end=draw.sampled_from(["\n", "\r\n", "\r"]),
        columns=draw.permutations(range(width)).map(tuple),
        seed=draw.integers(0, 1000),
    )


# An id may be anything but what a spreadsheet makes of one: see test_damages.py.
IDS = draw.lists(
    draw.from_regex(
        r"[0-9]{1,16}|[A-ZА-Я]{2}-[0-9]{1,5}|0[0-9]{3} [а-я]{2}", fullmatch=True
    ).filter(lambda one: one.isascii() or "Ё" not in one),
    min_size=2,
    max_size=8,
    unique=True,
)
MONEY = draw.decimals(-10_000, 10**7, places=2).map(str)


@draw.composite
def shops(drawn) -> dict[str, pd.DataFrame]:
    """Return the raw tables, all values as texts, numbers with a point."""
    ids = drawn(IDS)

    def each(values):
        return drawn(draw.lists(values, min_size=len(ids), max_size=len(ids)))

    clients = {
        "Номер": ids,
        "Итог": each(draw.sampled_from(["Ушёл", "Остался"])),
        "Тарифный план": each(draw.sampled_from(PLANS)),
        "Согласие": each(draw.sampled_from(["да", "нет"])),
        "Визиты": each(draw.integers(0, 5000).map(str)),
        "Доля_скидок": each(draw.decimals(0, 1, places=2).map(str)),
        "Оценка": each(draw.decimals(0, 10, places=1).map(str)),
        "Чек": each(MONEY),
    }
    sums = {
        "Номер": [one for one in ids for _ in range(2)],
        "Месяц": ["прошлый", "этот"] * len(ids),
        "Сумма": [one.removeprefix("-") for pair in (each(MONEY), each(MONEY)) for one in pair],
    }
    gain = {"Номер": ids, "Доход": each(MONEY)}
    parts = zip(TABLES, (clients, sums, gain), strict=True)
    return {name: pd.DataFrame(one, dtype=str) for name, one in parts}


def expected(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the customers that the tables hold, put together by pandas."""
    raw = {name: small_shop.numeric(table) for name, table in tables.items()}
    wide = raw["sums"].pivot(index="Номер", columns="Месяц", values="Сумма")
    customers = raw["clients"].set_index("Номер")
    customers["прошлый"], customers["этот"] = wide["прошлый"], wide["этот"]
    customers["доход"] = raw["gain"].set_index("Номер")["Доход"]
    return customers.sort_index()


@ALWAYS_THE_SAME
@given(shops(), draw.tuples(forms(8), forms(3), forms(2)))
def test_any_form_of_any_shop_gives_its_customers(tables, chosen):
    with tempfile.TemporaryDirectory() as folder:
        for (name, table), form in zip(tables.items(), chosen, strict=True):
            form.write(Path(folder), name, table)
        found = read_source(Path(folder), TABLES, [], {}).customers
    wanted = expected(tables)
    assert found["customer_id"].tolist() == wanted.index.tolist()
    for ours, theirs in zip(found.iloc[:, 1:], wanted, strict=True):
        assert found[ours].tolist() == wanted[theirs].tolist(), ours
