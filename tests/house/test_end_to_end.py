"""The pipeline as a user runs it, on a small demo store in a clone of its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from imports import ROOT
from scipy.special import expit

from retention.harness.files import read_json
from retention.harness.yaml12 import read_yaml

SMALL_GRID = {
    "knn": {"n_neighbors": [9, 21], "weights": ["uniform"], "p": [2]},
    "tree": {
        "max_depth": [3],
        "min_samples_split": [2],
        "min_samples_leaf": [5],
    },
    "extra_trees": {"n_estimators": [20], "max_features": [0.4], "min_samples_leaf": [1]},
    "mixture": {"components_0": [1], "components_1": [1, 2], "reg_covar": [0.1]},
    "logistic": {"C": [0.1, 1.0], "class_weight": [None]},
    "svc": {"kernel": ["rbf"], "C": [1.0], "gamma": ["scale"], "degree": [3]},
}


class Clone:
    """A copy of the repository with a pipeline small enough for a test."""

    def __init__(self, folder: Path):
        self.folder = folder
        listed = self.run_in(ROOT, "git", "ls-files", "-co", "--exclude-standard").stdout
        for name in listed.splitlines():
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        (folder / "dvc.lock").unlink()
        self.run_in(folder, "git", "init", "--quiet")
        self.edit(self.make_small)

    @staticmethod
    def make_small(params):
        """Cut a run to the shortest that still does everything."""
        params["simulate"]["customers"] = 300
        params["split"]["repeats"] = 1
        params["explain"].update(background=10, importance_repeats=2)
        params["evaluate"]["bootstrap_samples"] = 100
        params["cut"].update(bootstrap_samples=20, shuffles=99)
        params["learn"]["shares"] = [0.5, 1.0]
        params["confront"]["customers"] = 500
        params["discover"]["resamples"] = 4
        params["discover"]["clusters"]["most"] = 4
        for family, grid in SMALL_GRID.items():
            params["families"][family] = {"encoder": ["one-hot"], "scaler": ["standard"], **grid}

    @staticmethod
    def run_in(folder, *command):
        """Run a command with the tests' own Python first in the path."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        return subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    def edit(self, change):
        """Let `change` alter the parameters."""
        file = self.folder / "params.yaml"
        params = read_yaml(file)
        change(params)
        file.write_text(yaml.safe_dump(params, allow_unicode=True, sort_keys=False), "utf-8")

    def repro(self, *options):
        """Run the pipeline."""
        return self.run_in(self.folder, "dvc", "repro", *options)

    def content(self, *folders):
        """Return file → bytes."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for folder in folders
            for path in sorted((self.folder / folder).rglob("*"))
            if path.is_file()
        }


def stages_run(result):
    return re.findall(r"Running stage '([^']+)'", result.stdout + result.stderr)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    clone = Clone(tmp_path_factory.mktemp("clone"))
    result = clone.repro()
    assert result.returncode == 0, result.stdout + result.stderr
    return clone


@pytest.fixture
def clone(built, tmp_path):
    """Give a built pipeline that a test may change."""
    copy = tmp_path / "clone"
    shutil.copytree(built.folder, copy, symlinks=True)
    other = object.__new__(Clone)
    other.folder = copy
    return other


def test_every_output_is_there_and_nothing_is_left_to_run(built):
    outs = [
        out["path"]
        for stage in read_yaml(built.folder / "dvc.lock")["stages"].values()
        for out in stage["outs"]
    ]
    assert [out for out in outs if not (built.folder / out).is_file()] == []
    assert stages_run(built.repro()) == []


def test_a_forced_run_gives_the_same_bytes(built):
    before = built.content("metrics", "plots"), (built.folder / "dvc.lock").read_bytes()
    assert len(stages_run(built.repro("--force"))) == 28
    assert (built.content("metrics", "plots"), (built.folder / "dvc.lock").read_bytes()) == before


def test_scores_and_lists_are_of_the_customers_who_were_kept(built):
    data = built.folder / "data"
    customers = pd.read_parquet(data / "customers.parquet")
    scores = pd.read_parquet(data / "scores.parquet")
    values = pd.read_parquet(data / "shap_values.parquet")
    excluded = pd.read_csv(data / "excluded.csv")
    contacts = pd.read_csv(built.folder / "offers" / "contact_list.csv")
    assert len(customers) + len(excluded) == 300
    assert scores["customer_id"].tolist() == customers["customer_id"].tolist()
    explained = values.drop(columns="customer_id").sum(axis=1)
    assert (expit(explained) - scores["probability"]).abs().max() < 1e-6
    assert set(contacts["customer_id"]) <= set(customers["customer_id"])
    refused = customers.loc[customers["allows_messages"] == "нет", "customer_id"]
    assert "message" not in set(contacts.loc[contacts["customer_id"].isin(refused), "channel"])


def test_the_model_ranks_declines_first(built):
    evaluation = read_json(built.folder / "metrics" / "evaluation.json")
    assert evaluation["holdout"]["roc_auc"]["value"] > 0.75
    assert evaluation["dummy"]["roc_auc"] == 0.5


def test_a_change_of_one_grid_reruns_that_family_and_what_follows(clone):
    clone.edit(lambda params: params["families"]["logistic"].update(C=[0.5, 2.0]))
    ran = stages_run(clone.repro())
    assert {stage for stage in ran if stage.startswith("tune")} == {"tune@logistic"}
    assert not {"simulate", "prepare", "explore", "correlate", "split", "audit"} & set(ran)
    assert ran[0] == "tune@logistic"
    assert "choose" in ran


def test_a_removed_family_is_out_of_the_choice(clone):
    clone.edit(lambda params: params["families"].pop("knn"))
    assert clone.repro("choose").returncode == 0
    assert "knn" not in set(pd.read_csv(clone.folder / "data" / "choice.csv")["family"])
    choice = read_json(clone.folder / "metrics" / "choice.json")
    assert set(choice["members"]) == {"extra_trees", "mixture"}


def test_the_shops_own_files_need_one_changed_parameter(clone):
    raw = clone.folder / "data" / "raw"
    raw.mkdir()
    for name in ("market_file", "market_money", "market_time", "money"):
        shutil.copy(clone.folder / "data" / "demo" / f"{name}.csv", raw)
    clone.edit(lambda params: params["data"].update(source="data/raw"))
    # The same customers as before, so nothing else has to run.
    assert stages_run(clone.repro()) == ["prepare", "confront", "report"]
    assert read_json(clone.folder / "metrics" / "ceiling.json") == {"known": False}
    page = (clone.folder / "report" / "index.html").read_text("utf-8")
    assert "демонстрационных" not in page


def test_a_wrong_file_gives_one_sentence_and_keeps_earlier_results(clone):
    file = clone.folder / "data" / "demo" / "market_file.csv"
    lines = file.read_text("utf-8").split("\n")
    lines[4] = lines[4].replace("Прежний уровень", "?").replace("Снизилась", "?")
    file.write_text("\n".join(lines), "utf-8")
    before = clone.content("metrics", "plots", "data")
    result = clone.repro("--single-item", "prepare")
    assert result.returncode != 0
    assert "market_file.csv, line 5: activity is '?'" in result.stderr
    assert "Traceback" not in result.stderr
    assert clone.content("metrics", "plots", "data") == before


def test_a_mistake_anywhere_in_the_parameters_stops_every_stage(clone):
    def mistake(params):
        params["seed"] = 7
        params["offer"]["horizon"] = params["offer"].pop("horizon_months")

    clone.edit(mistake)
    result = clone.repro()
    assert result.returncode != 0
    assert "'offer' has the unknown key 'horizon': did you mean 'horizon_months'?" in result.stderr
    assert "Traceback" not in result.stderr


def test_removing_a_parameter_says_which(clone):
    clone.edit(lambda params: params["split"].pop("folds"))
    result = clone.run_in(clone.folder, "python", "-m", "stages.split")
    assert result.returncode == 1
    assert result.stderr.strip() == (
        "params.yaml: 'split.folds' is missing: add it, or restore it from git."
    )
