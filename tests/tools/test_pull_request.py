"""What CI runs on a pull request, on small repositories; the workflow names only what is there."""

import re
import subprocess
import sys

import pytest
from imports import ROOT
from repositories import Repository

from retention.harness.yaml12 import read_yaml
from tools.pull_request import main


@pytest.fixture
def repository(tmp_path, monkeypatch):
    made = Repository(tmp_path)
    monkeypatch.chdir(tmp_path)
    return made


def test_a_branch_is_compared_with_where_it_left_its_base(repository, capsys):
    left = repository.run().commit()
    repository.git("switch", "--quiet", "--create", "idea")
    repository.run(knowledge=2.2).commit()
    repository.git("switch", "--quiet", "main")
    repository.run(knowledge=2.2, noise=1).commit("main goes on")
    repository.git("switch", "--quiet", "idea")
    main(["compare", "main"])
    text = capsys.readouterr().out
    assert text.startswith(f"### main ({left[:7]}) → HEAD (")
    assert "**Better: ROC-AUC" in text
    assert "`main` has gone on since" in text
    assert (repository.folder / "comparison.png").stat().st_size > 10_000


def test_an_old_base_is_no_failure(repository, capsys):
    repository.run()
    (repository.folder / "plots/evaluate/outer.csv").unlink()
    repository.commit()
    repository.git("switch", "--quiet", "--create", "idea")
    repository.run().commit()
    main(["compare", "main"])
    assert "main has no plots/evaluate/outer.csv" in capsys.readouterr().out
    assert not (repository.folder / "comparison.png").exists()


def test_histories_that_never_met_get_one_sentence(repository):
    repository.run().commit()
    repository.git("switch", "--quiet", "--orphan", "other")
    repository.run().commit("Another beginning")
    with pytest.raises(SystemExit, match=r"no commit in common here.*--unshallow"):
        main(["compare", "main"])


def dvc(*arguments):
    subprocess.run([sys.executable, "-m", "dvc", *arguments], check=True, capture_output=True)


def test_a_lock_that_is_behind_names_its_stages(repository, capsys):
    dvc("init")
    (repository.folder / ".gitignore").write_text("/made.txt\n")
    (repository.folder / "code.txt").write_text("1")
    copy = {"cmd": "cp code.txt made.txt", "deps": ["code.txt"], "outs": ["made.txt"]}
    repository.write("dvc.yaml", {"stages": {"copy": copy}})
    dvc("repro")
    repository.commit()
    (repository.folder / "made.txt").unlink()  # CI has no data
    main(["lock"])
    assert "dvc.lock is of the committed code" in capsys.readouterr().out
    (repository.folder / "code.txt").write_text("2")
    with pytest.raises(SystemExit, match=r"older than the code or the settings of copy: run `dvc"):
        main(["lock"])


def test_the_workflow_is_yaml_and_runs_what_is_there():
    file = ROOT / ".github/workflows/check.yaml"
    jobs = read_yaml(file)["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    clones = [step["with"] for step in steps if step.get("uses", "").startswith("actions/checkout")]
    assert [clone["fetch-depth"] for clone in clones] == [0] * len(jobs)
    text = file.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"run: make (\w+)", text):
        assert f"\n{target}:" in makefile
    for module in re.findall(r"python -m tools\.(\w+)", text):
        assert (ROOT / f"tools/{module}.py").is_file()
