"""Reading the shop's files: every form that circulates is read or refused in one sentence."""

import random
from pathlib import Path

import pytest

from retention.contract import columns
from retention.harness.errors import UserError
from retention.intake.reading import Table, read_table


def read(
    folder: Path,
    text: str | bytes,
    headers: dict[str, str] = columns.MONEY,
    separator: str = ";",
    decimal: str = ",",
) -> Table:
    file = folder / "money.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table(file, headers, separator, decimal)


def test_the_shops_form_is_read(tmp_path):
    table = read(tmp_path, "\ufeffid;Прибыль\r\n215348;4,96\r\n215351;-0,5\r\n215352;3\r\n")
    assert table.rows["customer_id"].tolist() == [215348, 215351, 215352]
    assert table.rows["monthly_profit"].tolist() == [4.96, -0.5, 3.0]
    assert table.rows.dtypes.astype(str).to_dict() == {
        "customer_id": "int64",
        "monthly_profit": "float64",
    }
    assert table.ignored == []


def test_lf_and_a_missing_last_line_end_are_read(tmp_path):
    assert read(tmp_path, "id;Прибыль\n1;4,96\n2;5").rows["customer_id"].tolist() == [1, 2]


def test_values_follow_their_header_whatever_the_order_of_columns(tmp_path):
    rows = read(tmp_path, "Прибыль;id\n4,96;1\n").rows
    assert rows["customer_id"].tolist() == [1]
    assert rows["monthly_profit"].tolist() == [4.96]


def test_a_quoted_separator_is_part_of_the_text(tmp_path):
    text = 'id,Период,Выручка\n1,"месяц, текущий",5.5\n'
    rows = read(tmp_path, text, columns.MARKET_MONEY, ",", ".").rows
    assert rows["period"].tolist() == ["месяц, текущий"]
    assert rows["revenue"].tolist() == [5.5]


def test_a_whole_number_may_be_written_with_a_point(tmp_path):
    text = "id,Период,минут\n1,текущий_месяц,13.0\n"
    minutes = read(tmp_path, text, columns.MARKET_TIME, ",", ".").rows["minutes"]
    assert minutes.tolist() == [13]
    assert str(minutes.dtype) == "int64"


@pytest.mark.parametrize(
    ("names", "ignored"),
    [
        (";", [""]),
        ("Unnamed: 0;", ["Unnamed: 0"]),
        (";Unnamed: 0;", ["", "Unnamed: 0"]),
        pytest.param(
            "Unnamed: 0.1;Unnamed: 0;",
            ["Unnamed: 0.1", "Unnamed: 0"],
        ),
    ],
)
def test_an_unnamed_index_column_is_dropped_and_reported(tmp_path, names, ignored):
    before = "7;" * len(ignored)
    table = read(tmp_path, f"{names}id;Прибыль\n{before}1;4,96\n{before}2;5\n")
    assert table.ignored == ignored
    assert table.rows["customer_id"].tolist() == [1, 2]
    assert list(table.rows) == ["customer_id", "monthly_profit"]


