"""`judge`: the stages whose figures need no words."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from retention.harness.files import read_json, write_csv, write_parquet
from stages.judge import main
from stages.parameters.judge import Params

PARAMS = Params(confidence=0.9)


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    """Write what the three stages found, customers' tables in another order than the customers."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    ids, decline = 7 + np.arange(100), np.arange(100) % 2
    tables = {
        "customers": {"decline": decline},
        "scores": {"probability": np.clip(random.normal(0.3 + 0.4 * decline, 0.2), 0.01, 0.99)},
        "folds": {"group": np.arange(100), "outer_1": np.arange(100) // 2 % 5},
    }
    for name, columns in tables.items():
        table = pd.DataFrame({"customer_id": ids, **columns})
        order = 1 if name == "customers" else -1
        write_parquet(Path(f"data/{name}.parquet"), table.iloc[::order])
    truth = np.clip(random.normal(0.2 + 0.6 * decline, 0.2), 0.01, 0.99)
    beside = pd.DataFrame(
        {"decline": decline, "group": np.arange(100), "probability": truth, "truth": truth}
    )
    for name in ("own", "fresh"):
        write_parquet(Path(f"data/confront/{name}.parquet"), beside)
    folds = np.arange(5)
    learnt = pd.DataFrame({"share": 0.5, "repeat": 1, "fold": folds, "customers": 40})
    write_csv(Path("data/learn/learnt.csv"), learnt.assign(roc_auc=random.uniform(0.7, 0.8, 5)))
    lines = pd.DataFrame({"line": "near_duplicates", "draw": 0, "fold": folds, "right": 0.9})
    write_csv(Path("data/audit/lines.csv"), lines.assign(wrong=random.uniform(0.89, 0.93, 5)))


def test_the_audit_has_its_optimism():
    main(PARAMS, "audit")
    found = read_json(Path("metrics/audit.json"))
    assert found["optimism"]["low"] < found["optimism"]["value"] < found["optimism"]["high"]
    assert pd.read_csv("plots/audit/leaks.csv")["leak"].tolist() == ["near_duplicates"]


def test_the_learning_curve_ends_with_the_models_that_scored_the_customers():
    main(PARAMS, "learn")
    points = pd.read_csv("plots/learn/curve.csv")
    assert points["customers"].tolist() == [40, 80]
    # Scores that were joined by position would know nothing.
    assert points["roc_auc"].iloc[-1] > 0.85
    assert read_json(Path("metrics/learn.json"))["last_doubling"]["to"] == 80


def test_the_confrontation_has_figures_curve_and_bands():
    main(PARAMS, "confront")
    found = read_json(Path("metrics/confront.json"))
    assert found["own"] == found["fresh"]
    assert found["own"]["share_of_bayes"] == 1
    assert pd.read_csv("plots/confront/truth.csv")["model"].nunique() == 2


def test_another_confidence_needs_no_stage_but_this():
    widths = []
    for confidence in (0.5, 0.99):
        main(PARAMS.model_copy(update={"confidence": confidence}), "audit")
        optimism = read_json(Path("metrics/audit.json"))["optimism"]
        widths.append(optimism["high"] - optimism["low"])
    assert widths[0] < widths[1] / 2
