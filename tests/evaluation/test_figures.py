"""All figures of models on outer folds, each against scikit-learn or its own definition."""

import json
import math

import numpy as np
import pytest
from evaluation.outer_cases import FOLDS, made_up
from scipy.special import expit
from sklearn import metrics

from retention.evaluation.figures import Setting, judge, judge_classes, threshold_spread
from retention.evaluation.outer import Outer, unseen_probability
from retention.statistics.paired import corrected_interval

SETTING = Setting(confidence=0.9, bins=6, samples=50, seed=1)


@pytest.fixture(scope="module")
def case():
    outer, scores = made_up()
    return outer, unseen_probability(scores, outer)


def by_split(figure, outer, values):
    return np.array(
        [figure(outer.decline[test], values[r, test]) for r, _, _, test in outer.splits()]
    )


def test_figures_are_scikit_learns(case):
    outer, probability = case
    found = judge(probability, outer, SETTING)
    everybody, stacked = np.tile(outer.decline, 3), probability.ravel()
    auc = by_split(metrics.roc_auc_score, outer, probability)
    assert found["roc_auc"] == pytest.approx(corrected_interval(auc, FOLDS, 0.9, 100))
    assert found["pr_auc"] == pytest.approx(
        by_split(metrics.average_precision_score, outer, probability).mean()
    )
    brier = metrics.brier_score_loss(everybody, stacked)
    assert found["log_loss"] == pytest.approx(metrics.log_loss(everybody, stacked))
    assert found["brier"] == pytest.approx(brier)
    rate = metrics.brier_score_loss(everybody, outer.known_rate().ravel())
    assert found["brier_skill"] == pytest.approx(1 - brier / rate)


def test_the_calibration_error_stands_beside_its_floor_and_has_no_interval(case):
    outer, probability = case
    found = judge(probability, outer, SETTING)
    assert isinstance(found["ece"], float)
    assert 0 < found["ece_of_perfect"] < 0.1
    assert 0 < found["ici_of_perfect"] < found["ece_of_perfect"]


def test_a_shifted_model_is_flagged_in_the_large_and_a_sharpened_one_by_its_slope():
    outer, scores = made_up(n=1000)
    odds = np.log(1 / (1 / unseen_probability(scores, outer) - 1))
    right, high, sharp = (
        judge(expit(changed), outer, SETTING)["calibration"]
        for changed in (odds, odds + 0.6, 2 * odds)
    )
    assert right["in_the_large"]["low"] <= 0 <= right["in_the_large"]["high"]
    assert right["slope"]["low"] <= 1 <= right["slope"]["high"]
    assert high["in_the_large"]["high"] < 0
    assert sharp["slope"]["high"] < 1


def test_repeats_do_not_make_the_calibration_look_surer(case):
    outer, probability = case
    one, three = (
        judge(
            np.tile(probability[0], (repeats, 1)),
            Outer(outer.decline, outer.groups, np.tile(outer.fold[0], (repeats, 1))),
            SETTING,
        )
        for repeats in (1, 3)
    )
    for name in ("in_the_large", "slope"):
        assert three["calibration"][name] == pytest.approx(one["calibration"][name])


def test_classes_are_counted_as_scikit_learn_does(case):
    outer, probability = case
    predicted = probability >= 0.45
    found = judge_classes(predicted, outer, 0.9)
    for name, figure in (
        ("precision", metrics.precision_score),
        ("recall", metrics.recall_score),
        ("f1", metrics.f1_score),
        ("accuracy", metrics.accuracy_score),
    ):
        assert found[name]["value"] == pytest.approx(by_split(figure, outer, predicted).mean())
        assert found[name]["low"] < found[name]["value"] < found[name]["high"]
    matrix = metrics.confusion_matrix(outer.decline, predicted[0])
    assert [*found["confusion"].values()] == matrix[[1, 1, 0, 0], [1, 0, 1, 0]].tolist()
    dummy = found["all_decline"]
    assert (dummy["recall"], dummy["accuracy"]) == (
        1,
        pytest.approx(outer.decline.mean(), abs=0.01),
    )
    assert dummy["ahead"]["low"] > 0


