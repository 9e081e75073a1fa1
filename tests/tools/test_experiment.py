"""Ready experiments: their files, and the command that runs and compares them."""

import shutil
import subprocess
import sys

import pytest
from dvc.utils.hydra import apply_overrides
from imports import ROOT
from repositories import Repository

from retention.harness.yaml12 import read_yaml
from stages.parameters.whole import check_parameters
from tools import experiment

READY = sorted(path.stem for path in (ROOT / "experiments").glob("*.yaml"))
SEEDS = {"seed_002_svc", "seed_003_pipelines", "seed_003_tree"}


@pytest.fixture
def here(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", READY)
def test_the_settings_are_sound_and_change_something(name, tmp_path):
    one = experiment.load(name)
    assert one.question.rstrip().endswith("?") or "?" in one.question
    copy = tmp_path / "params.yaml"
    shutil.copy(ROOT / "params.yaml", copy)
    apply_overrides(copy, one.settings)
    assert check_parameters(copy) != check_parameters(ROOT / "params.yaml")


def test_those_are_there_that_people_ask_for():
    others = {"interpretable", "small_and_fast", "everything", "engineered_columns"}
    assert SEEDS | others | {"more_repeats", "other_seed"} <= set(READY)


@pytest.mark.usefixtures("here")
def test_they_are_listed_with_their_questions(capsys):
    experiment.main(["--list"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == READY


@pytest.mark.usefixtures("here")
def test_an_unknown_one_gets_one_sentence():
    with pytest.raises(SystemExit, match=r"experiments/everthing\.yaml is missing: use one of"):
        experiment.main(["everthing"])


STAGE = """
import json, pathlib, yaml
text = pathlib.Path("params.yaml").read_text()
pathlib.Path("metrics").mkdir(exist_ok=True)
figures = {"roc_auc": yaml.safe_load(text)["pull"]}
pathlib.Path("metrics/headline.json").write_text(json.dumps(figures))
"""


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Give a repository of one stage, whose metric is a setting, and a ready experiment."""
    made = Repository(tmp_path)
    made.write("params.yaml", {"pull": 0.5})
    out = {"metrics/headline.json": {"cache": False}}
    copy = {"cmd": f"{sys.executable} stage.py", "deps": ["stage.py"], "params": ["pull"]}
    made.write("dvc.yaml", {"stages": {"evaluate": {**copy, "outs": [out]}}})
    (tmp_path / "stage.py").write_text(STAGE)
    (tmp_path / "experiments").mkdir()
    made.write(
        "experiments/strong.yaml", {"question": "More?", "settings": ["pull=0.7"], "look_at": "It."}
    )
    monkeypatch.chdir(tmp_path)
    for arguments in (["init"], ["repro"]):
        subprocess.run([sys.executable, "-m", "dvc", *arguments], check=True, capture_output=True)
    made.commit()
    return made


def metric(made):
    return read_yaml(made.folder / "metrics/headline.json")["roc_auc"]


def test_it_runs_becomes_an_experiment_and_leaves_the_workspace_as_it_was(small, capfd):
    experiment.main(["strong"])
    said = capfd.readouterr().out
    assert "$ dvc exp run --name strong -S pull=0.7 evaluate" in said
    assert "0.5000  0.7000" in said
    assert "pull: 0.5 → 0.7" in said
    assert "Look at: It." in said
    assert (small.git("status", "--porcelain"), metric(small)) == ("", 0.5)
    with pytest.raises(SystemExit, match="has run already: add --again"):
        experiment.main(["strong"])
    experiment.main(["--all"])
    assert "strong has run already" in capfd.readouterr().out


def test_edits_would_become_part_of_it_and_are_refused(small):
    small.write("params.yaml", {"pull": 0.6})
    with pytest.raises(SystemExit, match=r"params\.yaml differs from the last commit.*git stash"):
        experiment.main(["strong"])
    assert read_yaml(small.folder / "params.yaml") == {"pull": 0.6}


def test_one_that_fails_says_so_and_leaves_the_workspace_as_it_was(small):
    small.write(
        "experiments/wrong.yaml", {"question": "?", "settings": ["pull=x y"], "look_at": "It."}
    )
    (small.folder / "stage.py").write_text("raise SystemExit(1)")
    small.commit()
    with pytest.raises(SystemExit, match="the experiment 'wrong' failed"):
        experiment.main(["wrong"])
    assert (small.git("status", "--porcelain"), metric(small)) == ("", 0.5)


def test_the_table_has_a_row_for_each_that_has_run(tmp_path, monkeypatch, capsys):
    made = Repository(tmp_path)
    (tmp_path / "experiments").mkdir()
    for name in ("sharp", "noisy", "never"):
        settings = {"question": "?", "settings": ["a=1"], "look_at": "It."}
        made.write(f"experiments/{name}.yaml", settings)
    baseline = made.run().commit()
    for name, run in (("sharp", {"knowledge": 2.2}), ("noisy", {"noise": 1})):
        commit = made.run(**run).commit()
        made.git("update-ref", f"refs/exps/{baseline[:2]}/{baseline[2:]}/{name}", commit)
        made.git("reset", "--quiet", "--hard", baseline)
    monkeypatch.chdir(tmp_path)
    found = experiment.table().set_index("experiment")
    assert "never: not run yet" in capsys.readouterr().err
    assert found["roc_auc"].to_dict() == {"noisy": "within noise", "sharp": "better"}
    assert (found["low"] < found["difference"]).all()
    alone = experiment.compared(experiment.revision("HEAD"), [experiment.revision("sharp")])[0][
        "figures"
    ][0]
    width = found.loc["sharp", "high"] - found.loc["sharp", "low"]
    assert width > alone["high"] - alone["low"], "more revisions, wider intervals"