def test_a_missing_file_says_where_to_put_it(tmp_path):
    with pytest.raises(UserError, match=r"money\.csv is missing: .*data\.source in params\.yaml"):
        read_table(tmp_path / "money.csv", columns.MONEY, ";", ",")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("id;Прибыль\n1;4\n".encode("mac-cyrillic"), ["not UTF-8"], id="mac"),
        pytest.param(b"PK\x03\x04" + bytes(40), ["Excel workbook", "CSV UTF-8"], id="xlsx"),
        pytest.param("version https://git-lfs.github.com/spec/v1\n", ["Git LFS"], id="lfs"),
        pytest.param("<!DOCTYPE html><html>", ["web page"], id="html"),
        pytest.param("id;???????\n1;4\n", ["question marks", "export"], id="question marks"),
        pytest.param("id;Прибыль\nИтого;4\n", ["line 2", "total"], id="total"),
        pytest.param("id;Прибыль\n1;05.мар\n", ["line 2", "into a date"], id="date"),
        pytest.param("id;Прибыль\n5,00E+05;4\n", ["line 2", "shortened"], id="shortened id"),
        pytest.param("id;Прибыль\n1;4,5\n2;4.5\n", ["line 3", "line 2", "one decimal"], id="mix"),
        pytest.param("id;Прибыль\n1;4.5\n", ["prepare.formats.money.decimal"], id="declared"),
        pytest.param("", ["has no rows"], id="empty file"),
        pytest.param("id;Прибыль\n", ["has no rows"], id="header alone"),
        pytest.param(
            "id,Прибыль\n1,4.96\n",
            ["lacks the column 'id'", "separator ';'", "id,Прибыль", "prepare.formats"],
            id="comma instead of semicolon",
        ),
        pytest.param("id\n1\n", ["lacks the column 'Прибыль'"], id="missing column"),
        pytest.param("id;Прибыль;Прибыль\n1;4;5\n", ["twice"], id="repeated column"),
        pytest.param(
            "id;Прибыль\n1;4\n".encode().decode("latin-1"),
            ["broken by a wrong encoding"],
            id="mojibake of latin-1",
        ),
        pytest.param(
            "id;Прибыль\n1;4\n".encode().decode("cp1251"),
            ["broken by a wrong encoding"],
            id="mojibake of cp1251",
        ),
        pytest.param("id;Прибыль\n1;4\n2\n", ["line 3 has 1 values", "has 2"], id="short line"),
        pytest.param("id;Прибыль\n1;4;5\n", ["line 2 has 3 values", "has 2"], id="long line"),
        pytest.param(
            "id;Прибыль\r\n1;4,96\r\n2;четыре\r\n",
            ["line 3", "'Прибыль' is 'четыре'", "expected a number"],
            id="a word for a number",
        ),
        pytest.param("id;Прибыль\n1;4\n2;\n", ["line 3", "'Прибыль' is ''"], id="empty cell"),
        pytest.param("id;Прибыль\n1;nan\n", ["line 2", "'nan'", "a number"], id="nan"),
        pytest.param("id;Прибыль\n1;inf\n", ["line 2", "'inf'", "a number"], id="inf"),
        pytest.param("id;Прибыль\n1;1.234,5\n", ["line 2", "'1.234,5'"], id="thousands"),
        pytest.param("id;Прибыль\nnan;4\n", ["line 2", "'id' is 'nan'"], id="nan for an id"),
        pytest.param("id;Прибыль\ninf;4\n", ["line 2", "'id' is 'inf'"], id="inf for an id"),
        pytest.param(
            "id;Прибыль\n1,5;4\n", ["line 2", "'id' is '1,5'", "a whole number"], id="half an id"
        ),
        pytest.param(
            'id;Прибыль\n1;"4,96\n' + "2;4,96\n" * 20_000,
            ["line 2"],
            id="a quote that is never closed",
        ),
        pytest.param(
            "id;Прибыль\n1;4_1,5\n",
            ["line 2", "'4_1,5'"],
            id="underscore",
        ),
        pytest.param(
            "id;Прибыль\n1;1.234\n",
            ["line 2", "'1.234'"],
            id="point where the decimal is a comma",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_and_what_was_expected(tmp_path, text, parts):
    with pytest.raises(UserError) as caught:
        read(tmp_path, text)
    for part in ["money.csv", *parts]:
        assert part in str(caught.value)


def test_the_shops_money_file_read_with_a_comma_hints_at_the_separator(tmp_path):
    with pytest.raises(UserError, match="separator ','"):
        read(tmp_path, "id;Прибыль\r\n1;4,96\r\n", separator=",", decimal=".")


def test_a_long_id_is_kept_to_the_last_digit(tmp_path):
    rows = read(tmp_path, "id;Прибыль\n9007199254740993;4\n").rows
    assert rows["customer_id"].tolist() == [9007199254740993]


MARKET_ROW = {
    "id": "7",
    "Покупательская активность": "Снизилась",
    "Тип сервиса": "премиум",
    "Разрешить сообщать": "да",
    "Маркет_актив_6_мес": "3.4",
    "Маркет_актив_тек_мес": "5",
    "Длительность": "121",
    "Акционные_покупки": "0.5",
    "Популярная_категория": "Товары для детей",
    "Средний_просмотр_категорий_за_визит": "6",
    "Неоплаченные_продукты_штук_квартал": "2",
    "Ошибка_сервиса": "1",
    "Страниц_за_визит": "5",
}


def read_market(folder: Path, changed: dict[str, str]) -> Table:
    row = MARKET_ROW | changed
    text = "\r\n".join(
        [",".join(MARKET_ROW), ",".join(MARKET_ROW.values()), ",".join(row.values())]
    )
    return read(folder, text, columns.MARKET_FILE, ",", ".")


@pytest.mark.parametrize("share", ["0", "1", "0.99"])
def test_a_share_may_be_0_to_1(tmp_path, share):
    rows = read_market(tmp_path, {"Акционные_покупки": share}).rows
    assert rows["promo_share"].tolist() == [0.5, float(share)]


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("Акционные_покупки", "1.01", "a share between 0 and 1"),
        ("Акционные_покупки", "-0.1", "a share between 0 and 1"),
        ("Акционные_покупки", "nan", "a share between 0 and 1"),
        ("Маркет_актив_6_мес", "-3", "a number, 0 or more"),
        ("Ошибка_сервиса", "-1", "a whole number, 0 or more"),
        ("Ошибка_сервиса", "5.5", "a whole number, 0 or more"),
        ("Длительность", "", "a whole number, 0 or more"),
        ("Популярная_категория", "", "a text that isn't empty"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_line_column_and_kind(
    tmp_path, header, value, expected
):
    with pytest.raises(UserError) as caught:
        read_market(tmp_path, {header: value})
    assert f"line 3: '{header}' is '{value}', expected {expected}" in str(caught.value)


FORM = "id;Прибыль\n215348;4,96\n215351;-0,5\n215352;3000\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(FORM.encode("cp1251"), "cp1251", id="cp1251"),
        pytest.param(FORM.encode("koi8-r"), "koi8-r", id="koi8-r"),
        pytest.param(FORM.encode("cp866"), "cp866", id="cp866"),
        pytest.param(FORM.replace(";", "\t").encode("utf-16"), None, id="utf-16 with tabs"),
        pytest.param(FORM.encode("utf-8-sig"), None, id="byte order mark"),
        pytest.param(FORM.replace("\n", "\r"), None, id="line ends of an old Mac"),
        pytest.param("sep=;\n" + FORM, None, id="sep line"),
        pytest.param("Отчёт\n;\n" + FORM, "header is here", id="title above"),
        pytest.param(FORM.replace("\n2", "\n\n;\n2"), None, id="blank rows"),
        pytest.param(FORM.replace("\n", ";;\n"), None, id="trailing empty columns"),
        pytest.param(FORM.replace(";", " ; "), None, id="aligned with blanks"),
        pytest.param(FORM.replace("3000", "3\u00a0000"), None, id="thousands"),
        pytest.param(FORM.replace("Прибыль", "прибыль"), "read as 'Прибыль'", id="case of header"),
        pytest.param(FORM.replace("й", "и\u0306"), None, id="decomposed"),
        pytest.param(FORM.replace("2153", '="2153').replace(";4", '";4'), None, id="formula"),
        pytest.param(FORM.replace("\n", ";x\n"), "left out", id="extra column"),
    ],
)
def test_another_form_of_the_same_file_gives_the_same_rows_and_is_told(tmp_path, text, told):
    if isinstance(text, str) and '="2153' in text:
        text = 'id;Прибыль\n"=""215348""";4,96\n"=""215351""";-0,5\n"=""215352""";3000\n'
    table = read(tmp_path, text, separator="find")
    assert table.rows["customer_id"].tolist() == [215348, 215351, 215352]
    assert table.rows["monthly_profit"].tolist() == [4.96, -0.5, 3000.0]
    assert (told or "") in " ".join(f"{note.value} {note.done}" for note in table.notes)


