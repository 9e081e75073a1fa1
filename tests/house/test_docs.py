"""The documents show the figures that the committed metrics have, and name only what exists."""

import re

import pytest
from imports import ROOT

from retention.harness.yaml12 import read_yaml
from tools.docs import DOCUMENTS, renewed
from tools.readme import WORDS


def _text(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", list(DOCUMENTS))
def test_figures_are_those_of_the_metrics(name):
    assert _text(name) == renewed(_text(name), DOCUMENTS[name]), "run `make docs`"


def test_a_document_without_its_marks_is_refused():
    with pytest.raises(ValueError, match="the marks of 'audit' are missing"):
        renewed("# No marks\n", DOCUMENTS["docs/audit.md"])


@pytest.mark.parametrize("name", [*DOCUMENTS, "campaign/README.md"])
def test_linked_files_exist(name):
    links = re.findall(r"\]\(([^)#:]+)\)", _text(name))
    outs = set(re.findall(r"^ *- (\S+): \{", _text("dvc.yaml"), re.MULTILINE))
    folder = (ROOT / name).parent
    missing = [link for link in links if not (folder / link).exists() and link not in outs]
    assert missing == []


@pytest.mark.parametrize("name", list(WORDS))
def test_every_stage_is_named(name):
    stages = read_yaml(ROOT / "dvc.yaml")["stages"]
    assert [stage for stage in stages if f"`{stage}" not in _text(name)] == []


def test_every_stage_of_a_campaign_is_named():
    stages = read_yaml(ROOT / "campaign/dvc.yaml")["stages"]
    assert [stage for stage in stages if f"`{stage}`" not in _text("campaign/README.md")] == []
