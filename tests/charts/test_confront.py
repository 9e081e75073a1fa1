"""The ceiling: models beside the true probabilities, which they never see."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import mannwhitneyu

from retention.charts.confront import MODELS, bias_by_band, confrontation, curve, figures


@pytest.fixture(scope="module")
def population():
    """Return 20,000 customers with the truth as their model."""
    random = np.random.default_rng(3)
    truth = random.beta(0.6, 0.8, 20_000)
    decline = (random.random(len(truth)) < truth).astype(np.int64)
    return table(decline, truth, truth)


def table(decline, probability, truth, group=None):
    return pd.DataFrame(
        {
            "decline": decline,
            "group": np.arange(len(truth)) if group is None else group,
            "probability": probability,
            "truth": truth,
        }
    )


def test_the_truth_as_a_model_is_the_ceiling(population):
    found = figures(population, 0.95)
    assert found["model"] == found["bayes"]
    assert found["share_of_bayes"] == 1
    assert found["probability_error"] == 0


def test_the_figures_are_those_of_their_definitions(population):
    decline, truth = population["decline"].to_numpy(), population["truth"].to_numpy()
    blurred = expit(0.5 * logit(truth) + np.random.default_rng(1).normal(size=len(truth)))
    found = figures(table(decline, blurred, truth), 0.95)
    auc = {}
    for name, score in (("bayes", truth), ("model", blurred)):
        pairs = (decline == 1).sum() * (decline == 0).sum()
        auc[name] = mannwhitneyu(score[decline == 1], score[decline == 0]).statistic / pairs
        part = found[name]
        assert part["roc_auc"]["value"] == pytest.approx(auc[name])
        assert part["roc_auc"]["low"] < auc[name] < part["roc_auc"]["high"]
        assert part["brier"] == pytest.approx(np.mean((score - decline) ** 2))
        likelihood = np.where(decline == 1, score, 1 - score)
        assert part["log_loss"] == pytest.approx(-np.log(likelihood).mean())
        assert part["brier"] >= found["bayes"]["brier"]
    assert found["share_of_bayes"] == pytest.approx((auc["model"] - 0.5) / (auc["bayes"] - 0.5))
    assert found["probability_error"] == pytest.approx(np.abs(blurred - truth).mean())


def test_a_model_upside_down_has_a_negative_share(population):
    upside_down = population.assign(probability=1 - population["truth"])
    assert figures(upside_down, 0.95)["share_of_bayes"] == pytest.approx(-1)


def test_a_truth_that_tells_nothing_leaves_no_share():
    decline, same = np.arange(40) % 2, np.full(40, 0.5)
    assert np.isnan(
        figures(table(decline, np.linspace(0.1, 0.9, 40), same), 0.95)["share_of_bayes"]
    )


def test_a_bias_in_the_middle_is_seen_where_it_is(population):
    """As much too high in one band as too low in another: no slope, no offset shows it."""
    shift = np.select(
        [population["truth"].between(0.3, 0.45), population["truth"].between(0.75, 0.9)],
        [0.04, -0.04],
    )
    found = bias_by_band(population.assign(probability=population["truth"] + shift), 0.95)
    assert [*found] == [
        "0.00-0.05",
        "0.05-0.20",
        "0.20-0.50",
        "0.50-0.70",
        "0.70-0.95",
        "0.95-1.00",
    ]
    assert found["0.20-0.50"]["low"] > 0
    assert found["0.70-0.95"]["high"] < 0
    assert found["0.95-1.00"]["value"] == 0
    assert sum(band["customers"] for band in found.values()) == 20_000
    for band in found.values():
        if not np.isnan(band["low"]):
            assert band["low"] <= band["value"] <= band["high"]


def test_a_customer_on_a_border_is_in_the_band_above_and_certain_ones_in_the_outer():
    edges = np.array([0.0, 0.05, 0.2, 0.5, 0.7, 0.95, 1.0])
    found = bias_by_band(table(np.arange(7) % 2, edges, edges), 0.95)
    assert [band["customers"] for band in found.values()] == [1, 1, 1, 1, 1, 2]
    assert all(np.isnan(band["low"]) for band in found.values())


def test_near_duplicates_do_not_make_the_bias_look_surer(population):
    some = population.head(2000)
    some = some.assign(probability=expit(0.7 * logit(some["truth"])))
    twice = pd.concat([some, some])
    for name, once in bias_by_band(some, 0.95).items():
        again = bias_by_band(twice, 0.95)[name]
        assert again["high"] - again["low"] == pytest.approx(once["high"] - once["low"], rel=0.01)


def test_the_curve_lies_on_the_diagonal_for_the_truth_and_off_it_for_a_timid_model(population):
    right = curve(population, 0.95, 10)
    assert right["predicted"].tolist() == right["truth"].tolist()
    assert right["customers"].tolist() == [2000] * 10
    assert ((right["low"] < right["truth"]) & (right["truth"] < right["high"])).all()
    timid = curve(population.assign(probability=expit(0.5 * logit(population["truth"]))), 0.95, 10)
    assert timid["truth"].tolist() == pytest.approx(right["truth"].tolist())
    assert timid["high"].iloc[0] < timid["predicted"].iloc[0]
    assert timid["low"].iloc[-1] > timid["predicted"].iloc[-1]


def test_more_bins_than_customers_leave_out_the_empty_ones():
    found = curve(table(np.array([0, 1]), np.array([0.3, 0.1]), np.array([0.4, 0.2])), 0.95, 5)
    assert found[["predicted", "truth", "customers"]].to_numpy().tolist() == [
        [0.1, 0.2, 1],
        [0.3, 0.4, 1],
    ]


def test_both_stores_are_told_apart_and_a_real_one_has_neither(population):
    found, points = confrontation(population.head(500), population, 0.95)
    assert found["known"] is True
    assert (found["own"]["customers"], found["fresh"]["customers"]) == (500, 20_000)
    assert points["model"].unique().tolist() == [*MODELS.values()]
    nobody = population.head(0)
    found, points = confrontation(nobody, nobody, 0.95)
    assert found == {"known": False}
    assert list(points) == ["model", "predicted", "truth", "low", "high", "customers"]
    assert len(points) == 0
