"""Small repositories with what a run leaves in git, made up without any run."""

import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from scipy.special import expit

from retention.evaluation.kept import kept_table, split_names
from retention.evaluation.outer import Outer
from retention.evaluation.splits import probability_figures
from retention.harness.files import write_csv, write_json

FOLDS = 5


class Repository:
    """A folder under git, in which each `run` writes the files of one run of the pipeline."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.email", "someone@example.org")
        self.git("config", "user.name", "Someone")

    def git(self, *arguments):
        """Run git, and return what it prints."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, message="A run"):
        """Commit everything, and return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def run(
        self,
        knowledge=1.5,
        noise=0,
        folds_seed=0,
        repeats=4,
        customers_seed=0,
        n=600,
        rate=0.4,
        params=None,
        contract=None,
        stages=None,
        decide=None,
        segment=None,
    ):
        """Write the files of a run whose log-odds put the classes `knowledge` apart."""
        random = np.random.default_rng(customers_seed)
        groups = np.arange(n) // 2
        decline = (random.random(n // 2) < rate).astype(np.int64).repeat(2)
        base = random.normal(0, 1.5, n)
        customers = pd.DataFrame({"customer_id": 1000 * (1 + customers_seed) + np.arange(n)})
        random = np.random.default_rng(folds_seed)
        folds = [random.permutation(n // 2).repeat(2) % FOLDS for _ in range(repeats)]
        outer = Outer(decline, groups, np.stack(folds))
        random = np.random.default_rng([noise, folds_seed])
        odds = knowledge * (2 * decline - 1) + base + random.normal(0, 0.3, (repeats, n))
        probability = expit(odds)
        table, prints = kept_table(
            customers, customers["customer_id"], outer, probability, probability > 0.5
        )
        plots = self.folder / "plots/evaluate"
        write_csv(plots / "outer.csv", table)
        families = split_names(outer).assign(**probability_figures(probability, outer))
        write_csv(plots / "families.csv", families.assign(family="knn"))
        figures = {"customers": n, "prints": prints}
        headline = {"roc_auc": float(families["roc_auc"].mean()), "log_loss": 0.3}
        for name, content in (
            ("evaluate", figures),
            ("headline", headline),
            ("decide", decide or {}),
            ("segment", segment or {}),
        ):
            write_json(self.folder / f"metrics/{name}.json", content)
        self.write("params.yaml", {"confidence": 0.95, "seed": 1, **(params or {})})
        self.write("dvc.lock", {"schema": "2.0", "stages": stages or {}})
        if contract:
            self.write("contract.yaml", contract)
        return self

    def write(self, name, content):
        """Write a YAML file."""
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (self.folder / name).write_text(text, encoding="utf-8")
