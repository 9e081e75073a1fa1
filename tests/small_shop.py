"""A small shop with a contract of its own: three tables, two periods, every kind of column."""

import gzip
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

from retention.contract.schema import Column, Repair, Roles, Table

CUSTOMERS = 24
NUMBERS = ("Визиты", "Доля_скидок", "Оценка", "Чек", "Сумма", "Доход")
PLANS = ["Базовый", "Полный", "Да"]
TABLES = {
    "clients": Table(
        key=["customer_id"],
        columns={
            "customer_id": Column(header="Номер", kind="id"),
            "outcome": Column(header="Итог", kind="label", values=["Ушёл", "Остался"]),
            "plan": Column(header="Тарифный план", kind="label", values=PLANS),
            "agrees": Column(header="Согласие", kind="flag", values=["да", "нет"]),
            "visits": Column(header="Визиты", kind="count", maximum=5000),
            "discounts": Column(header="Доля_скидок", kind="share"),
            "rating": Column(header="Оценка", kind="number", minimum=0, maximum=10),
            "bill": Column(header="Чек", kind="money"),
        },
    ),
    "sums": Table(
        key=["customer_id", "month"],
        columns={
            "customer_id": Column(header="Номер", kind="id"),
            "month": Column(
                header="Месяц", kind="period", periods={"before": "прошлый", "now": "этот"}
            ),
            "paid": Column(header="Сумма", kind="money", minimum=0),
        },
    ),
    "gain": Table(
        key=["customer_id"],
        columns={
            "customer_id": Column(header="Номер", kind="id"),
            "income": Column(header="Доход", kind="money"),
        },
    ),
}
REPAIRS = [Repair(column="plan", found="Полн.", meant="Полный")]
ROLES = Roles(
    outcome={"column": "outcome", "decline": "Ушёл"},
    profit=None,
    consent=None,
    category=None,
    series={},
)


def frames() -> dict[str, pd.DataFrame]:
    """Return the raw tables under the shop's headers, all values as the shop writes them."""
    random = np.random.default_rng(5)
    n = np.arange(CUSTOMERS)
    ids = [f"{100_200 + 7 * k}" for k in n]
    clients = {
        "Номер": ids,
        "Итог": np.where(n % 2, "Ушёл", "Остался"),
        "Тарифный план": np.array(PLANS)[n % 3],
        "Согласие": np.where(n % 5, "да", "нет"),
        "Визиты": [str(one) for one in random.integers(0, 900, CUSTOMERS)],
        "Доля_скидок": [f"{one:.2f}" for one in random.uniform(0.01, 0.99, CUSTOMERS)],
        "Оценка": [f"{one:.1f}" for one in random.uniform(1, 9.8, CUSTOMERS)],
        "Чек": [f"{one:.2f}" for one in random.uniform(1001, 9000, CUSTOMERS)],
    }
    sums = {
        "Номер": np.repeat(ids, 2),
        "Месяц": ["прошлый", "этот"] * CUSTOMERS,
        "Сумма": [f"{one:.1f}" for one in random.uniform(100, 90_000, 2 * CUSTOMERS)],
    }
    gain = {"Номер": ids, "Доход": [f"{one:.2f}" for one in random.uniform(-2, 9, CUSTOMERS)]}
    return {
        name: pd.DataFrame(one) for name, one in zip(TABLES, (clients, sums, gain), strict=True)
    }


def text_of(table: pd.DataFrame, separator: str = ",", decimal: str = ".") -> str:
    """Return a table as CSV with LF; numbers are those texts of digits that have a point."""
    if decimal != ".":
        number = r"^-?\d+\.\d+$"
        changed = {
            name: table[name].mask(
                table[name].str.match(number), table[name].str.replace(".", decimal)
            )
            for name in table
        }
        table = pd.DataFrame(changed)
    return table.to_csv(index=False, sep=separator, lineterminator="\n")


def write(folder: Path, tables: Mapping[str, pd.DataFrame] | None = None) -> None:
    """Write the tables as plain CSV files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in (tables or frames()).items():
        (folder / f"{name}.csv").write_bytes(text_of(table).encode())


def numeric(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose numbers are numbers, as programs keep them; ids stay texts."""
    return table.assign(**{one: pd.to_numeric(table[one]) for one in NUMBERS if one in table})


def workbook(table: pd.DataFrame, title: str = "Лист1") -> openpyxl.Workbook:
    """Return a workbook with the table in its only sheet."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row in [list(table), *table.to_numpy().tolist()]:
        book.active.append(row)
    return book


def as_bytes(book: openpyxl.Workbook) -> bytes:
    """Return a workbook as the bytes of its file."""
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def replace(folder: Path, name: str, ending: str, content: bytes) -> None:
    """Put a file in the place of the plain one."""
    (folder / f"{name}.csv").unlink()
    content = gzip.compress(content) if ending == ".csv.gz" else content
    (folder / f"{name}{ending}").write_bytes(content)
