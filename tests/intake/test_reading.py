"""Reading the shop's files: every form that circulates gives the same rows, and is told."""

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import small_shop
from small_shop import REPAIRS, TABLES, frames, text_of

from retention.contract.schema import Column, Table
from retention.harness.errors import UserError
from retention.intake.findings import findings
from retention.intake.reading import collect, read_table
from retention.intake.source import read_source


def read(folder, **options):
    """Return the customers and the notes."""
    found = read_source(folder, TABLES, REPAIRS, {}, **options)
    return found.customers, found.notes


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Return the customers of the sound shop."""
    folder = tmp_path_factory.mktemp("sound")
    small_shop.write(folder)
    customers, notes = read(folder)
    assert notes == []
    return customers


@pytest.fixture
def shop(tmp_path):
    small_shop.write(tmp_path)
    return tmp_path


def test_kinds_decide_types_and_values_are_those_of_the_files(sound):
    raw = frames()
    assert sound.dtypes.astype(str).to_dict() == {
        "customer_id": "str",
        "outcome": "str",
        "plan": "str",
        "agrees": "str",
        "visits": "int64",
        "discounts": "float64",
        "rating": "float64",
        "bill": "float64",
        "paid_before": "float64",
        "paid_now": "float64",
        "income": "float64",
    }
    assert sound["customer_id"].tolist() == raw["clients"]["Номер"].tolist()
    assert sound["bill"].tolist() == raw["clients"]["Чек"].astype(float).tolist()
    assert sound["paid_before"].tolist() == raw["sums"]["Сумма"][::2].astype(float).tolist()
    assert sound["paid_now"].tolist() == raw["sums"]["Сумма"][1::2].astype(float).tolist()


def by_line(change):
    """Return a change of each line but the header."""
    return lambda text: "\n".join(
        line if n == 0 or not line else change(line) for n, line in enumerate(text.split("\n"))
    )


def edit(name, change):
    """Return a form in which a table is changed before it is written."""

    def form(folder):
        tables = frames()
        tables[name] = change(tables[name])
        small_shop.write(folder, tables)

    return form


def write_as(name, change, encoding="utf-8"):
    """Return a form in which a text is changed."""

    def form(folder):
        file = folder / f"{name}.csv"
        file.write_bytes(change(file.read_text(encoding="utf-8")).encode(encoding))

    return form


def everything(change, encoding="utf-8"):
    """Return a form in which all texts are changed."""

    def form(folder):
        for name in TABLES:
            write_as(name, change, encoding)(folder)

    return form


def mapped(header, change):
    return lambda table: table.assign(**{header: table[header].map(change)})


def written_for_excel(folder):
    """Write ';', a decimal comma and cp1251, as Russian Excel does."""
    for name, table in frames().items():
        text = text_of(table, ";", ",").replace("\n", "\r\n")
        (folder / f"{name}.csv").write_bytes(text.encode("cp1251"))


def unicode_text(folder):
    for name, table in frames().items():
        (folder / f"{name}.csv").write_bytes(text_of(table, "\t", ",").encode("utf-16"))


def workbooks(folder):
    for name, table in frames().items():
        book = small_shop.workbook(small_shop.numeric(table))
        small_shop.replace(folder, name, ".xlsx", small_shop.as_bytes(book))


def second_sheet_of_notes(folder):
    """Write numbers as ids, below a title, beside a sheet of something else."""
    table = small_shop.numeric(frames()["clients"]).astype({"Номер": "int64"})
    book = small_shop.workbook(table)
    book.active.insert_rows(1, 2)
    book.active["A1"] = "Выгрузка"
    book.create_sheet("Пояснения", 0).append(["Номер", "это номер клиента"])
    small_shop.replace(folder, "clients", ".xlsx", small_shop.as_bytes(book))


def numbers_as_text_in_a_workbook(folder):
    """Write some numbers of a column as texts with a comma, beside numbers."""
    book = small_shop.workbook(small_shop.numeric(frames()["clients"]))
    for row in (3, 5, 8):
        cell = book.active.cell(row, 8)
        cell.value = str(cell.value).replace(".", ",")
    small_shop.replace(folder, "clients", ".xlsx", small_shop.as_bytes(book))


def parquets(folder):
    for name, table in frames().items():
        (folder / f"{name}.csv").unlink()
        small_shop.numeric(table).to_parquet(folder / f"{name}.parquet")


def parquet_of_other_types(folder):
    """Write ids as floats, labels as categories, numbers as texts."""
    table = frames()["clients"].astype({"Номер": "float64", "Итог": "category"})
    (folder / "clients.csv").unlink()
    table.to_parquet(folder / "clients.parquet")


def compressed(folder):
    for name in TABLES:
        small_shop.replace(folder, name, ".csv.gz", (folder / f"{name}.csv").read_bytes())


def broken(*steps):
    """Return a form in which all texts went through wrong encodings, one after another."""

    def change(text):
        for written, read_as in steps:
            text = text.encode(written).decode(read_as)
        return text

    return everything(change)


def shown(text, digits=2):
    """Return a number with its thousands grouped by commas."""
    return f"{float(text):,.{digits}f}"


# Form → (how it is made; what is noted of it: file, line, rows, and words).
FORMS = {
    "lf": (everything(lambda t: t), None),
    "crlf": (everything(lambda t: t.replace("\n", "\r\n")), None),
    "line ends of an old Mac": (everything(lambda t: t.replace("\n", "\r")), None),
    "no last line end": (everything(lambda t: t.rstrip("\n")), None),
    "byte order mark": (everything(lambda t: t, "utf-8-sig"), None),
    "utf-16": (everything(lambda t: t, "utf-16"), None),
    "utf-16 without a mark": (
        everything(lambda t: t, "utf-16-le"),
        ("gain.csv", None, None, "read in this encoding"),
    ),
    "cp1251": (everything(lambda t: t, "cp1251"), ("gain.csv", None, None, "read in this")),
    "koi8-r": (everything(lambda t: t, "koi8-r"), ("gain.csv", None, None, "read in this")),
    "cp866": (everything(lambda t: t, "cp866"), ("gain.csv", None, None, "read in this encoding")),
    "Russian Excel": (written_for_excel, ("sums.csv", None, None, "read in this encoding")),
    "Unicode text of Excel": (unicode_text, None),
    "utf-8 taken for cp1251": (
        broken(("utf-8", "sloppy-windows-1251")),
        ("sums.csv", None, None, "its broken Cyrillic is mended"),
    ),
    "utf-8 taken for latin-1": (
        broken(("utf-8", "latin-1")),
        ("sums.csv", None, None, "its broken Cyrillic is mended"),
    ),
    "cp1251 taken for cp1252": (
        broken(("cp1251", "cp1252")),
        ("sums.csv", None, None, "its broken Cyrillic is mended"),
    ),
    "broken twice": (
        broken(("utf-8", "sloppy-windows-1251"), ("utf-8", "sloppy-windows-1252")),
        ("sums.csv", None, None, "its broken Cyrillic is mended"),
    ),
    "sep line": (write_as("gain", lambda t: "sep=,\n" + t), None),
    "semicolons": (write_as("sums", lambda t: t.replace(",", ";")), None),
    "bars": (write_as("sums", lambda t: t.replace(",", "|")), None),
    "tabs": (write_as("sums", lambda t: t.replace(",", "\t")), None),
    "quotes": (
        write_as("sums", lambda t: '"' + t.replace(",", '","').replace("\n", '"\n"')[:-1]),
        None,
    ),
    "quoted decimal comma": (
        write_as("gain", by_line(lambda line: line.replace(",", ',"').replace(".", ",") + '"')),
        None,
    ),
    "aligned with blanks": (write_as("sums", lambda t: t.replace(",", "   ,  ")), None),
    "title above": (
        write_as("gain", lambda t: "Отчёт за месяц\n\n" + t),
        ("gain.csv", 3, None, "lines above are left out"),
    ),
    "blank rows": (write_as("gain", lambda t: t.replace("\n", "\n\n")), None),
    "rows of separators": (write_as("sums", lambda t: t + ",,\n" * 9), None),
    "rows of separators and blanks": (write_as("sums", lambda t: t + " , ,\n" * 9), None),
    "trailing empty columns": (write_as("sums", lambda t: t.replace("\n", ",,\n")), None),
    "trailing separators of rows": (write_as("sums", by_line(lambda line: line + ",,")), None),
    "unnamed index": (
        write_as("sums", lambda t: "," + t.replace("\n", "\n7,")[:-2]),
        ("sums.csv", 1, None, "left out"),
    ),
    "named index": (
        edit("sums", lambda t: t.reset_index()),
        ("sums.csv", 1, None, "left out"),
    ),
    "extra column": (
        edit("clients", lambda t: t.assign(Город="Пермь???")),
        ("clients.csv", 1, None, "left out"),
    ),
    "other order": (edit("clients", lambda t: t.loc[::-1, ::-1]), None),
    "case of a header": (
        edit("gain", lambda t: t.rename(columns={"Доход": "ДОХОД"})),
        ("gain.csv", 1, None, "read as 'Доход'"),
    ),
    "underscores for blanks": (
        edit("clients", lambda t: t.rename(columns={"Тарифный план": "тарифный_план"})),
        ("clients.csv", 1, None, "read as 'Тарифный план'"),
    ),
    "a header of two lines": (
        write_as("clients", lambda t: t.replace("Тарифный план", '"Тарифный\nплан"')),
        None,
    ),
    "decomposed letters": (everything(lambda t: t.replace("й", "и\u0306")), None),
    "no-break spaces": (everything(lambda t: t.replace(" ", "\u00a0")), None),
    "letters that nobody sees": (everything(lambda t: t.replace("ш", "\u200bш")), None),
    "case of labels": (
        edit("clients", mapped("Итог", str.upper)),
        ("clients.csv", 2, 12, "read as 'Остался' in 12 rows"),
    ),
    "е for ё": (
        edit("clients", mapped("Итог", lambda one: one.replace("ё", "е"))),
        ("clients.csv", 3, 12, "read as 'Ушёл' in 12 rows"),
    ),
    "mark of the end of a file": (write_as("gain", lambda t: t + "\x1a"), None),
    "blanks in labels": (
        edit("sums", mapped("Месяц", lambda one: f'"{one}"'.replace('"', " "))),
        None,
    ),
    "a declared typo": (
        edit("clients", mapped("Тарифный план", lambda one: one.replace("Полный", "полн."))),
        ("clients.csv", 3, 8, "read as 'Полный' in 8 rows"),
    ),
    "decimal comma": (write_as("gain", lambda t: t.replace(",", ";").replace(".", ",")), None),
    "thousands by blanks": (
        edit("clients", mapped("Чек", lambda one: shown(one).replace(",", " "))),
        ("clients.csv", 2, 24, "without the marks between thousands in 24 rows"),
    ),
    "thousands by narrow blanks": (
        edit("clients", mapped("Чек", lambda one: shown(one).replace(",", "\u202f"))),
        ("clients.csv", 2, 24, "without the marks between thousands in 24 rows"),
    ),
    "thousands by commas": (
        edit("clients", mapped("Чек", shown)),
        ("clients.csv", 2, 24, "without the marks between thousands in 24 rows"),
    ),
    "thousands by apostrophes": (
        edit("clients", mapped("Чек", lambda one: shown(one).replace(",", "'"))),
        ("clients.csv", 2, 24, "without the marks between thousands in 24 rows"),
    ),
    "whole numbers with a point": (edit("clients", mapped("Визиты", lambda one: f"{one}.0")), None),
    "per cents": (
        edit("clients", mapped("Доля_скидок", lambda one: f"{round(100 * float(one))} %")),
        ("clients.csv", 2, 24, "read as a per cent in 24 rows"),
    ),
    "currency": (
        edit("clients", mapped("Чек", lambda one: f"{one} руб.")),
        ("clients.csv", 2, 24, "read without its currency 'руб' in 24 rows"),
    ),
    "currency in front": (
        edit("clients", mapped("Чек", lambda one: f"${shown(one)}")),
        ("clients.csv", 2, 24, "read without its currency '$' in 24 rows"),
    ),
    "another minus": (edit("gain", mapped("Доход", lambda one: one.replace("-", "−"))), None),
    "accountants' minus": (
        edit("gain", mapped("Доход", lambda one: f"({one[1:]})" if one[0] == "-" else one)),
        ("gain.csv", 4, 2, "read as a number below zero in"),
    ),
    "minus behind": (
        edit("gain", mapped("Доход", lambda one: f"{one[1:]}-" if one[0] == "-" else one)),
        ("gain.csv", 4, 2, "read as a number below zero in"),
    ),
    "ids with a point": (
        edit("gain", mapped("Номер", lambda one: f"{one}.0")),
        ("gain.csv", 2, 24, "read without '.0' in 24 rows"),
    ),
    "ids as formulas": (
        edit("gain", mapped("Номер", lambda one: f'="{one}"')),
        ("gain.csv", 2, 24, "read without its formula in 24 rows"),
    ),
    "ids with an apostrophe": (
        edit("gain", mapped("Номер", lambda one: f"'{one}")),
        ("gain.csv", 2, 24, "read without its apostrophe in 24 rows"),
    ),
    "ids with thousands": (
        edit("gain", mapped("Номер", lambda one: f"{int(one):,}".replace(",", "\u00a0"))),
        ("gain.csv", 2, 24, "read without the blanks between thousands in 24 rows"),
    ),
    "repeated header": (
        write_as("gain", lambda t: t + t.partition("\n")[0] + "\n"),
        ("gain.csv", 26, 1, "left out in 1 row"),
    ),
    "gzip": (compressed, None),
    "workbooks": (workbooks, None),
    "title and another sheet in a workbook": (
        second_sheet_of_notes,
        ("clients.xlsx", 3, None, "lines above are left out"),
    ),
    "texts among the numbers of a workbook": (numbers_as_text_in_a_workbook, None),
    "Parquet": (parquets, None),
    "Parquet of other types": (
        parquet_of_other_types,
        ("clients.parquet", 1, 24, "read without '.0' in 24 rows"),
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_another_form_of_the_same_files_gives_the_same_customers_and_is_told(shop, sound, name):
    form, told = FORMS[name]
    form(shop)
    customers, notes = read(shop)
    pd.testing.assert_frame_equal(customers, sound)
    if told is None:
        assert notes == []
    else:
        file, line, rows, words = told
        found = [(one.file.name, one.line, one.rows) for one in notes if words in one.done]
        assert (file, line, rows) in found


IDS = {
    "00215348": "00215348",
    "1234567890123456": "1234567890123456",
    "9007199254740993": "9007199254740993",
    "C-500001": "C-500001",
    "7590-VHVEG": "7590-VHVEG",
    "12E": "12E",
    "клиент № 7": "клиент № 7",
}


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".xlsx", ".parquet"])
def test_ids_are_texts_as_the_shop_wrote_them_in_every_format(tmp_path, ending):
    table = pd.DataFrame({"Номер": list(IDS), "Доход": [1.5] * len(IDS)})
    file = tmp_path / f"gain{ending}"
    match ending:
        case ".xlsx":
            small_shop.workbook(table).save(file)
        case ".parquet":
            table.to_parquet(file)
        case _:
            table.to_csv(file, index=False)
    found = read_table(file, TABLES["gain"])
    assert found.rows["customer_id"].tolist() == list(IDS.values())
    assert found.notes == []


def test_zeros_that_a_workbook_shows_by_the_format_of_its_cells_are_kept(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Номер", "Доход"])
    book.active.append([215348, 1.5])
    book.active["A2"].number_format = "00000000"
    book.save(tmp_path / "gain.xlsx")
    rows = read_table(tmp_path / "gain.xlsx", TABLES["gain"]).rows
    assert rows["customer_id"].tolist() == ["00215348"]


def gain(folder, text, **form):
    file = folder / "gain.csv"
    file.write_bytes(text.encode())
    return read_table(file, TABLES["gain"].model_copy(update=form))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["4,5", "1.234,5"], [4.5, 1234.5]),
        (["4.5", "1,234.5"], [4.5, 1234.5]),
        (["1,234,567", "4"], [1234567.0, 4.0]),
        (["1.234.567", "4,25"], [1234567.0, 4.25]),
        (["1 234,567", "4"], [1234.567, 4.0]),
        (["0,125", "7"], [0.125, 7.0]),
        (["1,234.5", "1,234"], [1234.5, 1234.0]),
        ([".5", "+7", "-0.25", "1e3"], [0.5, 7.0, -0.25, 1000.0]),
    ],
)
def test_marks_are_found_where_all_numbers_of_a_file_allow_one_reading(tmp_path, written, meant):
    lines = "".join(f"{n};{one}\n" for n, one in enumerate(written, start=1))
    assert gain(tmp_path, f"Номер;Доход\n{lines}").rows["income"].tolist() == meant


def test_a_declared_mark_decides_what_could_be_a_thousand_or_a_fraction(tmp_path):
    rows = gain(tmp_path, "Номер;Доход\n1;1,234\n", decimal=",").rows
    assert rows["income"].tolist() == [1.234]


def test_a_thousand_in_another_column_of_the_file_settles_one_that_is_doubtful(tmp_path):
    text = text_of(frames()["clients"]).split("\n")[:4]
    cells = [line.split(",") for line in text]
    cells[1][4], cells[2][4] = '"1,234"', "7"  # a count has no fraction
    (tmp_path / "clients.csv").write_text("\n".join(map(",".join, cells)), encoding="utf-8")
    rows = read_table(tmp_path / "clients.csv", TABLES["clients"]).rows
    assert rows["visits"].tolist()[:2] == [1234, 7]


def test_a_separator_or_a_line_end_inside_of_quotes_is_part_of_the_text(tmp_path):
    table = Table(
        key=["customer_id"],
        columns={
            "customer_id": Column(header="id", kind="id"),
            "city": Column(header="city", kind="label", values=["Perm, Kama", "Омск"]),
        },
    )
    file = tmp_path / "cities.csv"
    file.write_text('id,city\n1,"Perm, Kama"\n2,"Perm,\nKama"\n3,"Ом""ск"\n', encoding="utf-8")
    with pytest.raises(UserError, match=r"line 5: .* is 'Ом\"ск'"):
        read_table(file, table)
    file.write_text('id,city\n1,"Perm, Kama"\n2,"Perm,\nKama"\n', encoding="utf-8")
    assert read_table(file, table).rows["city"].tolist() == ["Perm, Kama"] * 2


def test_lines_are_counted_as_in_an_editor_below_a_title_blank_lines_and_quoted_ones(tmp_path):
    text = 'Отчёт\n\nНомер;Доход;Заметка\n1;4;"а\nб"\n\n2;x;\n'
    with pytest.raises(UserError, match=r"line 7: 'Доход' is 'x'"):
        gain(tmp_path, text)


@pytest.mark.parametrize("blank", ["", " ", "NA", "null", "#Н/Д", "—"])
def test_blanks_are_read_only_in_columns_that_may_have_them(shop, blank):
    tables = frames()
    tables["clients"].loc[[2, 4], ["Визиты", "Согласие"]] = blank
    small_shop.write(shop, tables)
    customers, notes = read(shop, blank=["visits", "agrees"])
    assert customers["visits"].isna().tolist() == [n in (2, 4) for n in range(len(customers))]
    assert customers.loc[[2, 4], "agrees"].tolist() == ["", ""]
    assert {(one.column, one.line, one.rows) for one in notes} == {
        ("visits", 4, 2),
        ("agrees", 4, 2),
    }
    with pytest.raises(UserError, match=r"clients\.csv, line 4: 'Визиты'"):
        read(shop, blank=["agrees"])


def test_a_long_table_has_blanks_where_all_of_its_periods_may_have_them(shop):
    tables = frames()
    tables["sums"].loc[[1, 4], "Сумма"] = ""
    small_shop.write(shop, tables)
    customers, _ = read(shop, blank=["paid_before", "paid_now"])
    assert customers["paid_now"].isna().tolist() == [n == 0 for n in range(len(customers))]
    assert customers["paid_before"].isna().tolist() == [n == 2 for n in range(len(customers))]
    # The advice is what the check of contract.yaml takes: columns of customers, not of the file.
    for some in ([], ["paid_now"]):
        with pytest.raises(UserError, match="name 'paid_before' and 'paid_now' under"):
            read(shop, blank=some)


def test_a_blank_period_is_to_be_filled_in_and_nothing_else(shop):
    tables = frames()
    tables["sums"].loc[3, "Месяц"] = ""
    small_shop.write(shop, tables)
    with pytest.raises(UserError, match=r"sums\.csv, line 5: 'Месяц' is ''.*: fill it in\."):
        read(shop, blank=["month", "paid_before", "paid_now"])


def test_an_outcome_that_nobody_knows_yet_is_not_expected(shop, sound):
    edit("clients", lambda t: t.drop(columns="Итог"))(shop)
    customers, notes = read(shop, without="outcome")
    pd.testing.assert_frame_equal(customers, sound.drop(columns="outcome"))
    assert notes == []


def test_whole_means_are_whole_numbers_where_all_of_them_are(shop):
    edit("clients", mapped("Оценка", lambda one: f"{float(one):.0f}"))(shop)
    assert str(read(shop)[0]["rating"].dtype) == "int64"


ENGLISH = Table(
    key=["customer_id"],
    columns={
        "customer_id": Column(header="id", kind="id"),
        "plan": Column(header="plan", kind="label", values=["basic", "full"]),
    },
)


def test_letters_of_an_unknown_encoding_do_no_harm_in_a_column_that_is_left_out(tmp_path):
    file = tmp_path / "people.csv"
    file.write_bytes("id,plan,city\n1,basic,Orléans\n2,full,Paris\n".encode("cp1252"))
    assert read_table(file, ENGLISH).rows["plan"].tolist() == ["basic", "full"]
    file.write_bytes("id,plan\n1é,basic\n2,full\n".encode("cp1252"))
    with pytest.raises(UserError, match=r"is not UTF-8, and may be .*encoding: cp1251"):
        read_table(file, ENGLISH)
    declared = ENGLISH.model_copy(update={"encoding": "cp1252"})
    assert read_table(file, declared).rows["customer_id"].tolist() == ["1é", "2"]


def test_labels_that_differ_in_case_alone_are_told_apart(tmp_path):
    table = Table(
        key=["customer_id"],
        columns={
            "customer_id": Column(header="id", kind="id"),
            "grade": Column(header="grade", kind="label", values=["a", "A"]),
        },
    )
    file = tmp_path / "grades.csv"
    file.write_text("id,grade\n1,a\n2,A\n", encoding="utf-8")
    assert read_table(file, table).rows["grade"].tolist() == ["a", "A"]


def test_numbers_of_a_program_are_taken_for_the_labels_that_they_are(tmp_path):
    column = Column(header="senior", kind="flag", values=["0", "1"])
    table = ENGLISH.model_copy(update={"columns": ENGLISH.columns | {"senior": column}})
    frame = pd.DataFrame({"id": [1, 2], "plan": ["basic", "full"], "senior": [0.0, 1.0]})
    frame.to_parquet(tmp_path / "people.parquet")
    rows = read_table(tmp_path / "people.parquet", table).rows
    assert rows["senior"].tolist() == ["0", "1"]


def test_a_missing_file_and_a_name_with_two_endings(tmp_path):
    with pytest.raises(UserError, match=r"gain\.csv is missing: put the shop's file there"):
        read_table(tmp_path / "gain.csv", TABLES["gain"])


def test_a_table_with_problems_is_returned_beside_them(shop):
    edit("gain", mapped("Доход", lambda one: one.replace("7", "x")))(shop)
    tables, problems = collect(shop, TABLES, repairs=REPAIRS)
    assert set(tables) == set(TABLES)
    assert tables["gain"].unsound == {"income"}
    (problem,) = problems
    assert (problem.table, problem.column, problem.file) == ("gain", "income", shop / "gain.csv")


def test_findings_are_a_table_with_the_first_customer_and_the_number_of_rows(shop):
    edit("sums", mapped("Месяц", lambda one: one.replace("прошлый", "Прошлый")))(shop)
    found = findings(read(shop)[1])
    assert list(found) == [
        *("table", "file", "line", "customer", "column"),
        *("value", "done", "why", "severity", "rows"),
    ]
    (row,) = found.itertuples()
    assert (row.table, Path(row.file).name, row.line, row.column) == (
        "sums",
        "sums.csv",
        2,
        "month",
    )
    assert (row.value, row.rows, row.customer) == ("Прошлый", 24, "100200")
    assert row.done == "read as 'прошлый' in 24 rows"
    assert row.severity == "info"


def test_a_big_file_is_read_as_a_small_one_is(tmp_path):
    """More rows than one block of pyarrow and one batch of the careful way have."""
    n = 120_000
    random = np.random.default_rng(1)
    table = pd.DataFrame(
        {"Номер": np.arange(n).astype(str), "Доход": random.integers(0, 999, n) / 4}
    )
    text = text_of(table.astype(str))
    plain = gain(tmp_path, text)
    careful = gain(tmp_path, text.replace("\n5,", '\n"5" ,', 1))
    assert plain.rows["income"].tolist() == table["Доход"].tolist()
    pd.testing.assert_frame_equal(plain.rows, careful.rows)
    assert plain.line(n - 1) == careful.line(n - 1) == n + 1
