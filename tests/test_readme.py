"""The READMEs show the figures that the committed metrics have, and name only what exists."""

import re

import pytest
from imports import ROOT

from retention.yaml12 import read_yaml
from tools.readme import WORDS, with_figures


@pytest.mark.parametrize("name", list(WORDS))
def test_figures_are_those_of_the_metrics(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text == with_figures(text, WORDS[name]), "run `make readme`"


@pytest.mark.parametrize("name", list(WORDS))
def test_linked_files_exist(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert links
    outs = set(re.findall(r"^ *- (\S+): \{", (ROOT / "dvc.yaml").read_text("utf-8"), re.MULTILINE))
    assert [link for link in links if not (ROOT / link).exists() and link not in outs] == []


@pytest.mark.parametrize("name", list(WORDS))
def test_every_stage_is_named(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    stages = read_yaml(ROOT / "dvc.yaml")["stages"]
    assert [stage for stage in stages if f"`{stage}" not in text] == []
