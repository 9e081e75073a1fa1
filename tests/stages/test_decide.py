"""The stage `decide`, run on a small store: sums, order of the rows, assumptions."""

import numpy as np
import pandas as pd
import pytest
from shop import ROLES

from retention.harness.files import read_json
from stages.decide import main
from stages.parameters.decide import Params

PARAMS = {
    "confidence": 0.9,
    "decide": {"offer_cost": 0.4, "kept_alpha": 6.0, "kept_beta": 14.0},
    "horizon_months": 3.0,
    "contact_cost": {"message": 0.01, "on_site": 0.0},
    "kept_share": {"low": 0.15, "expected": 0.3, "high": 0.48},
    "roles": ROLES.model_copy(update={"consent": None, "category": None}),
}


def store(n=120, seed=3):
    random = np.random.default_rng(seed)
    decline = np.sort(random.random(n) < 0.4).astype(np.int64)  # as the shop's file is
    customers = pd.DataFrame(
        {
            "customer_id": np.arange(1000, 1000 + n),
            "decline": decline,
            "monthly_profit": random.uniform(1, 7, n),
        }
    )
    probability = np.clip(random.normal(0.3 + 0.4 * decline, 0.2), 0.01, 0.99)
    scores = pd.DataFrame(
        {
            "customer_id": customers["customer_id"],
            "probability": probability,
            "predicted_decline": probability > 0.5,
        }
    )
    return customers, scores


@pytest.fixture
def decided(tmp_path, monkeypatch):
    """Return what the stage writes for customers and scores."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()

    def run(customers, scores, **changed):
        customers.to_parquet("data/customers.parquet")
        scores.to_parquet("data/scores.parquet")
        main(Params.model_validate({**PARAMS, **changed}))
        gain = pd.read_csv("plots/decide/gain.csv")
        return gain, read_json(tmp_path / "metrics" / "decide.json")

    return run


def profit_of(p, value, offer=0.4, contact=0.01, kept=0.3):
    return p * (kept * (value - offer) - contact) - (1 - p) * (offer + contact)


def test_contacting_everybody_is_the_sum_over_all(decided):
    customers, scores = store()
    gain, _ = decided(customers, scores)
    value = customers["monthly_profit"] * 3
    last = gain.iloc[-1]
    assert (last["share"], last["customers"], last["recall"]) == (1, 120, 1)
    assert last["precision"] == pytest.approx(customers["decline"].mean(), abs=1e-4)
    expected = profit_of(scores["probability"], value).sum()
    assert last["expected_profit"] == pytest.approx(expected, abs=1e-3)
    realised = profit_of(customers["decline"], value).sum()
    assert last["realised_profit"] == pytest.approx(realised, abs=1e-3)


def test_the_best_share_is_that_of_everybody_who_is_worth_the_contact(decided):
    customers, scores = store()
    gain, metrics = decided(customers, scores)
    worth = profit_of(scores["probability"], customers["monthly_profit"] * 3)
    assert metrics["best_share"] == pytest.approx((worth > 0).mean(), abs=0.011)
    at_best = gain.loc[gain["share"] == metrics["best_share"], "expected_profit"].item()
    assert at_best == gain["expected_profit"].max()


def test_precision_at_a_tenth_is_that_of_the_most_probable(decided):
    customers, scores = store()
    _, metrics = decided(customers, scores)
    tenth = scores["probability"].nlargest(12).index
    found = metrics["precision_at_tenth"]
    assert found["value"] == pytest.approx(customers["decline"][tenth].mean(), abs=1e-4)
    assert found["low"] < found["value"] <= found["high"]


def test_the_model_lies_between_a_perfect_ranking_and_none(decided):
    empc = decided(*store())[1]["empc"]
    assert 0 <= empc["none"] < empc["model"] < empc["perfect"]
    customers, scores = store()
    upside_down = scores.assign(probability=1 - scores["probability"])
    assert decided(customers, upside_down)[1]["empc"]["model"] < empc["model"]


def test_scores_belong_to_customers_by_their_id(decided):
    customers, scores = store()
    gain, metrics = decided(customers, scores)
    shuffled = scores.sample(frac=1, random_state=1)
    again = decided(customers, shuffled)
    pd.testing.assert_frame_equal(again[0], gain)
    assert again[1] == metrics


def test_a_longer_horizon_and_a_dearer_offer_change_the_worth_of_a_list(decided):
    customers, scores = store()
    worth = {
        name: decided(customers, scores, **changed)[0]["expected_profit"].max()
        for name, changed in {
            "as it is": {},
            "longer": {"horizon_months": 6.0},
            "dearer": {"decide": {**PARAMS["decide"], "offer_cost": 1.0}},
        }.items()
    }
    assert worth["dearer"] < worth["as it is"] < worth["longer"]