@pytest.mark.parametrize(
    ("written", "meant"), [("4,5", 4.5), ("4.5", 4.5), ("0,125", 0.125), ("7", 7.0)]
)
def test_the_decimal_mark_is_found_where_only_one_makes_sense(tmp_path, written, meant):
    table = read(tmp_path, f"id;Прибыль\n1;{written}\n", separator="find", decimal="find")
    assert table.rows["monthly_profit"].tolist() == [meant]


@pytest.mark.parametrize("written", ["1,234", "1.234"])
def test_a_number_that_may_be_a_thousand_or_a_fraction_is_refused(tmp_path, written):
    with pytest.raises(UserError, match=r"prepare\.formats\.money\.decimal"):
        read(tmp_path, f"id;Прибыль\n1;{written}\n", separator="find", decimal="find")


def test_lines_are_counted_as_in_an_editor_below_a_title_and_blank_lines(tmp_path):
    with pytest.raises(UserError, match=r"line 6: 'Прибыль' is 'x'"):
        read(tmp_path, "Отчёт\n\nid;Прибыль\n1;4\n\n2;x\n", separator="find")


def test_leading_zeros_of_ids_are_not_lost_in_silence(tmp_path):
    (note,) = read(tmp_path, "id;Прибыль\n00215348;4,96\n00215351;5\n").notes
    assert (note.line, note.value) == (2, "00215348")
    assert "leading zeros are left out of 2" in note.done


@pytest.mark.parametrize("seed", range(200))
def test_a_damaged_file_is_read_or_refused_in_one_sentence(tmp_path, seed):
    draw = random.Random(seed)
    damaged = bytearray(("id;Прибыль\r\n" + "215348;4,96\r\n215351;-0,5\r\n" * 5).encode())
    for _ in range(draw.choice([1, 2, 5])):
        place = draw.randrange(len(damaged))
        match draw.randrange(3):
            case 0:
                damaged[place] = draw.randrange(256)
            case 1:
                del damaged[place : place + draw.choice([1, 3])]
            case _:
                damaged[place:place] = draw.choice([b";", b",", b'"', b"\n", b"\0", b"="])
    try:
        sentence = ""
        rows = len(read(tmp_path, bytes(damaged), separator="find").rows)
    except UserError as error:
        sentence, rows = str(error), 0
    assert rows > 0 or "money.csv" in sentence
    assert "\n" not in sentence


def test_question_marks_in_a_column_that_nobody_needs_are_no_lost_cyrillic(tmp_path):
    table = read(tmp_path, "id;Прибыль;Комментарий\n1;4,96;???\n")
    assert table.rows["monthly_profit"].tolist() == [4.96]
