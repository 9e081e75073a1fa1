"""Figures expected before outcomes are known hold what is seen then, if nothing else changes."""

import numpy as np
import pytest
from scipy.special import expit, logit

from retention.evaluation.expected import Known, expected_figures
from retention.statistics.ranking import roc_auc

SETTING = {"confidence": 0.95, "draws": 200}


def month(random, customers, shift=0.0):
    """Return true probabilities, and those of a model that is a little too sure of itself."""
    true = expit(random.normal(-0.5 + shift, 2, customers))
    return true, expit(0.15 + 1.15 * logit(true))


def known(random, customers=600):
    true, said = month(random, customers)
    decline = (random.random(customers) < true).astype(np.int64)
    return Known(decline, said, np.arange(customers))


def seen(said, decline):
    predicted = said >= 0.5
    return {
        "decline_rate": decline.mean(),
        "roc_auc": roc_auc(decline, said),
        "precision": decline[predicted].mean(),
        "recall": decline[predicted].sum() / decline.sum(),
    }


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_the_intervals_hold_what_is_seen_with_and_without_a_shift_of_the_customers(shift):
    """In 90 to 99 % of simulated months for 95 %; with 100 of them, in at least 88."""
    held = dict.fromkeys(("decline_rate", "roc_auc", "precision", "recall"), 0)
    for seed in range(100):
        random = np.random.default_rng(seed)
        true, said = month(random, 200, shift)
        found = expected_figures(said, 0.5, known(random), seed=seed, **SETTING)
        decline = (random.random(200) < true).astype(np.int64)
        for name, value in seen(said, decline).items():
            held[name] += found[name]["low"] <= value <= found[name]["high"]
    assert min(held.values()) >= 88, held


def test_a_model_that_is_too_sure_is_expected_to_be_worth_no_more_than_it_was():
    random = np.random.default_rng(1)
    many = known(random, 4_000)
    sure = Known(many.decline, expit(3 * logit(many.probability)), many.groups)
    expected = expected_figures(sure.probability, 0.5, sure, seed=0, **SETTING)
    assert expected["roc_auc"]["value"] == pytest.approx(
        roc_auc(many.decline, many.probability), abs=0.01
    )
    assert expected["decline_rate"]["value"] == pytest.approx(many.decline.mean(), abs=0.01)


def test_of_few_known_customers_less_is_expected_surely():
    random = np.random.default_rng(2)
    _, said = month(random, 1_000)
    widths = []
    for customers in (60, 3_000):
        found = expected_figures(said, 0.5, known(random, customers), seed=0, **SETTING)
        widths.append(found["decline_rate"]["high"] - found["decline_rate"]["low"])
    assert widths[0] > 2 * widths[1]


def test_without_anybody_predicted_there_is_no_precision():
    random = np.random.default_rng(3)
    found = expected_figures(np.full(50, 0.1), 0.5, known(random), seed=0, **SETTING)
    assert np.isnan(found["precision"]["value"])
    assert found["roc_auc"]["value"] == pytest.approx(0.5)
