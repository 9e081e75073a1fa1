"""What a stage writes bears its name, so that a file tells who made it."""

import re

import pytest
from imports import ROOT

from retention.harness.yaml12 import read_yaml

STAGES = read_yaml(ROOT / "dvc.yaml")["stages"]
CAMPAIGN = read_yaml(ROOT / "campaign/dvc.yaml")["stages"]
# Tables that many stages read, and what goes to people or to another machine.
EXEMPT = re.compile(
    r"data/(customers|folds|scores)\.parquet|metrics/headline\.json|(data/demo(_next)?|models|offers|report)/"
)
# Turns what others found into figures and pictures, which bear the finder's name.
DRAWS = {"draw", "draw_short", "judge"}


def outputs(stage):
    body = {**STAGES, **CAMPAIGN}[stage]
    body = body.get("do", body)
    for out in [*body.get("outs", []), *body.get("metrics", [])]:
        yield out if isinstance(out, str) else next(iter(out))


@pytest.mark.parametrize("stage", sorted(set(STAGES) - DRAWS))
def test_outputs_bear_the_name_of_their_stage(stage):
    own = re.compile(rf"metrics/{stage}\.json|(data|plots)/{stage}/[^/]+")
    folder = f"data/{stage}"
    wrong = [
        out
        for out in outputs(stage)
        if not (own.fullmatch(out) or EXEMPT.match(out) or out == folder)
    ]
    assert wrong == []


# What goes on: the file that came back, and what the next plan takes in.
GOES_ON = {"campaign/answers.csv", "campaign/learned.yaml"}


@pytest.mark.parametrize("stage", sorted(CAMPAIGN))
def test_outputs_of_a_campaign_bear_the_name_of_their_stage(stage):
    own = re.compile(rf"campaign/({stage}\.md|metrics/{stage}\.json|plots/{stage}/[^/]+)")
    assert [out for out in outputs(stage) if not own.fullmatch(out) and out not in GOES_ON] == []


@pytest.mark.parametrize("stage", sorted(DRAWS))
def test_figures_and_pictures_bear_the_name_of_the_stage_that_found_them(stage):
    assert set(STAGES[stage]["foreach"]) <= set(STAGES) - DRAWS
    assert set(outputs(stage)) <= {"metrics/${item}.json", "plots/${item}"}


def test_a_chart_module_bears_the_name_of_a_stage():
    modules = {path.stem for path in (ROOT / "retention/charts").glob("*.py")}
    of_several = {"style", "heat", "joined"}
    assert modules - {"__init__", *of_several} <= {*STAGES, *CAMPAIGN}


def test_a_section_of_the_parameters_bears_the_name_of_a_stage():
    shared = {"seed", "confidence", "data", "features", "families", "search", "report"}
    sections = set(read_yaml(ROOT / "params.yaml")) - shared
    assert sections <= set(STAGES)
