"""Code knows no word of the shop: what it must know of a column, the contract's roles say."""

import ast
import re

import pytest
from imports import ROOT
from shop import CONTRACT

# The demo store imitates one shop, and says so.
CODE = [
    path
    for folder in ("retention", "stages")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "demo" not in path.parts
]
HEADERS = {
    column.header
    for table in CONTRACT.tables.values()
    for column in table.columns.values()
    if column.header != "id"
}
COLUMNS = {*CONTRACT.columns, *(name for t in CONTRACT.tables.values() for name in t.columns)}
# Words that are also ours: of the id, of a kind of column, and of what the role `category` gives.
OURS = {"customer_id", "period", "favourite_category"}
VALUES = {
    value
    for table in CONTRACT.tables.values()
    for column in table.columns.values()
    for value in (*(column.values or ()), *(column.periods or {}).values())
}
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
# What reading looks for in any shop's files: words of totals and months, letters of encodings.
READING = "intake"


def texts(path):
    """Return the texts of a module but for its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_knows_a_header_a_value_or_a_column_of_the_shop(path):
    found = texts(path)
    assert not (HEADERS | VALUES) & set(found)
    words = {word for text in found for word in re.findall(r"[a-z_0-9]+", text)}
    assert not (COLUMNS - OURS) & words
    if READING not in path.parts:
        assert [text for text in found if CYRILLIC.search(text)] == []


def test_the_test_would_find_them(tmp_path):
    code = tmp_path / "module.py"
    code.write_text('"""promo_share"""\nA = "Прибыль"\nB = f"{A} > promo_share * 2"\nC = "да"\n')
    found = texts(code)
    assert HEADERS & set(found) == {"Прибыль"}
    assert VALUES & set(found) == {"да"}
    assert {"promo_share", "revenue", "revenue_current", "activity"} <= COLUMNS - OURS
    assert "promo_share" not in found  # the docstring
    assert [text for text in found if "promo_share" in text] == [" > promo_share * 2"]
    assert len(CODE) > 100
