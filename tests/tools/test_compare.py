"""`tools.compare` as a user runs it, on small repositories with what a run leaves in git."""

import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image
from repositories import Repository

from tools.compare import main


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Give a repository whose branch main has a run."""
    folder = tmp_path / "repository"
    folder.mkdir()
    made = Repository(folder)
    made.run().commit()
    monkeypatch.chdir(folder)
    return made


def compared(capsys, *arguments):
    main(["main", *arguments, "--json"])
    return json.loads(capsys.readouterr().out)


def verdicts(report):
    return {one["figure"]: one["verdict"] for one in report["figures"]}


def figure(report, name="roc_auc"):
    return next(one for one in report["figures"] if one["figure"] == name)


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        main([*arguments])
    assert capsys.readouterr().out == ""
    sentence = str(stopped.value)
    assert "\n" not in sentence
    return sentence


@pytest.mark.usefixtures("repository")
def test_the_same_run_is_the_same(capsys):
    report = compared(capsys)
    assert report["compared"]["how"] == "pairs"
    assert set(verdicts(report).values()) == {"the same"}
    main(["main"])
    assert "Every figure is the same." in capsys.readouterr().out


def test_a_run_that_differs_by_luck_is_within_noise(repository, capsys):
    repository.run(noise=1)
    report = compared(capsys)
    assert set(verdicts(report).values()) == {"within noise"}
    assert [*verdicts(report)] == [
        "roc_auc",
        "log_loss",
        "brier",
        "in_the_large",
        "precision",
        "recall",
    ]
    main(["main"])
    assert "Nothing differs by more than noise." in capsys.readouterr().out


def test_a_better_model_is_better_and_a_worse_one_worse(repository, capsys):
    repository.run(knowledge=2.2)
    found = verdicts(compared(capsys))
    assert {found[name] for name in ("roc_auc", "log_loss", "brier")} == {"better"}
    repository.git("switch", "--quiet", "--create", "better")
    repository.commit()
    main(["better", "main", "--json"])
    back = json.loads(capsys.readouterr().out)
    assert figure(back)["verdict"] == "worse"
    assert figure(back)["before"] > figure(back)["after"]
    assert back["families"][0]["figure"] == "knn"
    assert back["families"][0]["verdict"] == "worse"


def test_other_folds_and_other_customers_are_said_and_widen_the_interval(repository, capsys):
    def width(report):
        return figure(report)["high"] - figure(report)["low"]

    repository.run(noise=1)
    paired = compared(capsys)
    repository.run(noise=1, folds_seed=7)
    folds = compared(capsys)
    assert folds["compared"]["how"] == "customers"
    assert "other folds" in folds["compared"]["why"]
    repository.run(noise=1, customers_seed=3)
    others = compared(capsys)
    assert others["compared"]["how"] == "means"
    assert "Other customers" in others["compared"]["why"]
    assert others["customers"]["rows_in_common"] == 0
    assert width(paired) < width(folds) < width(others)
    main(["main"])
    assert "0 rows are in both" in capsys.readouterr().out.replace("\n", " ")


def test_another_number_of_repeats_is_compared_on_those_in_common(repository, capsys):
    repository.run(noise=1, repeats=6)
    report = compared(capsys)
    # Folds of more repeats are drawn after those of fewer: the first ones are the same.
    assert (report["compared"]["how"], report["compared"]["repeats"]) == ("pairs", 4)
    assert "repeats they share" in report["compared"]["why"]


def test_few_of_a_class_get_no_verdict(repository, capsys):
    repository.run(n=60, rate=0.1, customers_seed=4).commit()
    repository.run(n=60, rate=0.1, customers_seed=4, noise=1)
    report = compared(capsys)
    assert report["compared"]["how"] == "not"
    assert "separate customers" in report["compared"]["why"]
    assert set(verdicts(report).values()) == {"unknown"}


def test_a_revision_without_outer_folds_is_shown_without_a_verdict(repository, capsys):
    (repository.folder / "plots/evaluate/outer.csv").unlink()
    main(["main"])
    said = " ".join(capsys.readouterr().out.split())
    assert "workspace has no plots/evaluate/outer.csv" in said
    assert "run `dvc repro evaluate`" in said
    assert "No verdict." in said
    assert "ROC-AUC" in said


def test_another_outcome_is_not_compared(repository, capsys):
    roles = {"roles": {"outcome": {"column": "activity", "decline": "less"}}}
    repository.run(contract=roles).commit()
    roles["roles"]["outcome"]["decline"] = "gone"
    repository.run(contract=roles)
    report = compared(capsys)
    assert report["compared"]["how"] == "not"
    assert "another outcome" in report["compared"]["why"]
    assert report["changed"]["contract"] == {"roles.outcome.decline": ["less", "gone"]}


def stages(md5="1"):
    deps = [
        {"path": "retention/models", "md5": md5},
        {"path": "data/customers.parquet", "md5": md5},
    ]
    return {
        "evaluate": {
            "cmd": "python -m stages.evaluate",
            "deps": deps,
            "params": {"params.yaml": {"seed": 1}},
        }
    }


def test_what_changed_stands_beside_the_figures(repository, capsys):
    segments = {"few_pages": {"customers": 10}, "others": {"customers": 7}}
    repository.run(stages=stages(), segment=segments).commit()
    segments["few_pages"]["customers"] = 25
    repository.run(stages=stages("2"), segment=segments, knowledge=1.7, params={"more": [1, 2]})
    (repository.folder / "requirements.txt").write_text("numpy\n")
    main(["main"])
    text = capsys.readouterr().out
    assert "more: – → [1, 2]" in text
    assert "retention/models (evaluate)" in text
    assert "few_pages: 10 → 25" in text
    assert "others" not in text
    assert "requirements.txt differs" in text
    assert re.search(r"Called declining:\n  \d+ → \d+: \d+ stay", text)
    assert "data/customers" not in text


def test_figures_that_are_older_than_the_settings_are_said_to_be(repository, capsys):
    repository.run(stages=stages(), params={"seed": 2})
    main(["main"])
    said = " ".join(capsys.readouterr().out.split())
    assert "workspace: these figures are older than seed: run `dvc repro evaluate`." in said
    assert "main: these figures" not in said


def test_the_increment_of_a_plan_is_compared_where_it_is_known(repository, capsys):
    def decide(value, low, high):
        realised = {"value": value, "low": low, "high": high}
        return {"over": {"everybody": {"expected": 1.0, "realised": realised}}}

    repository.run(decide=decide(100, 90, 110)).commit()
    repository.run(decide=decide(200, 190, 210))
    assert verdicts(compared(capsys))["increment.over_everybody"] == "better"
    main(["main"])
    told = capsys.readouterr().out
    assert re.search(r"^over everybody +100 +200 .*better", told, re.MULTILINE)
    assert "what a plan brings by known outcomes" in told
    repository.run(decide=decide(1, None, None))
    assert "increment.over_everybody" not in verdicts(compared(capsys))


def test_lists_are_compared_where_the_cache_or_the_workspace_has_them(repository, capsys):
    digest = "ab" + 30 * "0"
    lock = {"offer": {"outs": [{"path": "offers/contact_list.csv", "md5": digest}]}}
    (repository.folder / ".gitignore").write_text("/offers/\n/cache/\n")
    (repository.folder / ".dvc").mkdir()
    (repository.folder / ".dvc/config").write_text("[cache]\n    dir = ../cache\n")
    repository.run(stages=lock).commit()
    assert compared(capsys)["contacts"] is None
    for folder, name, ids in (("cache/files/md5/ab", 30 * "0", (1, 2)), ("offers", "", (2, 3, 4))):
        (repository.folder / folder).mkdir(parents=True)
        rows = "".join(f"{one},message\n" for one in ids)
        file = repository.folder / folder / (name or "contact_list.csv")
        file.write_text(f"customer_id,channel\n{rows}")
    found = compared(capsys)["contacts"]
    assert (found["stayed"], found["came"], found["went"]) == (1, 2, 1)
    assert found["jaccard"] == 0.25


def test_a_clone_without_anything_but_git_is_enough(repository, tmp_path, monkeypatch, capsys):
    repository.git("switch", "--quiet", "--create", "wider")
    repository.run(knowledge=2.2).commit()
    repository.git("tag", "v1")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(repository.folder), str(clone)], check=True)
    monkeypatch.chdir(clone)
    # The clone has `wider` alone: main is a branch of origin.
    assert verdicts(compared(capsys, "v1"))["roc_auc"] == "better"
    commit = repository.git("rev-parse", "--short", "HEAD")
    assert verdicts(compared(capsys, commit))["roc_auc"] == "better"


def test_an_experiment_is_known_by_its_name(repository, capsys):
    baseline = repository.git("rev-parse", "HEAD")
    commit = repository.run(knowledge=2.2).commit()
    repository.git("update-ref", f"refs/exps/{baseline[:2]}/{baseline[2:]}/sharp-idea", commit)
    repository.git("reset", "--quiet", "--hard", baseline)
    report = compared(capsys, "sharp-idea")
    assert report["after"] == {"name": "sharp-idea", "commit": commit}
    assert figure(report)["verdict"] == "better"


@pytest.mark.usefixtures("repository")
def test_an_unknown_revision_gets_one_sentence(capsys):
    assert "'mian' is no branch, tag, commit or experiment here" in refused(capsys, "mian")
    assert "'--all' is no branch" in refused(capsys, "main", "--", "--all")


def test_a_zip_without_history_gets_one_sentence(repository, capsys):
    shutil.rmtree(repository.folder / ".git")
    sentence = refused(capsys, "main")
    assert "is no clone of a repository" in sentence
    assert "`git clone`" in sentence


def test_every_form_fits_where_it_is_read(repository, capsys):
    long = {f"setting_{number}": "x" * 70 for number in range(20)}
    repository.run(noise=1, customers_seed=3, params=long)
    main(["main"])
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "and 8 more (--json has them)" in text
    main(["main", "--markdown"])
    table = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in table} == {7}
    assert len(table) == 2 + 6 + 1


@pytest.mark.parametrize("other", [{"noise": 1}, {"customers_seed": 3}])
def test_the_picture_is_drawn_and_the_same_again(repository, other, capsys):
    repository.run(**other)
    files = [repository.folder / f"{name}.png" for name in ("first", "again")]
    for file in files:
        main(["main", "--plot", str(file)])
    assert "ROC-AUC" in capsys.readouterr().out
    first, again = (file.read_bytes() for file in files)
    assert first == again
    pixels = np.asarray(Image.open(files[0]))
    thirds = np.array_split(pixels, 3, axis=1)
    assert all(np.unique(part.reshape(-1, 3), axis=0).shape[0] > 20 for part in thirds)


def test_nothing_to_draw_gets_one_sentence(repository, capsys):
    (repository.folder / "plots/evaluate/outer.csv").unlink()
    with pytest.raises(SystemExit, match="there is nothing to draw"):
        main(["main", "--plot", "picture.png"])
    assert "No verdict" in capsys.readouterr().out
