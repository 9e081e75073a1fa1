"""What the proofs in docs/campaign.md rest on: the simulated world, and reading the experiment."""

import numpy as np
import pandas as pd
import pytest

from retention.campaign.planning.problem import chosen
from retention.harness.errors import UserError
from retention.statistics.ranking import roc_auc
from tools import campaign_months, hillstrom
from tools.campaign_coverage import campaign, coverage, verdicts
from tools.campaign_learner import Learner
from tools.campaign_world import Truth, World, answers, expected_decline, increments, population

WORLD = World({"good": Truth(0.4, 0.02, 0.6, 0.4), "bad": Truth(0.0, 0.1, 0.8, 0.2)})


def test_what_happens_to_simulated_customers_is_what_the_formula_says():
    random = np.random.default_rng(1)
    who = population(200_000, random)
    choice = random.integers(-1, 2, len(who.score)).astype(np.int8)
    with_offers = answers(WORLD, who, choice, np.random.default_rng(2))
    without = answers(WORLD, who, np.full_like(choice, -1), np.random.default_rng(2))
    increment, _ = increments(WORLD, who.probability, who.profit)
    expected = {
        "decline": expected_decline(WORLD, who, choice),
        "net": chosen(increment, choice),
    }
    for k in (0, 1):
        mine = choice == k
        for name, each in expected.items():
            change = getattr(with_offers, name)[mine] - getattr(without, name)[mine]
            assert change.mean() == pytest.approx(each[mine].mean(), abs=0.03)
    assert (with_offers.decline[choice == -1] == without.decline[choice == -1]).all()


def test_scores_of_simulated_customers_are_calibrated_and_as_good_as_the_demos():
    who = population(50_000, np.random.default_rng(3))
    decline = (np.random.default_rng(4).random(50_000) < who.probability).astype(np.int64)
    for low in (0.05, 0.2, 0.5, 0.9):
        band = (who.score >= low) & (who.score < low + 0.1)
        assert decline[band].mean() == pytest.approx(who.score[band].mean(), abs=0.04)
    assert 0.92 < roc_auc(decline, who.score) < 0.935


def test_coverage_of_a_few_campaigns_is_tabled():
    rows = pd.DataFrame([row for seed in range(20) for row in campaign(seed)])
    found = coverage(rows[rows["verdict"].isna()])
    assert found["campaigns"].tolist() == [10] * 8
    assert (found["held"] >= 0.7).all()
    assert (found.loc[found["estimate"] == "adjusted", "ratio"] < 0.85).all()
    of_verdicts = verdicts(rows[rows["verdict"].notna()])
    assert of_verdicts["campaigns"].sum() == 20


def test_after_the_trial_an_offer_that_harms_is_sent_no_more():
    truth = campaign_months.WORLDS["harm"]
    random = np.random.default_rng(5)
    learner = Learner(campaign_months.ASSUMED, truth)
    contacted = []
    for month in range(1, 6):
        choice = learner.month(month, population(900, random), random)
        contacted.append((choice >= 0).sum())
    assert min(contacted[:3]) > 150
    assert contacted[-1] < 0.5 * contacted[0]


def test_shares_are_of_the_oracle():
    rows = pd.DataFrame(
        [
            {"world": world, "policy": policy, "month": 1, "increment": value}
            for world, best in (("right", 10.0), ("harm", 0.0))
            for policy, share in (("oracle", 1.0), ("learnt", 0.8))
            for value in (best * share - 1, best * share + 1)
        ]
    )
    table = campaign_months.summarised(rows)
    assert table["share"].round(3).tolist()[:2] == [1.0, 0.8]
    assert table["share"].isna().tolist() == [False, False, True, True]


def experiment(n=3000):
    random = np.random.default_rng(6)
    table = pd.DataFrame(
        {
            "recency": random.integers(1, 12, n),
            "history": random.lognormal(5, 1, n),
            "mens": random.integers(0, 2, n),
            "womens": random.integers(0, 2, n),
            "newbie": random.integers(0, 2, n),
            "zip_code": random.choice(["Urban", "Rural"], n),
            "channel": random.choice(["Web", "Phone"], n),
            "segment": random.choice(["Mens E-Mail", "Womens E-Mail", "No E-Mail"], n),
        }
    )
    rate = 0.1 + 0.15 * (table["segment"] == "Mens E-Mail")
    table["visit"] = (random.random(n) < rate).astype(int)
    table["conversion"] = (random.random(n) < 0.05).astype(int)
    table["spend"] = table["conversion"] * random.lognormal(3, 1, n)
    return table


def test_the_effects_of_an_experiment_with_two_emails():
    found = hillstrom.effects(experiment()).set_index(["email", "outcome"])
    visits = found.loc["Mens E-Mail", "visit"]
    assert visits["raw_low"] < 0.15 < visits["raw_high"]
    assert float(visits["p"]) < 0.001
    assert float(found.loc["Womens E-Mail", "conversion"]["p"]) > 0.01
    assert len(found) == 6
    balances = hillstrom.balances(experiment())
    assert (balances["p_together"] > 0.001).all()


def test_another_file_than_the_experiments_is_refused(tmp_path):
    with pytest.raises(UserError, match="is missing: give the file"):
        hillstrom.read(tmp_path / "none.csv")
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match="lacks the column 'recency'"):
        hillstrom.read(other)