def test_on_noise_nothing_is_better_than_calling_everybody_declining():
    better, far = [], []
    for seed in range(12):
        outer, scores = made_up(seed, n=200, knowledge=0.0)
        probability = unseen_probability(scores, outer)
        # The threshold of the best F1 among the training part, as a procedure would learn it.
        predicted = np.empty(probability.shape, dtype=bool)
        for repeat, number, train, test in outer.splits():
            given = scores[f"split_{repeat + 1}_{number}"].to_numpy()
            cuts = np.quantile(given[train], [0, 0.2, 0.4, 0.6, 0.8])
            f1 = [metrics.f1_score(outer.decline[train], given[train] >= cut) for cut in cuts]
            predicted[repeat, test] = given[test] >= cuts[int(np.argmax(f1))]
        better.append(judge_classes(predicted, outer, 0.95)["all_decline"]["ahead"]["low"] > 0)
        roc_auc = judge(probability, outer, SETTING)["roc_auc"]
        far.append(not roc_auc["low"] <= 0.5 <= roc_auc["high"])
    assert sum(better) == 0
    assert sum(far) <= 4  # at a confidence of 0.9


def figures_of(found):
    """Return all intervals in a nested dictionary."""
    if isinstance(found, dict):
        if "low" in found:
            yield found
        for value in found.values():
            yield from figures_of(value)


@pytest.mark.parametrize("knowledge", [0.0, 1.0, 30.0])
@pytest.mark.parametrize("n", [14, 60, 300])
def test_every_value_lies_in_its_interval_which_has_a_width(n, knowledge):
    outer, scores = made_up(2, n=n, knowledge=knowledge)
    probability = unseen_probability(scores, outer)
    found = judge(probability, outer, SETTING) | judge_classes(probability > 0.5, outer, 0.9)
    for interval in figures_of(found):
        if not math.isnan(interval["low"]) and any(interval.values()):
            value = interval.get("value", interval.get("difference"))
            assert interval["low"] <= value <= interval["high"]
            assert interval["low"] < interval["high"]
    json.dumps(found)


def test_a_certain_model_of_few_customers_is_not_certain():
    outer, scores = made_up(2, n=60, knowledge=30.0)
    found = judge(unseen_probability(scores, outer), outer, SETTING)["roc_auc"]
    assert found["value"] == found["high"] == 1
    assert found["low"] < 0.95
    fewer, scores = made_up(2, n=14, knowledge=30.0)
    found = judge(unseen_probability(scores, fewer), fewer, SETTING)["roc_auc"]
    assert found["value"] == 1
    assert math.isnan(found["low"])


def test_the_spread_of_thresholds_is_what_each_training_part_had(case):
    outer, probability = case
    learnt = np.random.default_rng(5).uniform(0.4, 0.6, len(list(outer.splits())))
    predicted = np.zeros(probability.shape, dtype=bool)
    for cut, (repeat, _, _, test) in zip(learnt, outer.splits(), strict=True):
        predicted[repeat, test] = probability[repeat, test] >= cut
    found = threshold_spread(probability, predicted, outer)
    # Read off some dozens of customers, so within the gaps between their probabilities.
    assert found["least"] == pytest.approx(learnt.min(), abs=0.1)
    assert found["median"] == pytest.approx(np.median(learnt), abs=0.1)
    assert found["largest"] == pytest.approx(learnt.max(), abs=0.1)
    assert found["least"] >= learnt.min()


def test_where_nobody_is_called_declining_no_threshold_shows(case):
    outer, probability = case
    found = threshold_spread(probability, np.zeros(probability.shape, dtype=bool), outer)
    assert all(math.isnan(value) for value in found.values())
