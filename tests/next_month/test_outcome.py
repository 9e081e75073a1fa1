"""What came beside what was expected: when to learn anew, and when chance is enough."""

import numpy as np
import pytest
from scipy.special import expit, logit

from retention.next_month.expected import FIGURES, Scored, Simulation, expected
from retention.next_month.outcome import ANEW, KEEP, QUESTIONS, TOO_FEW_CAME, by_band, outcome
from retention.next_month.recalibration import Known

CUTS = (0.2, 0.5, 0.8)


def drawn(size, seed, centre=-0.5, relation=1.0, raised=0.0):
    """Return what the model says, and outcomes whose log-odds are other ones."""
    random = np.random.default_rng(seed)
    said = expit(random.normal(centre, 2.0, size))
    truth = expit(relation * logit(said) + raised)
    return said, (random.random(size) < truth).astype(np.int64)


def known(size=1000, seed=1):
    said, decline = drawn(size, seed)
    return Known(decline, said, np.arange(size), np.ones(size))


def judged(said, decline, before=None, seed=1, least=0.01):
    month, setting = Scored(said, said >= 0.5), Simulation(300, 0.95, seed)
    return outcome(month, decline, before or known(), setting, cuts=CUTS, least=least)


def test_a_month_as_expected_is_kept():
    found = judged(*drawn(800, 2))
    assert found["verdict"] == KEEP
    assert (found["customers"], found["declined"]) == (800, drawn(800, 2)[1].sum())
    assert all(found["figures"][name]["inside"] for name in FIGURES)
    assert found["calibration"]["slope"]["low"] < 1 < found["calibration"]["slope"]["high"]
    assert set(found["questions"]) == set(QUESTIONS)


@pytest.mark.parametrize(
    ("change", "question"),
    [({"relation": 0.4}, "ranking"), ({"raised": 1.0}, "level"), ({"relation": 0.5}, "bands")],
)
def test_a_changed_relation_calls_for_learning_anew_and_says_why(change, question):
    found = judged(*drawn(800, 2, **change))
    assert found["verdict"] == ANEW
    assert found["questions"][question]["alarm"]
    assert found["questions"][question]["p_adjusted"] <= 0.05


def test_sizes_have_the_sign_that_people_expect():
    worse = judged(*drawn(800, 2, relation=0.4))["questions"]
    assert worse["ranking"]["size"] > 0.05
    fewer, more = (judged(*drawn(800, 2, raised=x))["questions"]["level"]["size"] for x in (-1, 1))
    assert fewer < -0.05 < 0.05 < more


def test_scores_that_rank_better_than_expected_are_no_alarm():
    said, decline = drawn(800, 2, relation=3.0)
    found = judged(said, decline)
    assert found["questions"]["ranking"]["size"] < 0
    assert not found["questions"]["ranking"]["alarm"]


def test_other_customers_alone_are_no_alarm():
    assert judged(*drawn(800, 2, centre=1.0))["verdict"] == KEEP


def test_a_sure_but_small_difference_is_let_go():
    said, decline = drawn(20_000, 2, raised=0.2)
    small = judged(said, decline, known(20_000), least=0.05)
    assert small["questions"]["level"]["p_adjusted"] <= 0.05
    assert small["verdict"] == KEEP
    assert judged(said, decline, known(20_000), least=0.005)["verdict"] == ANEW


def test_what_would_have_been_seen_shrinks_with_the_month():
    small, large = (judged(*drawn(size, 2))["questions"] for size in (100, 3000))
    for name in ("ranking", "level"):
        assert 0 < large[name]["smallest"] < small[name]["smallest"]


def test_too_few_are_no_verdict():
    said, decline = drawn(200, 2)
    rare = np.zeros_like(decline)
    rare[:9] = 1
    found = judged(said, rare)
    assert found["verdict"] == TOO_FEW_CAME
    assert found["questions"] == {}
    assert found["figures"]["decline_rate"]["inside"] is False
    unknown = judged(said, decline, known(15))
    assert unknown["verdict"] == TOO_FEW_CAME
    assert [one["inside"] for one in unknown["figures"].values()] == [None] * len(FIGURES)


def test_what_was_expected_is_what_was_told_beforehand():
    said, decline = drawn(300, 2)
    setting = Simulation(300, 0.95, 1)
    before = expected(Scored(said, said >= 0.5), known(), setting)
    found = judged(said, decline)
    for name in FIGURES:
        assert found["figures"][name]["expected"] == before[name]


# The proof in short; the long one: python -m benchmarks.next_month outcome


@pytest.mark.parametrize("centre", [-0.5, 0.5])
def test_any_false_alarm_is_as_rare_as_the_level(centre):
    alarms = [
        judged(*drawn(200, 2 * seed, centre), known(300, 2 * seed + 1), seed)["verdict"] == ANEW
        for seed in range(100)
    ]
    assert sum(alarms) <= 12  # 5 expected; 13 or more in 2 of 1000 at the level


# Bands


def test_bands_by_hand():
    said = np.array([0.1, 0.2, 0.3, 0.9, 0.85])
    decline = np.array([0, 1, 0, 1, 1])
    found = by_band(Scored(said, said > 0.5), decline, known(5000), Simulation(400, 0.95, 1), CUTS)
    assert found["from"].tolist() == [0.0, 0.2, 0.8]
    assert found["to"].tolist() == [0.2, 0.5, 1.0]
    assert found["customers"].tolist() == [1, 2, 2]
    assert found["came"].tolist() == [0.0, 0.5, 1.0]
    assert found["expected"].tolist() == pytest.approx([0.1, 0.25, 0.875], abs=0.05)
    assert (found["expected_low"] <= found["expected"]).all()
    assert (found["expected"] <= found["expected_high"]).all()


def test_the_intervals_of_bands_hold_what_comes():
    inside = []
    for seed in range(40):
        said, decline = drawn(300, 2 * seed)
        setting = Simulation(200, 0.95, seed)
        found = by_band(Scored(said, said > 0.5), decline, known(500, 2 * seed + 1), setting, CUTS)
        inside += (
            (found["expected_low"] <= found["came"]) & (found["came"] <= found["expected_high"])
        ).tolist()
    assert 0.9 < np.mean(inside) < 0.995
