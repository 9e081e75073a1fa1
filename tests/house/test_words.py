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
# Words that are also ours, or everybody's.
OURS = {"customer_id", "period", "activity", "minutes", "revenue"}
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
    assert not HEADERS & set(found)
    words = {word for text in found for word in re.findall(r"[a-z_0-9]+", text)}
    assert not (COLUMNS - OURS - {"favourite_category"}) & words
    if READING not in path.parts:
        assert [text for text in found if CYRILLIC.search(text)] == []


def test_the_test_would_find_them():
    assert "promo_share" in COLUMNS - OURS
    assert "Прибыль" in HEADERS
