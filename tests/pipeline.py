"""The pipeline as a user runs it, small enough for a test, in a clone of its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from imports import ROOT

from retention.harness.yaml12 import read_yaml

SMALL_GRID = {
    "knn": {"n_neighbors": [9, 21], "weights": ["uniform"], "p": [2]},
    "tree": {"max_depth": [3], "min_samples_split": [2], "min_samples_leaf": [5]},
    "extra_trees": {"n_estimators": [10], "max_features": [0.4], "min_samples_leaf": [1, 2]},
    "mixture": {"components_0": [1], "components_1": [1, 2], "reg_covar": [0.1]},
    "logistic": {"C": [0.1, 1.0]},
    "svc": {"kernel": ["rbf"], "C": [1.0], "gamma": ["scale"], "degree": [3]},
}
# Stages that may take minutes: no word, language, level or bin re-runs them.
LONG = ("audit", "confront", "cut", "discover", "explain", "learn", "nest", "tune", "train")


class Clone:
    """A copy of the repository with a pipeline small enough for a test."""

    def __init__(self, folder: Path):
        self.folder = folder
        listed = self.run_in(ROOT, "git", "ls-files", "-co", "--exclude-standard").stdout
        for name in listed.splitlines():
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        for lock in ("dvc.lock", "campaign/dvc.lock"):
            (folder / lock).unlink(missing_ok=True)
        self.run_in(folder, "git", "init", "--quiet")
        self.edit(self.make_small)

    def copied(self, folder):
        """Return a copy in another folder, with all that was built."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Clone.at(folder)

    @classmethod
    def at(cls, folder):
        """Return the copy that stands in a folder already."""
        clone = object.__new__(cls)
        clone.folder = folder
        return clone

    @staticmethod
    def make_small(params):
        """Cut a run to the shortest that still does everything."""
        params["simulate"]["customers"] = 300
        params["split"].update(folds=3, repeats=2)
        params["explain"].update(background=10, importance_repeats=2)
        params["evaluate"]["bootstrap_samples"] = 100
        params["expect"].update(draws=200, permutations=199)
        params["decide"]["bootstrap_samples"] = 100
        params["offer"].update(draws=200, steps=5)
        params["cut"].update(bootstrap_samples=20, shuffles=99)
        params["learn"]["shares"] = [0.5]
        params["confront"]["customers"] = 500
        params["discover"].update(resamples=4, shuffles=99)
        params["discover"]["clusters"]["most"] = 4
        for family, grid in SMALL_GRID.items():
            answer = {"answer": params["families"][family]["answer"]}
            prepare = {"encoder": ["one-hot"], "scaler": ["standard"]}
            params["families"][family] = {**answer, **prepare, **grid}

    @staticmethod
    def run_in(folder, *command):
        """Run a command with the tests' own Python first in the path, stages in one process.

        Their worker processes would take longer to start than such a small store does.
        """
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        return subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "PATH": path, "LOKY_MAX_CPU_COUNT": "1"},
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


def long_ones(ran):
    return {stage for stage in ran if stage.split("@")[0] in LONG}
