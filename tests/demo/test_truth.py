"""The ceiling: the model beside the true probabilities, which it never sees."""

import json
import shutil
from functools import partial

import numpy as np
import pandas as pd
import pytest
from imports import ROOT
from scipy.special import expit, logit
from scipy.stats import mannwhitneyu

from retention.contract.columns import CATEGORIES, NUMBERS
from retention.demo.store import draw_customers, load_statistics
from retention.demo.truth import confront, reliability_against_truth, true_probability
from retention.harness.errors import UserError
from retention.harness.files import write_parquet
from retention.models.blend import Blend
from retention.models.storage import save_model
from retention.selection.pipeline import build
from retention.selection.training import decline_probability
from retention.statistics.ranking import delong_interval
from stages import confront as stage
from stages.parameters.confront import Confront, Params
from stages.parameters.features import Features

INTERVAL = partial(delong_interval, confidence=0.95)
FEATURES = Features(numbers=list(NUMBERS), categories=list(CATEGORIES))
FRESH = Confront(customers=1500, seed=9, bins=10)


@pytest.fixture(scope="module")
def population() -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes and true probabilities of 20,000 customers."""
    random = np.random.default_rng(3)
    truth = random.beta(0.6, 0.8, 20_000)
    return (random.random(len(truth)) < truth).astype(np.int64), truth


def test_the_truth_as_a_model_is_the_ceiling(population):
    decline, truth = population
    found = confront(decline, truth, truth, INTERVAL)
    assert found["model"] == found["bayes"]
    assert found["share_of_bayes"] == 1
    assert found["probability_error"] == 0


def test_the_figures_are_those_of_their_definitions(population):
    decline, truth = population
    blurred = expit(0.5 * logit(truth) + np.random.default_rng(1).normal(size=len(truth)))
    found = confront(decline, blurred, truth, INTERVAL)
    auc = {
        name: mannwhitneyu(score[decline == 1], score[decline == 0]).statistic
        / ((decline == 1).sum() * (decline == 0).sum())
        for name, score in (("bayes", truth), ("model", blurred))
    }
    assert found["customers"] == 20_000
    for name, score in (("bayes", truth), ("model", blurred)):
        figures = found[name]
        assert figures["roc_auc"]["value"] == pytest.approx(auc[name])
        assert figures["roc_auc"]["low"] < auc[name] < figures["roc_auc"]["high"]
        assert figures["brier"] == pytest.approx(np.mean((score - decline) ** 2))
        likelihood = np.where(decline == 1, score, 1 - score)
        assert figures["log_loss"] == pytest.approx(-np.log(likelihood).mean())
        assert figures["brier"] >= found["bayes"]["brier"]
    assert found["share_of_bayes"] == pytest.approx((auc["model"] - 0.5) / (auc["bayes"] - 0.5))
    assert found["probability_error"] == pytest.approx(np.abs(blurred - truth).mean())


def test_a_model_upside_down_has_a_negative_share(population):
    decline, truth = population
    assert confront(decline, 1 - truth, truth, INTERVAL)["share_of_bayes"] == pytest.approx(-1)


def test_a_truth_that_tells_nothing_leaves_no_share():
    decline, same = np.arange(40) % 2, np.full(40, 0.5)
    found = confront(decline, np.linspace(0.1, 0.9, 40), same, INTERVAL)
    assert np.isnan(found["share_of_bayes"])


def test_the_curve_lies_on_the_diagonal_for_the_truth_and_off_it_for_a_biased_model(population):
    _, truth = population
    right = reliability_against_truth(truth, truth, 10)
    assert right["predicted"].tolist() == right["truth"].tolist()
    assert right["customers"].tolist() == [2000] * 10
    timid = reliability_against_truth(expit(0.5 * logit(truth)), truth, 10)
    assert timid["truth"].tolist() == pytest.approx(right["truth"].tolist())
    assert (timid["truth"] - timid["predicted"]).iloc[0] < -0.01
    assert (timid["truth"] - timid["predicted"]).iloc[-1] > 0.01


def test_the_range_of_the_truth_in_a_bin_has_nine_tenths_of_it():
    truth = np.arange(1, 101) / 101
    probability = np.repeat([0.2, 0.8], 50)
    low_bin, high_bin = reliability_against_truth(probability, truth, 2).to_dict("records")
    assert (low_bin["predicted"], high_bin["predicted"]) == pytest.approx((0.2, 0.8))
    within = (truth[:50] >= low_bin["low"]) & (truth[:50] <= low_bin["high"])
    assert within.sum() == pytest.approx(45, abs=1)
    assert truth[49] < high_bin["low"] < high_bin["truth"] < high_bin["high"] < truth[99]


def test_more_bins_than_customers_leave_out_the_empty_ones():
    assert reliability_against_truth(np.array([0.3, 0.1]), np.array([0.4, 0.2]), 5)[
        ["predicted", "truth", "low", "high", "customers"]
    ].to_numpy().tolist() == [[0.1, 0.2, 0.2, 0.2, 1], [0.3, 0.4, 0.4, 0.4, 1]]


def test_the_truth_is_found_by_id_not_by_place():
    truth = pd.DataFrame({"customer_id": [7, 5, 6], "probability": [0.7, 0.5, 0.6]})
    customers = pd.DataFrame({"customer_id": [5, 7]})
    assert true_probability(customers, truth).tolist() == [0.5, 0.7]


def test_customers_without_a_truth_are_a_sentence():
    truth = pd.DataFrame({"customer_id": [5], "probability": [0.5]})
    with pytest.raises(UserError, match=r"lacks 2 of the customers"):
        true_probability(pd.DataFrame({"customer_id": [5, 6, 7]}), truth)


# The stage


@pytest.fixture(scope="module")
def store(tmp_path_factory, candidates):
    """Return a folder with a store of 400, 100 held out, scored by a tree with a memory."""
    folder = tmp_path_factory.mktemp("store")
    drawn = draw_customers(400, 1, load_statistics())
    whole = [name for name in NUMBERS if (drawn[name] % 1 == 0).all()]
    customers = drawn.astype(dict.fromkeys(whole, "int64"))
    features, decline = customers[FEATURES.all], customers["decline"].to_numpy()
    learnt = np.arange(300)
    deep = candidates["tree"] | {"max_depth": 30, "min_samples_leaf": 1}
    member = build("tree", deep, (FEATURES.numbers, FEATURES.categories), 0)
    model = Blend({"tree": member}).fit(features.iloc[learnt], decline[learnt], learnt % 3)
    by_model = decline_probability(model, features)
    # Out of fold, as if nothing were known.
    probability = np.where(customers.index < 300, 0.4 + customers.index % 7 / 100, by_model)
    write_parquet(folder / "data/customers.parquet", customers.drop(columns="probability"))
    write_parquet(folder / "data/folds.parquet", pd.DataFrame({"group": customers.index // 2}))
    write_parquet(
        folder / "data/scores.parquet",
        pd.DataFrame(
            {
                "customer_id": customers["customer_id"],
                "probability": probability,
                "scored": np.where(customers.index < 300, "out_of_fold", "holdout"),
                "in_sample_probability": by_model,
            }
        ),
    )
    (folder / "data/demo").mkdir()
    # In another order than the customers, with one who was excluded.
    truth = pd.concat([drawn, drawn.head(1).assign(customer_id=9999)]).iloc[::-1]
    truth[["customer_id", "probability"]].to_csv(folder / "data/demo/truth.csv", index=False)
    save_model(folder / "models/model.skops", model)
    (folder / "retention").mkdir()
    shutil.copy(ROOT / "retention/demo/store.json", folder / "retention/demo/store.json")
    return folder


def run(folder, **changed):
    given = {
        "confidence": 0.95,
        "features": FEATURES,
        "confront": FRESH,
        "source": "data/demo",
        "bootstrap_samples": 10,
    }
    stage.main(Params(**(given | changed)))
    curve = folder / "plots/ceiling.csv"
    metrics = folder / "metrics/ceiling.json"
    return json.loads(metrics.read_text()), pd.read_csv(curve), (metrics, curve)


@pytest.fixture
def inside(store, monkeypatch):
    monkeypatch.chdir(store)
    return store


def test_the_stage_tells_memory_from_knowledge(inside):
    figures, curve, _ = run(inside)
    assert figures["known"] is True
    assert [figures[part]["customers"] for part in ("own", "in_sample", "fresh")] == [
        400,
        300,
        1500,
    ]
    assert figures["in_sample"]["model"]["roc_auc"]["value"] > 0.99
    assert figures["in_sample"]["share_of_bayes"] > 1
    assert figures["own"]["share_of_bayes"] < 0.7
    assert 0.4 < figures["fresh"]["share_of_bayes"] < 0.95
    assert 0.92 < figures["fresh"]["bayes"]["roc_auc"]["value"] < 0.96
    assert figures["fresh"]["bayes"]["log_loss"] < figures["fresh"]["model"]["log_loss"]
    assert list(curve) == ["predicted", "truth", "low", "high", "customers"]
    assert curve["customers"].sum() == 1500


def test_the_model_sees_fresh_customers_as_the_stores_own(inside, monkeypatch):
    seen = []
    plain = stage.decline_probability
    monkeypatch.setattr(
        stage, "decline_probability", lambda model, x: seen.append(x) or plain(model, x)
    )
    run(inside)
    own = pd.read_parquet(inside / "data/customers.parquet")[FEATURES.all]
    assert seen[0].dtypes.tolist() == own.dtypes.tolist()
    assert list(seen[0]) == FEATURES.all
    for name in CATEGORIES:
        assert set(seen[0][name]) == set(own[name])


def test_twice_the_same_bytes_and_another_seed_other_customers(inside):
    _, _, files = run(inside)
    before = [file.read_bytes() for file in files]
    run(inside)
    assert [file.read_bytes() for file in files] == before
    run(inside, confront=FRESH.model_copy(update={"seed": 10}))
    assert [file.read_bytes() for file in files] != before


def test_of_a_real_store_nothing_is_known_though_the_truth_of_the_demo_lies_there(inside):
    figures, curve, _ = run(inside, source="data/raw")
    assert figures == {"known": False}
    assert list(curve) == ["predicted", "truth", "low", "high", "customers"]
    assert len(curve) == 0
