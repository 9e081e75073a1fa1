"""What is expected of next month comes, unless the relation itself changes."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from retention.next_month import expected as module
from retention.next_month.expected import (
    FIGURES,
    Figures,
    Scored,
    Simulation,
    expected,
    expected_roc_auc,
)
from retention.next_month.recalibration import Known, Recalibration

SETTING = Simulation(draws=400, confidence=0.95, seed=1)


def drawn(size, seed, spread=2.0, centre=-0.5):
    """Return true probabilities and outcomes."""
    random = np.random.default_rng(seed)
    truth = expit(random.normal(centre, spread, size))
    return truth, (random.random(size) < truth).astype(np.int64)


def known(probability, decline, weight=None):
    size = len(decline)
    return Known(decline, probability, np.arange(size), np.ones(size) if weight is None else weight)


def scored(probability, threshold=0.5, groups=None):
    return Scored(probability, probability >= threshold, groups)


def came(month, decline):
    return dict(zip(FIGURES, Figures(month)((decline == 1)[None, :])[0], strict=True))


# The formula


def test_expected_roc_auc_by_all_pairs():
    p, w = np.array([0.9, 0.4, 0.4, 0.1]), np.array([1.0, 2.0, 0.5, 1.0])
    pairs = [
        (w[i] * p[i] * w[j] * (1 - p[j]), (p[i] > p[j]) + 0.5 * (p[i] == p[j]))
        for i in range(4)
        for j in range(4)
    ]
    by_hand = sum(mass * right for mass, right in pairs) / sum(mass for mass, _ in pairs)
    assert expected_roc_auc(p, w) == pytest.approx(by_hand)
    assert expected_roc_auc(np.full(5, 0.3)) == pytest.approx(0.5)
    assert np.isnan(expected_roc_auc(np.ones(3)))


def test_figures_are_those_of_the_field():
    truth, decline = drawn(300, 3)
    found = came(scored(truth), decline)
    hits = decline[truth >= 0.5].sum()
    assert found["roc_auc"] == pytest.approx(roc_auc_score(decline, truth))
    assert found["precision"] == pytest.approx(hits / (truth >= 0.5).sum())
    assert found["recall"] == pytest.approx(hits / decline.sum())
    assert found["decline_rate"] == pytest.approx(decline.mean())


# What is expected


def test_true_probabilities_say_what_they_are_worth():
    found = expected(scored(drawn(3000, 2)[0]), known(*drawn(20_000, 1)), SETTING)
    truth = drawn(3000, 2)[0]
    assert found["roc_auc"]["value"] == pytest.approx(expected_roc_auc(truth), abs=0.006)
    assert found["decline_rate"]["value"] == pytest.approx(truth.mean(), abs=0.006)
    assert found["precision"]["value"] == pytest.approx(truth[truth >= 0.5].mean(), abs=0.01)
    assert found["called"] == (truth >= 0.5).sum()
    for name in FIGURES:
        assert found[name]["low"] < found[name]["value"] < found[name]["high"]


@pytest.mark.parametrize("wrong", [lambda z: z / 2, lambda z: 2 * z, lambda z: z + 0.7])
def test_wrong_probabilities_are_put_right_by_those_whose_outcome_is_known(wrong):
    truth, decline = drawn(20_000, 1)
    month = drawn(3000, 2)[0]
    found = expected(
        scored(expit(wrong(logit(month)))), known(expit(wrong(logit(truth))), decline), SETTING
    )
    assert found["roc_auc"]["value"] == pytest.approx(expected_roc_auc(month), abs=0.01)
    assert found["decline_rate"]["value"] == pytest.approx(month.mean(), abs=0.01)


def test_probabilities_wrong_in_the_middle_alone_are_put_right():
    truth, decline = drawn(20_000, 1)

    def bent(p):
        return p + 0.12 * np.exp(-(((p - 0.5) / 0.2) ** 2))

    month = drawn(3000, 2)[0]
    found = expected(scored(bent(month)), known(bent(truth), decline), SETTING)
    assert found["decline_rate"]["value"] == pytest.approx(month.mean(), abs=0.01)
    assert found["precision"]["value"] == pytest.approx(month[bent(month) >= 0.5].mean(), abs=0.02)


def test_customers_whose_like_come_say_more_than_others():
    """Of two kinds the model is right for one; next month only has the other."""
    truth, decline = drawn(4000, 1)
    other = np.arange(4000) % 2 == 1
    shown = np.where(other, expit(logit(truth) + 1.0), truth)
    month = expit(logit(drawn(2000, 2)[0]) + 1.0)
    true_rate = drawn(2000, 2)[0].mean()
    evenly = expected(scored(month), known(shown, decline), SETTING)
    weighed = expected(scored(month), known(shown, decline, 2.0 * other), SETTING)
    assert abs(evenly["decline_rate"]["value"] - true_rate) > 0.05
    assert weighed["decline_rate"]["value"] == pytest.approx(true_rate, abs=0.02)


def test_fewer_known_customers_are_less_sure():
    month = scored(drawn(1000, 2)[0])
    widths = [
        found["high"] - found["low"]
        for size in (200, 5000)
        for found in [expected(month, known(*drawn(size, 1)), SETTING)["roc_auc"]]
    ]
    assert widths[0] > 1.2 * widths[1]


def test_customers_who_share_their_luck_widen_the_interval():
    probability = np.repeat(drawn(100, 2)[0], 5)
    alone, together = (
        expected(scored(probability, groups=groups), known(*drawn(5000, 1)), SETTING)
        for groups in (None, np.arange(500) // 5)
    )
    for name in ("roc_auc", "decline_rate"):
        widths = [found[name]["high"] - found[name]["low"] for found in (alone, together)]
        assert widths[1] > 1.7 * widths[0]


# Where nothing can be said


def test_too_few_of_a_class_have_no_interval():
    few = expected(scored(np.full(200, 0.01)), known(*drawn(500, 1)), SETTING)
    assert np.isnan(few["roc_auc"]["low"])
    assert np.isnan(few["recall"]["high"])
    assert not np.isnan(few["decline_rate"]["low"])
    assert few["called"] == 0
    assert np.isnan(few["precision"]["value"])
    decline = np.zeros(300, dtype=np.int64)
    decline[:5] = 1
    unknown = expected(scored(drawn(500, 2)[0]), known(drawn(300, 1)[0], decline), SETTING)
    assert all(np.isnan(unknown[name]["low"]) for name in FIGURES)
    nobody = expected(scored(np.zeros(0)), known(*drawn(300, 1)), SETTING)
    assert all(np.isnan(nobody[name]["value"]) for name in FIGURES)


def test_a_model_that_says_the_same_of_everybody_can_be_asked():
    decline = drawn(400, 1)[1]
    found = expected(scored(np.full(300, 0.4)), known(np.full(400, 0.4), decline), SETTING)
    assert found["decline_rate"]["value"] == pytest.approx(decline.mean(), abs=0.02)
    assert found["roc_auc"]["value"] == pytest.approx(0.5, abs=0.01)


def test_certain_probabilities_stay_finite():
    p, decline = drawn(500, 1)
    p[:3], p[3:6] = 0.0, 1.0
    found = expected(scored(p), known(p, decline), SETTING)
    assert 0 < found["roc_auc"]["low"] < 1


def test_the_same_seed_draws_the_same_however_much_fits_at_once(monkeypatch):
    given = scored(drawn(200, 2)[0]), known(*drawn(300, 1))
    first = expected(*given, SETTING)
    assert expected(*given, SETTING) == first
    assert expected(*given, Simulation(400, 0.95, 2)) != first
    monkeypatch.setattr(module, "AT_ONCE", 2000)
    again = expected(*given, SETTING)
    assert again["roc_auc"]["value"] == pytest.approx(first["roc_auc"]["value"], abs=0.01)


# The proof in short; the long one: python -m benchmarks.next_month expected


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_what_is_expected_comes_in_95_of_100_months(shift):
    inside = []
    for seed in range(100):
        truth, decline = drawn(250, 2 * seed)
        month, outcome = drawn(150, 2 * seed + 1, centre=-0.5 + shift)
        timid = [expit(0.7 * logit(p) + 0.2) for p in (truth, month)]
        found = expected(scored(timid[1]), known(timid[0], decline), Simulation(200, 0.95, seed))
        real = came(scored(timid[1]), outcome)
        inside.append([found[name]["low"] <= real[name] <= found[name]["high"] for name in FIGURES])
    assert (np.mean(inside, axis=0) >= 0.89).all()
    assert np.mean(inside) < 0.995


def test_a_relation_that_changes_is_not_seen():
    truth, decline = drawn(1000, 1)
    month = drawn(1000, 2)[0]
    outcome = (np.random.default_rng(3).random(1000) < expit(0.3 * logit(month))).astype(int)
    found = expected(scored(month), known(truth, decline), SETTING)
    assert found["roc_auc"]["value"] > 0.85
    assert came(scored(month), outcome)["roc_auc"] < found["roc_auc"]["low"]


def test_the_curve_of_right_probabilities_is_about_the_identity():
    curve = Recalibration(known(*drawn(20_000, 1)))
    p = np.linspace(0.05, 0.95, 10)
    np.testing.assert_allclose(curve.probability(p), p, atol=0.02)
    spread = curve.draws(p, 500, np.random.default_rng(1)).std(axis=0)
    assert (spread < 0.02).all()
    few = Recalibration(known(*drawn(200, 1)))
    assert (few.draws(p, 500, np.random.default_rng(1)).std(axis=0) > spread).all()
