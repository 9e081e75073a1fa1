"""The stage `decide`, run on a small store: sums, order of the rows, assumptions, outcomes."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from campaigns import channel, entry, fixed
from imports import ROOT
from shop import ROLES

from retention.harness.files import read_json
from stages.decide import main
from stages.parameters.decide import Params

OFFER = {
    "consider": "always",
    "tired": None,
    "budget": None,
    "horizon_months": 3.0,
    "share_lost": fixed(1),
    "fatigue": fixed(0),
    "channels": {"on_site": channel(0.01)},
    # Who stays anyway takes it, too: the formula is the usual one.
    "catalogue": {
        name: entry(kept=kept, cost=cost, take_up=fixed(1), channels=["on_site"])
        for name, kept, cost in (("gift", 0.3, 0.4), ("hint", 0.05, 0.1))
    },
    "control": 0.2,
    "smallest_effect": None,
    "draws": 100,
    "steps": 2,
}
PARAMS = {
    "confidence": 0.9,
    "seed": 1,
    "decide": {
        "bootstrap_samples": 100,
        "lists": ["theirs"],
        "thresholds": [0.1, 0.5, 0.9],
        "empc": {
            "offer_cost": 0.4,
            "contact_cost": 0.01,
            "kept": [{"alpha": 6.0, "beta": 14.0}, {"alpha": 2.0, "beta": 18.0}],
        },
    },
    "offer": OFFER,
    "roles": ROLES.model_copy(update={"consent": None, "category": None}),
}
N = 120


def store(seed=3, knows=0.4):
    """Return customers, and scores that know that much of who declined."""
    random = np.random.default_rng(seed)
    decline = np.sort(random.random(N) < 0.4).astype(np.int64)  # as the shop's file is
    customers = pd.DataFrame(
        {
            "customer_id": [f"0{1000 + k}" for k in range(N)],
            "decline": decline,
            "monthly_profit": random.uniform(1, 7, N),
        }
    )
    centre = 0.3 + knows * decline + (0.4 - knows) * 0.4
    probability = np.clip(random.normal(centre, 0.2), 0.01, 0.99)
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
    for name in ("data/phrase", "data/segment", "offers"):
        (tmp_path / name).mkdir(parents=True)
    shutil.copy(ROOT / "offers/learned.yaml", "offers/learned.yaml")

    def run(customers, scores, **changed):
        ids = customers[["customer_id"]]
        customers.to_parquet("data/customers.parquet")
        scores.to_parquet("data/scores.parquet")
        ids.iloc[::-1].assign(group=np.arange(N) // 2).to_parquet("data/folds.parquet")
        theirs = (scores["probability"] > 0.8).to_numpy().astype(int)
        by_id = scores[["customer_id"]].assign(theirs=theirs)
        by_id.to_csv("data/segment/members.csv", index=False)
        nothing = pd.DataFrame(columns=["customer_id", "column"])
        nothing.to_csv("data/phrase/reasons.csv", index=False)
        main(Params.model_validate({**PARAMS, **changed}))
        gain = pd.read_csv("plots/decide/gain.csv")
        return gain, read_json(Path("metrics/decide.json"))

    return run


def offered(**changed):
    return {"offer": {**OFFER, **changed}}


def worth(p, profit, kept=0.3, offer=0.4, months=3):
    """Return the increment of a contact, by the formula of Neslin et al."""
    return p * (kept * (months * profit - offer) - 0.01) - (1 - p) * (offer + 0.01)


def best(p, profit, outcome=None):
    """Return what the better one of the two offers brings, chosen by p, paid by the outcome."""
    paid = p if outcome is None else outcome
    gift = worth(p, profit) >= worth(p, profit, 0.05, 0.1)
    return np.where(gift, worth(paid, profit), worth(paid, profit, 0.05, 0.1))


def test_contacting_everybody_is_the_sum_over_all(decided):
    customers, scores = store()
    gain, _ = decided(customers, scores)
    last = gain.iloc[-1]
    assert (last["share"], last["customers"], last["recall"]) == (1, 120, 1)
    assert last["precision"] == pytest.approx(customers["decline"].mean(), abs=1e-4)
    amounts = scores["probability"], customers["monthly_profit"]
    assert last["expected_increment"] == pytest.approx(best(*amounts).sum(), abs=1e-3)
    realised = best(*amounts, customers["decline"]).sum()
    assert last["realised_increment"] == pytest.approx(realised, abs=1e-3)


def test_the_best_share_is_that_of_everybody_who_is_worth_the_contact(decided):
    customers, scores = store()
    gain, metrics = decided(customers, scores)
    pays = best(scores["probability"], customers["monthly_profit"]) > 0
    assert metrics["contacted"] == pays.sum()
    assert metrics["best_share"] == pytest.approx(pays.mean(), abs=0.011)
    at_best = gain.loc[gain["share"] == metrics["best_share"], "expected_increment"].item()
    assert at_best == gain["expected_increment"].max()


def test_what_a_plan_brings_over_others_is_expected_and_realised(decided):
    customers, scores = store()
    over = decided(customers, scores)[1]["over"]
    assert set(over) == {"nobody", "everybody", "theirs", "best_single_offer", "uninformed"}
    amounts = scores["probability"], customers["monthly_profit"]
    expected, realised = best(*amounts), best(*amounts, customers["decline"])
    pays, theirs = expected > 0, (scores["probability"] > 0.8).to_numpy()
    for name, others in (
        ("nobody", theirs & False),
        ("everybody", theirs | True),
        ("theirs", theirs),
    ):
        line = over[name]
        assert line["contacted"] == others.sum()
        for kind, amount in (("expected", expected), ("realised", realised)):
            value = amount[pays].sum() - amount[others].sum()
            found = line[kind] if kind == "expected" else line[kind]["value"]
            assert found == pytest.approx(value, abs=1e-3), (name, kind)
        assert line["realised"]["low"] <= line["realised"]["value"] <= line["realised"]["high"]
    # One offer alone is the plan here: no difference, and no interval of it.
    assert over["best_single_offer"]["realised"] == {"value": 0, "low": None, "high": None}
    assert over["nobody"]["realised"]["low"] > 0


def test_intervals_widen_with_the_confidence(decided):
    widths = []
    for confidence in (0.5, 0.99):
        realised = decided(*store(), confidence=confidence)[1]["over"]["nobody"]["realised"]
        widths.append(realised["high"] - realised["low"])
    assert widths[0] < widths[1] / 2


def test_probabilities_that_know_nothing_bring_nothing_over_not_knowing(decided):
    # As outcomes are drawn, so does the interval hold nothing in nine of ten stores.
    holds = []
    for seed in range(8):
        line = decided(*store(seed, knows=0.0))[1]["over"]["uninformed"]["realised"]
        holds.append(line["low"] <= 0 <= line["high"])
    assert sum(holds) >= 6
    knows = decided(*store())[1]["over"]["uninformed"]["realised"]
    assert knows["low"] > 0


def test_probabilities_upside_down_realise_less_than_they_promise(decided):
    customers, scores = store()
    right = decided(customers, scores)[1]["over"]["uninformed"]
    wrong = scores.assign(probability=1 - scores["probability"])
    found = decided(customers, wrong)[1]["over"]["uninformed"]
    assert found["realised"]["high"] < 0 < found["expected"]
    assert found["realised"]["value"] < right["realised"]["value"]


def test_precision_at_a_tenth_is_that_of_the_most_probable(decided):
    customers, scores = store()
    _, metrics = decided(customers, scores)
    tenth = scores["probability"].nlargest(12).index
    found = metrics["precision_at_tenth"]
    assert found["value"] == pytest.approx(customers["decline"][tenth].mean(), abs=1e-4)
    assert found["low"] < found["value"] <= found["high"]


def test_the_empc_of_a_model_is_above_that_of_none_under_every_share_kept(decided):
    customers, scores = store()
    lines = decided(customers, scores)[1]["empc"]
    assert [(line["alpha"], line["beta"]) for line in lines] == [(6, 14), (2, 18)]
    assert lines[0]["value"] > lines[1]["value"]  # more are kept
    for line in lines:
        assert 0 <= line["none"] < line["value"]
        assert line["ahead"]["value"] == pytest.approx(line["value"] - line["none"], abs=2e-4)
        assert line["low"] <= line["value"] <= line["high"]
    upside_down = scores.assign(probability=1 - scores["probability"])
    assert decided(customers, upside_down)[1]["empc"][0]["value"] < lines[0]["value"]


def test_the_decision_curve_has_a_line_for_each_threshold(decided):
    _, metrics = decided(*store())
    curve = pd.read_csv("plots/decide/net_benefit.csv")
    assert curve["threshold"].tolist() == [0.1, 0.5, 0.9]
    assert metrics["worse_than_all_or_nobody_at"] == curve.loc[curve["worse"], "threshold"].tolist()
    assert curve.loc[1, "model"] > max(curve.loc[1, "all"], 0)
    customers, scores = store()
    _, metrics = decided(customers, scores.assign(probability=1 - scores["probability"]))
    assert 0.5 in metrics["worse_than_all_or_nobody_at"]


def test_scores_belong_to_customers_by_their_id(decided):
    customers, scores = store()
    gain, metrics = decided(customers, scores)
    shuffled = scores.sample(frac=1, random_state=1)
    again = decided(customers, shuffled)
    pd.testing.assert_frame_equal(again[0], gain)
    assert again[1] == metrics


def test_a_longer_horizon_and_a_dearer_offer_change_the_worth_of_a_list(decided):
    customers, scores = store()
    gift = {**OFFER["catalogue"]["gift"], "cost": fixed(1)}
    dear = {**OFFER["catalogue"], "gift": gift}
    brought = {
        name: decided(customers, scores, **changed)[0]["expected_increment"].max()
        for name, changed in {
            "as it is": {},
            "longer": offered(horizon_months=6.0),
            "dearer": offered(catalogue=dear),
        }.items()
    }
    assert brought["dearer"] < brought["as it is"] < brought["longer"]


def test_a_model_that_ranks_by_luck_is_judged_too(decided):
    # Otherwise the increment over not knowing would be nothing by construction.
    assert decided(*store(knows=0.0))[1]["contacted"] > 0


def test_a_shop_without_profit_has_no_sums_of_money(decided):
    roles = PARAMS["roles"].model_copy(update={"profit": None})
    customers, scores = store()
    gain, metrics = decided(customers, scores, roles=roles)
    assert metrics["in_money"] is False
    assert metrics["best_share"] is None
    assert metrics["empc"] == []
    # Decliners who are kept: p·γ, and with outcomes those who declined.
    predicted = scores["predicted_decline"]
    over = metrics["over"]["nobody"]
    assert metrics["contacted"] == predicted.sum()
    assert over["expected"] == pytest.approx(0.3 * scores["probability"][predicted].sum(), abs=1e-3)
    declined = customers["decline"][predicted].sum()
    assert over["realised"]["value"] == pytest.approx(0.3 * declined, abs=1e-3)
    assert (gain["waste"] == 0).all()
    assert gain["threshold"].max() <= 1  # in the order of probabilities
