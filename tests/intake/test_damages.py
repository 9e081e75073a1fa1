"""Files of every damage that circulates are refused before anything is overwritten.

Each sentence names the file, the line as an editor counts it, and what to do.
"""

import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import small_shop
import yaml
from small_shop import ROLES, TABLES

from retention.harness.errors import UserError
from stages.parameters.prepare import Params
from stages.prepare import main

RESULTS = ("data/customers.parquet", "data/prepare/findings.csv", "metrics/prepare.json")


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Return the folder of a sound shop, beside what an earlier month gave."""
    monkeypatch.chdir(tmp_path)
    small_shop.write(Path("raw"))
    for name in RESULTS:
        Path(name).parent.mkdir(exist_ok=True, parents=True)
        Path(name).write_text("earlier", encoding="utf-8")
    return Path("raw")


def prepare(folder, tables=TABLES):
    main(
        Params(
            folder=str(folder),
            prepare={},
            tables=tables,
            repairs=small_shop.REPAIRS,
            exclusions={},
            checks={},
            groups={},
            roles=ROLES,
            folds=3,
            same_customer=[],
            largest_group=0.5,
        )
    )


def refused(folder, tables=TABLES):
    """Return the sentences with which a folder is refused; nothing earlier has changed."""
    with pytest.raises(UserError) as caught:
        prepare(folder, tables)
    assert [Path(name).read_text(encoding="utf-8") for name in RESULTS] == ["earlier"] * 3
    return str(caught.value).splitlines()


def cell(name, row, header, value):
    """Return a damage that sets one value; rows are counted from 0, line 2 of the file."""

    def damage(folder):
        tables = small_shop.frames()
        tables[name].loc[row, header] = value
        small_shop.write(folder, tables)

    return damage


def column(name, change, headers):
    """Return a damage that changes each text of some columns."""

    def damage(folder):
        tables = small_shop.frames()
        for header in headers:
            tables[name][header] = tables[name][header].map(change)
        small_shop.write(folder, tables)

    return damage


def text(name, change, encoding="utf-8"):
    """Return a damage of a whole text."""

    def damage(folder):
        file = folder / f"{name}.csv"
        changed = change(file.read_text(encoding="utf-8"))
        file.write_bytes(changed if isinstance(changed, bytes) else changed.encode(encoding))

    return damage


def content(name, raw, ending=".csv"):
    """Return a damage that puts other bytes there."""
    return lambda folder: small_shop.replace(folder, name, ending, raw)


def frame(name, change):
    """Return a damage of a table."""

    def damage(folder):
        tables = small_shop.frames()
        tables[name] = change(tables[name])
        small_shop.write(folder, tables)

    return damage


def workbook(name, change):
    """Return a damage of a table that lies there as a workbook."""

    def damage(folder):
        book = small_shop.workbook(small_shop.numeric(small_shop.frames()[name]))
        change(book)
        small_shop.replace(folder, name, ".xlsx", small_shop.as_bytes(book))

    return damage


def parquet(name, change):
    def damage(folder):
        (folder / f"{name}.csv").unlink()
        change(small_shop.numeric(small_shop.frames()[name])).to_parquet(folder / f"{name}.parquet")

    return damage


def renamed(name, other):
    return lambda folder: (folder / f"{name}.csv").rename(folder / other)


def swapped(folder):
    (folder / "gain.csv").rename(folder / "other")
    (folder / "sums.csv").rename(folder / "gain.csv")
    (folder / "other").rename(folder / "sums.csv")


def second_sheet(book):
    book.copy_worksheet(book.active)


def dated(book):
    book.active["G4"] = pd.Timestamp("2024-04-03")


def mojibake(texts):
    head, _, rest = texts.partition("\n")
    return head + "\n" + rest.encode().decode("cp1251", errors="ignore")


DAMAGES = {
    # What isn't a table, or isn't there.
    "missing": (
        lambda f: (f / "gain.csv").unlink(),
        ["gain.csv is missing", "put the shop's"],
    ),
    "copy": (
        renamed("gain", "gain (1).csv"),
        ["gain.csv is missing, but gain (1).csv", "Rename"],
    ),
    "case": (renamed("gain", "Gain.CSV"), ["gain.csv is missing, but Gain.CSV", "Rename it"]),
    "typo in name": (renamed("gain", "gian.csv"), ["missing, but gian.csv lies there", "Rename"]),
    "old workbook": (renamed("gain", "gain.xls"), ["but gain.xls lies there", "save it as .xlsx"]),
    "folder": (
        lambda f: f.rename("elsewhere"),
        ["raw is missing", "make this folder"],
    ),
    "two formats": (
        lambda f: (f / "gain.xlsx").write_bytes(b"PK"),
        ["gain.csv and gain.xlsx hold the same table", "keep one of them"],
    ),
    "workbook named csv": (
        content("gain", small_shop.as_bytes(openpyxl.Workbook())),
        ["gain.csv is an Excel workbook", "ending .xlsx"],
    ),
    "old workbook named csv": (
        content("gain", b"\xd0\xcf\x11\xe0" + bytes(40)),
        ["gain.csv is an old or encrypted Excel workbook", "save it as .xlsx"],
    ),
    "gzip named csv": (content("gain", b"\x1f\x8b\x08"), ["gain.csv is compressed", ".csv.gz"]),
    "csv named gzip": (
        lambda f: (f / "gain.csv").rename(f / "gain.csv.gz"),
        ["gain.csv.gz isn't a whole gzip file", "compress it again"],
    ),
    "csv named xlsx": (
        renamed("gain", "gain.xlsx"),
        ["gain.xlsx can't be opened as a workbook", "save it again"],
    ),
    "csv named parquet": (
        renamed("gain", "gain.parquet"),
        ["gain.parquet can't be opened as a Parquet file", "write it again"],
    ),
    "pointer of LFS": (
        content("gain", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n"),
        ["gain.csv is a pointer of Git LFS", "git lfs pull"],
    ),
    "pointer named xlsx": (
        content("gain", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", ".xlsx"),
        ["gain.xlsx is a pointer of Git LFS", "git lfs pull"],
    ),
    "encrypted workbook": (
        content("gain", b"\xd0\xcf\x11\xe0" + bytes(40), ".xlsx"),
        ["gain.xlsx is an old or encrypted Excel workbook", "without a password"],
    ),
    "pointer of DVC": (content("gain", b"outs:\n- md5: 1\n"), ["a pointer of DVC", "dvc pull"]),
    "web page": (content("gain", b"<!DOCTYPE html><html>"), ["gain.csv is a web page", "export"]),
    "json": (content("gain", b'[{"a": 1}]'), ["gain.csv is JSON", "export the table as CSV"]),
    "xml": (content("gain", b'<?xml version="1.0"?>'), ["gain.csv is XML", "as CSV"]),
    "page without a head": (
        content("gain", b"\n\n  <table border=1><tr><td>1</td></tr></table>"),
        ["gain.csv is a web page", "export the table again"],
    ),
    "document": (content("gain", b"{\\rtf1\\ansi 1}"), ["gain.csv is a document", "as CSV"]),
    "in a folder below": (
        lambda f: ((f / "export").mkdir(), (f / "gain.csv").rename(f / "export/gain.csv")),
        ["gain.csv is missing, but export/gain.csv lies there", "move it up into raw"],
    ),
    "copy in words": (
        renamed("gain", "gain — копия.csv"),
        ["gain.csv is missing, but gain — копия.csv lies there", "Rename it"],
    ),
    "copy in other words": (
        renamed("gain", "Copy of gain.csv"),
        ["gain.csv is missing, but Copy of gain.csv lies there", "Rename it"],
    ),
    "no ending": (renamed("gain", "gain"), ["gain.csv is missing, but gain lies there", "Rename"]),
    "two endings": (renamed("gain", "gain.csv.csv"), ["missing, but gain.csv.csv lies there"]),
    "half a download": (
        renamed("gain", "gain.csv.crdownload"),
        ["gain.csv is missing, but gain.csv.crdownload lies there"],
    ),
    "text": (renamed("gain", "gain.txt"), ["gain.csv is missing, but gain.txt lies there"]),
    "empty": (content("gain", b""), ["gain.csv has no rows", "put the shop's file there"]),
    "header alone": (text("gain", lambda t: t[: t.index("\n") + 1]), ["gain.csv has no rows"]),
    "zero bytes": (text("gain", lambda t: t.replace("7", "\0", 1)), ["gain.csv", "CSV UTF-8"]),
    # Encodings.
    "mac": (
        text("gain", lambda t: t, "mac-cyrillic"),
        ["gain.csv, line 1 is not UTF-8", "save it again as CSV UTF-8"],
    ),
    "one broken byte": (
        text("clients", lambda t: t.encode().replace("Ушёл".encode(), b"\xff\xfe", 1)),
        ["clients.csv, line 3 is not UTF-8", "save it again as CSV UTF-8"],
    ),
    "half of utf-16": (
        text("gain", lambda t: t.encode("utf-16")[:-1]),
        ["gain.csv is cut off or broken", "save it again"],
    ),
    "utf-32": (text("gain", lambda t: t, "utf-32"), ["gain.csv isn't a text", "as CSV UTF-8"]),
    "question marks": (
        text("gain", lambda t: re.sub("[а-яА-Я]", "?", t)),
        ["gain.csv: its letters were replaced by question marks", "export it again as UTF-8"],
    ),
    "question marks in values": (
        column("clients", lambda one: re.sub("[а-яё]", "?", one, flags=re.I), ["Итог"]),
        ["clients.csv, line 2: 'Итог' is '???????'", "letters were lost", "again as UTF-8"],
    ),
    "broken values": (
        text("clients", mojibake),
        [
            "clients.csv, line 2: 'Итог' is ",
            "utf-8 that was read as windows-1251",
            "again as UTF-8",
        ],
    ),
    "broken and cut": (
        text("gain", lambda t: t.encode().decode("cp1251").replace("Р", "?", 1)),
        ["gain.csv: its Cyrillic was broken by a wrong encoding", "export it again as UTF-8"],
    ),
    # Headers.
    "missing column": (
        frame("clients", lambda t: t.drop(columns="Чек")),
        ["clients.csv, line 1 lacks the column 'Чек'", "correct the header"],
    ),
    "other header": (
        frame("clients", lambda t: t.rename(columns={"Оценка": "Оценки"})),
        [
            "clients.csv, line 1 lacks the column 'Оценка'",
            "did you mean 'Оценки'?",
            "under 'tables.clients.columns.rating' of contract.yaml: header: Оценки",
        ],
    ),
    "unit in a header": (
        frame("gain", lambda t: t.rename(columns={"Доход": "Доход, тыс. руб. за месяц"})),
        ["gain.csv, line 1 lacks the column 'Доход'", "header: 'Доход, тыс. руб. за месяц'"],
    ),
    "unit behind a comma in a header": (
        text(
            "gain", lambda t: t.replace(",", ";").replace(".", ",").replace("д\n", "д, руб.\n", 1)
        ),
        [
            "gain.csv, line 1 lacks the column 'Доход': with the separator ';'",
            "did you mean 'Доход, руб.'?",
        ],
    ),
    "another name for the only column": (
        frame("gain", lambda t: t.rename(columns={"Доход": "profit"})),
        ["gain.csv, line 1 lacks the column 'Доход'", "did you mean 'profit'?", "header: profit"],
    ),
    "latin letters in a header": (
        frame("gain", lambda t: t.rename(columns={"Доход": "Дoxoд"})),
        ["lacks the column 'Доход' (some letters of 'Дoxoд' are Latin ones that look Cyrillic)"],
    ),
    "other separator": (
        text("sums", lambda t: t.replace(",", ":")),
        [
            "sums.csv separates columns by ':', which is too rare to be taken for granted",
            "under 'tables.sums' of contract.yaml: separator: ':'",
        ],
    ),
    "single quotes": (
        text("gain", lambda t: re.sub("[^,\n]+", r"'\g<0>'", t)),
        ["gain.csv, line 1 lacks the column 'Номер'", "'Номер', 'Доход'", "correct the header"],
    ),
    "no header": (
        text("gain", lambda t: t.partition("\n")[2]),
        ["gain.csv, line 1 lacks the column 'Номер'", "100200", "correct the header"],
    ),
    "repeated column": (
        text("gain", lambda t: t.replace("Номер,", "Доход,Номер,", 1).replace("\n1", "\n9,1")),
        ["gain.csv has the column 'Доход' twice", "remove one"],
    ),
    "months in columns": (
        frame(
            "sums", lambda t: t.pivot(index="Номер", columns="Месяц", values="Сумма").reset_index()
        ),
        ["sums.csv, line 1 has periods in its header (прошлый, этот)", "put them in rows"],
    ),
    "swapped": (
        swapped,
        ["sums.csv has the columns of gain, not of sums", "files swapped?"],
    ),
    # Rows.
    "short line": (
        text("gain", lambda t: t.replace("100207,", "100207", 1)),
        ["gain.csv, line 3 has 1 values, but its header has 2", "correct the line"],
    ),
    "decimal comma unquoted": (
        text("gain", lambda t: re.sub(r"(\d)\.(\d)", r"\1,\2", t)),
        ["gain.csv, line 2 has 3 values", "24 rows", "export the file with ';'"],
    ),
    "open quote": (
        text("gain", lambda t: t.replace("100207", '"100207', 1)),
        ["gain.csv, line 3 has a quote that is never closed", "export the file again"],
    ),
    "total": (
        text("sums", lambda t: t + "Итого,,5000.0\n"),
        ["sums.csv, line 50 is a total ('Итого')", "remove the line"],
    ),
    "total in another column": (
        text("sums", lambda t: t + ",Всего:,5000.0\n"),
        ["sums.csv, line 50 is a total ('Всего:')", "remove the line"],
    ),
    "average": (
        text("gain", lambda t: t + "Среднее,4.0\n"),
        ["gain.csv, line 26 is a total ('Среднее')", "remove the line"],
    ),
    "count of rows": (
        text("gain", lambda t: t + "Количество строк: 24,\n"),
        ["gain.csv, line 26 is a total ('Количество строк: 24')", "remove the line"],
    ),
    "note below": (
        text("gain", lambda t: t + "\nВыгружено 01.02.2024\n"),
        ["gain.csv, line 27 has 1 values, but its header has 2", "correct the line"],
    ),
    "comment between": (
        text("gain", lambda t: t.replace("100207", "# проверить\n100207", 1)),
        ["gain.csv, line 3 has 1 values, but its header has 2", "correct the line"],
    ),
    "twice the same file": (
        text("gain", lambda t: t + t),
        ["gain.csv, line 27 repeats customer_id 100200 (24 rows)", "keep one row for each"],
    ),
    "customer twice": (
        frame("clients", lambda t: pd.concat([t, t[3:4]])),
        ["clients.csv, line 26 repeats customer_id 100221", "keep one row for each"],
    ),
    "period twice": (
        frame("sums", lambda t: pd.concat([t, t[:2]])),
        [
            "sums.csv, line 50 repeats customer_id 100200, month прошлый (2 rows)",
            "sum up the parts",
        ],
    ),
    "period missing": (
        frame("sums", lambda t: t.drop(index=3)),
        ["sums.csv lacks a period of customer 100207 (этот)", "add what is missing"],
    ),
    "customer missing": (
        frame("gain", lambda t: t[:-2]),
        ["gain.csv lacks 2 customers of clients.csv, the first is 100354", "the same customers"],
    ),
    "customer more": (
        text("gain", lambda t: t + "900001,4.0\n"),
        ["clients.csv lacks 1 customers of gain.csv, the first is 900001", "the same customers"],
    ),
    "zeros lost": (
        column("gain", lambda one: f"00{one}", ["Номер"]),
        ["gain.csv lacks 24 customers of clients.csv", "leading zeros"],
    ),
    # Ids.
    "blank id": (
        cell("gain", 3, "Номер", ""),
        ["gain.csv, line 5: 'Номер' is '', blank, expected an id", "correct the line"],
    ),
    "nan for an id": (
        cell("gain", 3, "Номер", "nan"),
        ["gain.csv, line 5: 'Номер' is 'nan', blank"],
    ),
    "shortened id": (
        column("gain", lambda _: "1.00E+05", ["Номер"]),
        ["gain.csv, line 2: 'Номер' is '1.00E+05'", "shortened (24 rows)", "without opening it"],
    ),
    "shortened id without decimals": (
        cell("gain", 0, "Номер", "5E+05"),
        ["gain.csv, line 2: 'Номер' is '5E+05'", "a spreadsheet shortened", "without opening it"],
    ),
    "rounded ids": (
        column("gain", lambda one: f"99{one}12345670", ["Номер"]),
        ["gain.csv, line 2: 'Номер' is '9910020012345670'", "end in a zero", "without opening it"],
    ),
    "date for an id": (
        cell("gain", 1, "Номер", "05.мар"),
        ["gain.csv, line 3: 'Номер' is '05.мар', a date", "without opening it"],
    ),
    "prefix in one file": (
        column("gain", lambda one: f"C-{one}", ["Номер"]),
        ["gain.csv lacks 24 customers of clients.csv", "the same customers"],
    ),
    "half an id": (
        cell("gain", 1, "Номер", "100207.5"),
        ["gain.csv, line 3: 'Номер' is '100207.5', a fraction", "correct it"],
    ),
    # Labels.
    "unknown label": (
        cell("clients", 5, "Тарифный план", "Особый"),
        [
            "clients.csv, line 7: 'Тарифный план' is 'Особый', expected one of: Базовый, Полный",
            "under 'tables.clients.columns.plan.values' of contract.yaml: - Особый",
        ],
    ),
    "near label": (
        cell("clients", 5, "Тарифный план", "Базовыи"),
        [
            "clients.csv, line 7: 'Тарифный план' is 'Базовыи'",
            "did you mean 'Базовый'?",
            "under 'repairs' of contract.yaml: - {column: plan, found: Базовыи, meant: Базовый}",
        ],
    ),
    "latin letter": (
        cell("clients", 5, "Тарифный план", "Бaзовый"),
        ["clients.csv, line 7", "some of its letters are Latin", "did you mean 'Базовый'?"],
    ),
    "third outcome": (
        column("clients", lambda one: one.replace("Ушёл", "Вернулся"), ["Итог"]),
        ["clients.csv, line 3: 'Итог' is 'Вернулся', expected one of: Ушёл, Остался (12 rows)"],
    ),
    "third answer": (
        cell("clients", 0, "Согласие", "иногда"),
        ["clients.csv, line 2: 'Согласие' is 'иногда', expected one of: да, нет: correct it."],
    ),
    "blank label": (
        cell("clients", 0, "Согласие", ""),
        ["clients.csv, line 2: 'Согласие' is ''", "fill it in, or name 'agrees'", "groups.imputed"],
    ),
    "blank outcome": (
        cell("clients", 3, "Итог", ""),
        ["clients.csv, line 5: 'Итог' is '', expected one of: Ушёл, Остался: fill it in."],
    ),
    "answers of another language": (
        column("clients", lambda one: "yes" if one == "да" else "no", ["Согласие"]),
        ["clients.csv, line 3: 'Согласие' is 'yes', expected one of: да, нет (19 rows)"],
    ),
    "unknown period": (
        cell("sums", 2, "Месяц", "будущий"),
        ["sums.csv, line 4: 'Месяц' is 'будущий', expected one of: прошлый, этот"],
    ),
    # Numbers.
    "word": (
        cell("gain", 4, "Доход", "четыре"),
        ["gain.csv, line 6: 'Доход' is 'четыре', expected a number: correct it."],
    ),
    "blank number": (
        cell("gain", 4, "Доход", ""),
        ["gain.csv, line 6: 'Доход' is '', expected a number", "fill it in", "groups.imputed"],
    ),
    "NULL": (
        cell("gain", 4, "Доход", "NULL"),
        ["gain.csv, line 6: 'Доход' is 'NULL'", "fill"],
    ),
    "inf": (cell("gain", 4, "Доход", "inf"), ["gain.csv, line 6: 'Доход' is 'inf', expected"]),
    "shortened number": (
        cell("gain", 4, "Доход", "4.32E+03"),
        ["gain.csv, line 6: 'Доход' is '4.32E+03', a number that a spreadsheet shortened", "anew"],
    ),
    "underscore": (cell("gain", 4, "Доход", "4_1"), ["gain.csv, line 6: 'Доход' is '4_1'"]),
    "spreadsheet's error": (
        cell("gain", 4, "Доход", "#ЗНАЧ!"),
        ["gain.csv, line 6: 'Доход' is '#ЗНАЧ!', a spreadsheet's error", "correct it"],
    ),
    "date": (
        column("clients", lambda one: one.replace(".", ".0") + ".24", ["Оценка"]),
        ["clients.csv, line 2: 'Оценка' is", "a date", "24 rows", "without opening it"],
    ),
    "date in words": (
        cell("clients", 2, "Оценка", "03.апр"),
        ["clients.csv, line 4: 'Оценка' is '03.апр', a date", "without opening it"],
    ),
    "unit": (
        column("clients", lambda one: f"{one} шт", ["Визиты"]),
        ["clients.csv, line 2: 'Визиты' is", "a number with 'шт' behind it", "correct it"],
    ),
    "thousands in words": (
        column("gain", lambda one: f"{one} тыс.", ["Доход"]),
        ["gain.csv, line 2: 'Доход' is", "a number with 'тыс.' behind it", "24 rows"],
    ),
    "time of day": (
        column("clients", lambda _: "0:06:00", ["Визиты"]),
        ["clients.csv, line 2: 'Визиты' is '0:06:00', a date", "24 rows", "without opening it"],
    ),
    "per cent of a number": (
        cell("clients", 2, "Оценка", "45 %"),
        ["clients.csv, line 4: 'Оценка' is '45 %', a per cent", "correct it"],
    ),
    "two currencies": (
        text(
            "gain",
            lambda t: t.replace("\n", " ₽\n").replace("Доход ₽", "Доход").replace("₽", "$", 3),
        ),
        ["gain.csv, line", "in another currency", "use one of them"],
    ),
    "two decimal marks": (
        cell("gain", 4, "Доход", "4,96"),
        ["gain.csv, line", "with '.' (line 2: '", "with ',' (line 6: '4,96')", "one decimal mark"],
    ),
    "thousand or fraction": (
        column("gain", lambda _: "1,234", ["Доход"]),
        [
            "gain.csv, line 2: '1,234' may be a thousand or a fraction (24 rows)",
            "write thousands without a mark",
            "under 'tables.gain' of contract.yaml: decimal: ','",
        ],
    ),
    "thousand or fraction beside points": (
        cell("gain", 4, "Доход", "1,234"),
        ["gain.csv, line 6: '1,234' may be a thousand or a fraction", "without a mark"],
    ),
    "half a count": (
        cell("clients", 4, "Визиты", "5.5"),
        ["clients.csv, line 6: 'Визиты' is '5.5', expected a whole number", "kind: number"],
    ),
    "negative count": (
        cell("clients", 4, "Визиты", "-5"),
        ["clients.csv, line 6: 'Визиты' is '-5', expected a whole number between 0 and 5000"],
    ),
    "above the maximum": (
        cell("clients", 4, "Визиты", "70000"),
        [
            "clients.csv, line 6: 'Визиты' is '70000'",
            "under 'tables.clients.columns.visits' of contract.yaml: maximum: 70000",
        ],
    ),
    "below the minimum": (
        cell("sums", 4, "Сумма", "-1.5"),
        ["sums.csv, line 6: 'Сумма' is '-1.5', expected a number, 0 or more", "minimum: -1.5"],
    ),
    "share above one": (
        cell("clients", 4, "Доля_скидок", "1.01"),
        ["clients.csv, line 6: 'Доля_скидок' is '1.01', expected a share between 0 and 1"],
    ),
    "shares in per cent": (
        column("clients", lambda one: one[2:], ["Доля_скидок"]),
        ["clients.csv, line 2: 'Доля_скидок' is", "divide per cents by 100"],
    ),
    "absurd": (
        cell("gain", 4, "Доход", "1e60"),
        ["gain.csv, line 6: 'Доход' is '1e60', too large to be kept", "correct it"],
    ),
    # Workbooks and Parquet files.
    "two sheets": (
        workbook("clients", second_sheet),
        ["clients.xlsx has the table in several sheets, 'Лист1' and", "keep one of them"],
    ),
    "no sheet": (
        workbook("clients", lambda book: book.active.delete_cols(8)),
        ["clients.xlsx, line 1 lacks the column 'Чек'", "correct the header"],
    ),
    "date in a workbook": (
        workbook("clients", dated),
        ["clients.xlsx, row 4: 'Оценка' is '2024-04-03 00:00:00', a date", "without opening it"],
    ),
    "shortened id in a workbook": (
        workbook("gain", lambda book: book.active.__setitem__("A3", 1.23456789012346e18)),
        ["gain.xlsx, row 3: 'Номер' is '1.23456789012346e+18'", "a spreadsheet shortened"],
    ),
    "dates in Parquet": (
        parquet("gain", lambda t: t.assign(Доход=pd.Timestamp("2024-04-03"))),
        ["gain.parquet, row 1: 'Доход' is '2024-04-03", "a date"],
    ),
    "lists in Parquet": (
        parquet("gain", lambda t: t.assign(Доход=[[1.0]] * len(t))),
        ["gain.parquet: 'Доход' has lists or records", "one value a row"],
    ),
    "Parquet without a column": (
        parquet("gain", lambda t: t.rename(columns={"Доход": "Доходы"})),
        ["gain.parquet lacks the column 'Доход'", "header: Доходы"],
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damage_is_refused_with_its_place_and_advice_and_nothing_earlier_changes(shop, name):
    damage, parts = DAMAGES[name]
    damage(shop)
    sentences = refused(shop)
    missing = [part for part in parts if part not in sentences[0]]
    assert missing == [], sentences
    assert all(one.startswith("raw") and one.endswith(".") for one in sentences)


def test_there_are_sixty_damages_at_least():
    assert len(DAMAGES) >= 60


def test_the_sound_shop_is_prepared(shop):
    prepare(shop)
    assert len(pd.read_parquet(RESULTS[0])) == small_shop.CUSTOMERS


DECLARED = {
    "decimal": (
        {"decimal": ","},
        [
            "gain.csv, line 2: '",
            "' is written with '.', but ',' is declared (24 rows)",
            "decimal: '.'",
        ],
    ),
    "separator": (
        {"separator": ";"},
        ["gain.csv separates columns by ',', but ';' is declared", "separator: ','"],
    ),
    "encoding": (
        {"encoding": "ascii"},
        [
            "gain.csv isn't in the declared encoding ascii",
            "remove 'encoding: ascii' of tables.gain",
        ],
    ),
}


@pytest.mark.parametrize("name", DECLARED)
def test_a_form_that_is_declared_otherwise_is_refused_with_what_to_declare(shop, name):
    form, parts = DECLARED[name]
    declared = TABLES | {"gain": TABLES["gain"].model_copy(update=form)}
    (sentence,) = refused(shop, declared)
    assert [part for part in parts if part not in sentence] == []


def test_all_problems_of_all_files_are_told_at_once_the_heaviest_first(shop):
    tables = small_shop.frames()
    tables["clients"].loc[3, "Итог"] = "Вернулся"
    tables["clients"].loc[4:6, "Визиты"] = "много"
    tables["clients"].loc[7, "Чек"] = "12,5"
    tables["sums"].loc[0, "Месяц"] = "давний"
    small_shop.write(shop, tables)
    (shop / "gain.csv").unlink()
    sentences = refused(shop)
    assert [
        next(part for part in ("gain.csv", "'12,5'", "много", "Вернулся", "давний") if part in one)
        for one in sentences
    ] == ["gain.csv", "'12,5'", "много", "Вернулся", "давний"]


def test_many_unknown_labels_are_one_problem_after_ten(shop):
    tables = small_shop.frames()
    tables["clients"]["Тарифный план"] = [f"Тариф № {n}" for n in range(len(tables["clients"]))]
    small_shop.write(shop, tables)
    sentences = refused(shop)
    assert len(sentences) == 11
    assert "has 14 more unknown labels" in sentences[0]


def test_a_patch_settles_what_it_is_given_for(shop):
    """The line that a sentence offers is YAML of the place that it names."""
    cell("clients", 5, "Тарифный план", "Да-да: №1")(shop)
    (sentence,) = refused(shop)
    patch = sentence.split("contract.yaml: ")[-1].removesuffix(".")
    assert yaml.safe_load(patch) == ["Да-да: №1"]
