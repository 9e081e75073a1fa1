"""Nothing grows until nobody reads it: sizes of scripts, functions, rooms and of dvc.yaml."""

import ast

import pytest
from imports import ROOT

SCRIPT, FUNCTION, ENTRIES, PIPELINE = 120, 60, 24, 700
SCRIPTS = sorted((ROOT / "stages").glob("*.py"))
MODULES = sorted(
    path for folder in ("retention", "stages", "tools") for path in (ROOT / folder).rglob("*.py")
)


def code_lines(function):
    """Return how many lines a function has, apart from its docstring."""
    first = function.body[0]
    docstring = ast.get_docstring(function) is not None
    told = first.end_lineno - first.lineno + 1 if docstring else 0
    return function.end_lineno - function.lineno + 1 - told


def lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_can_be_read_at_a_sight(path):
    assert lines(path) <= SCRIPT


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_function_can_be_read_at_a_sight(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    long = {
        node.name: code_lines(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and code_lines(node) > FUNCTION
    }
    assert long == {}


def test_the_package_has_few_entries():
    entries = [path for path in (ROOT / "retention").iterdir() if path.name[0] not in "_."]
    assert len(entries) <= ENTRIES


def test_the_table_of_contents_is_short():
    assert lines(ROOT / "dvc.yaml") <= PIPELINE
