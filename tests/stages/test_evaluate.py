"""The stage `evaluate`: figures by name, joined by id, from outer scores alone."""

import time
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from retention.harness.files import read_json, write_json, write_parquet
from stages.evaluate import main
from stages.parameters.evaluate import Params

N, FOLDS, REPEATS = 300, 5, 2
FAMILIES = ["knn", "logistic"]


def build(folder, knowledge=1.5, seed=0):
    """Write what the stage reads, every table in an order of its own."""
    random = np.random.default_rng(seed)
    ids, groups = 1000 + np.arange(N), np.arange(N) // 2
    decline = np.repeat((random.random(N // 2) < 0.4).astype(np.int64), 2)
    folds = {f"outer_{r}": random.permutation(N // 2).repeat(2) % FOLDS for r in (1, 2)}
    odds = {r: random.normal(knowledge * (2 * decline - 1), 1.5) for r in (1, 2)}
    tables = {
        "customers": {"decline": decline},
        "folds": {"group": groups, **folds},
        "train/outer": {
            **{f"probability_{r}": expit(odds[r]) for r in (1, 2)},
            **{f"predicted_{r}": odds[r] > -0.2 for r in (1, 2)},
        },
        "cut/counts": {
            name: random.binomial(5, np.where(decline == 1, 0.3 + knowledge / 20, 0.3))
            for name in ("found", "named")
        },
        **{
            f"nest/{family}": {
                f"split_{r}_{k}": random.normal(knowledge * decline) / 2
                for r, k in product((1, 2), range(FOLDS))
            }
            for family in [*FAMILIES, "removed"]
        },
    }
    for number, (name, columns) in enumerate(tables.items()):
        table = pd.DataFrame({"customer_id": ids, **columns})
        shuffled = table if name == "customers" else table.sample(frac=1, random_state=number)
        write_parquet(folder / f"data/{name}.parquet", shuffled)
    write_json(folder / "models/decision.json", {"threshold": 0.45})
    return decline, odds


def run(families=FAMILIES):
    main(
        Params.model_validate(
            {
                "seed": 1,
                "confidence": 0.95,
                "families": {name: {} for name in families},
                "evaluate": {"bootstrap_samples": 100, "calibration_bins": 6},
                "folds": FOLDS,
            }
        )
    )
    return tuple(read_json(Path(f"metrics/{name}.json")) for name in ("evaluate", "headline"))


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path, *build(tmp_path)


def test_the_figures_have_the_names_that_others_read(store):
    _, decline, _ = store
    figures, headline = run()
    assert figures["customers"] == N
    assert figures["declined"] == decline.sum()
    assert (figures["folds"], figures["repeats"], figures["threshold"]) == (FOLDS, REPEATS, 0.45)
    assert [*figures["families"]] == [*figures["against"]] == [*figures["calibrators"]] == FAMILIES
    assert [*figures["against_rules"]] == ["found", "named"]
    for judged in (figures, *figures["families"].values()):
        assert judged["roc_auc"]["low"] < judged["roc_auc"]["value"] < judged["roc_auc"]["high"]
        assert [*judged["calibration"]] == ["in_the_large", "slope"]
        assert judged["ece_of_perfect"] > 0
    assert headline["roc_auc"] == figures["roc_auc"]["value"]
    assert headline["ahead_of_rules"] == figures["against_rules"]["found"]["difference"] > 0
    assert len(headline) == 12
    assert not any(isinstance(value, dict) for value in headline.values())


def test_every_table_is_joined_by_id(store):
    folder, _, _ = store
    before = run()
    for file in (folder / "data").rglob("*.parquet"):
        if file.stem != "customers":
            table = pd.read_parquet(file)
            write_parquet(file, table.sort_values("customer_id", ascending=False))
    assert run() == before


@pytest.mark.usefixtures("store")
def test_every_interval_holds_its_value():
    figures, _ = run()

    def intervals(found):
        if isinstance(found, dict):
            if found.get("low") is not None:
                yield found
            for value in found.values():
                yield from intervals(value)

    found = list(intervals(figures))
    assert len(found) > 15
    for interval in found:
        value = interval.get("value", interval.get("difference"))
        assert interval["low"] < value < interval["high"]


def test_the_curves_of_all_models_are_overlaid_and_short(store):
    folder, decline, odds = store
    run()
    plots = folder / "plots/evaluate"
    roc = pd.read_csv(plots / "roc.csv")
    reliability = pd.read_csv(plots / "reliability.csv")
    assert roc["curve"].unique().tolist() == ["procedure", *FAMILIES]
    assert reliability["model"].unique().tolist() == ["procedure", *FAMILIES]
    assert reliability.groupby("model")["customers"].sum().tolist() == [N] * 3
    assert (plots / "roc.csv").stat().st_size < 60_000
    confusion = pd.read_csv(plots / "confusion.csv")
    hits = ((confusion["actual"] == "declined") & (confusion["predicted"] == "declined")).sum()
    assert hits == ((decline == 1) & (odds[1] > -0.2)).sum()
    comparison = pd.read_csv(folder / "data/evaluate/comparison.csv")
    assert set(comparison["family"]) == set(FAMILIES)


def test_on_noise_nothing_stands_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build(tmp_path, knowledge=0.0, seed=5)
    figures, _ = run()
    for judged in (figures, *figures["families"].values()):
        assert judged["roc_auc"]["low"] <= 0.5 <= judged["roc_auc"]["high"]
        assert judged["brier_skill"] < 0.03
    assert figures["all_decline"]["ahead"]["low"] <= 0
    for compared in figures["against_rules"].values():
        assert compared["low"] <= 0 <= compared["high"]


@pytest.mark.usefixtures("store")
def test_it_is_quick_enough_to_run_after_every_change():
    start = time.process_time()
    run()
    assert time.process_time() - start < 5
