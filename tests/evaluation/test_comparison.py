"""The procedure beside each family, and beside counts of rules."""

import math

import numpy as np
import pytest
from evaluation.outer_cases import FOLDS, made_up

from retention.evaluation.comparison import (
    against_families,
    against_found,
    against_named,
    comparison_table,
)
from retention.evaluation.figures import Setting
from retention.evaluation.outer import unseen_probability
from retention.statistics.paired import corrected_difference, smallest_seen
from retention.statistics.ranking import roc_auc
from retention.statistics.significance import holm

SETTING = Setting(confidence=0.95, bins=6, samples=200, seed=1)


@pytest.fixture(scope="module")
def models():
    """Return outer folds and probabilities of four models: two know the same, the others less."""
    found = {}
    for number, knowledge in enumerate((2.0, 2.0, 1.2, 0.0)):
        outer, scores = made_up(0, n=600, knowledge=knowledge, noise=number)
        found[f"model_{number}"] = unseen_probability(scores, outer)
    return outer, found


def test_only_the_procedure_is_compared_and_adjusted_for_so_many(models):
    outer, found = models
    procedure = found["model_0"]
    others = {name: found[name] for name in ("model_1", "model_2", "model_3")}
    against = against_families(procedure, others, outer, 0.95)
    differences = {
        name: outer.by_split(roc_auc, procedure) - outer.by_split(roc_auc, other)
        for name, other in others.items()
    }
    plain = {name: corrected_difference(d, FOLDS, 0.95) for name, d in differences.items()}
    adjusted = holm(np.array([plain[name].p for name in others]))
    for (name, compared), p in zip(against.items(), adjusted, strict=True):
        assert compared["difference"] == pytest.approx(plain[name].value)
        assert (compared["low"], compared["high"]) == (plain[name].low, plain[name].high)
        assert compared["p"] == pytest.approx(p)
        assert compared["smallest"] == smallest_seen(differences[name], FOLDS, 0.95, 3)


def test_what_is_far_apart_is_told_apart_and_what_is_near_is_not(models):
    outer, found = models
    against = against_families(
        found["model_0"], {name: found[name] for name in found if name != "model_0"}, outer, 0.95
    )
    assert against["model_2"]["difference"] > 0.07
    assert against["model_2"]["p"] < 0.05
    assert against["model_2"]["difference"] > against["model_2"]["smallest"]
    assert against["model_1"]["p"] > 0.05
    assert abs(against["model_1"]["difference"]) < against["model_1"]["smallest"]


def test_the_same_model_does_not_differ_and_spoils_no_other_comparison(models):
    outer, found = models
    against = against_families(
        found["model_0"], {"same": found["model_0"], "worse": found["model_3"]}, outer, 0.95
    )
    assert [against["same"][key] for key in ("difference", "p")] == [0, 1]
    assert against["worse"]["p"] < 0.05


def rules(outer, seed, knowledge):
    random = np.random.default_rng(seed)
    return (
        random.normal(knowledge * outer.decline[:, None], size=(len(outer.decline), 5)) > 0.5
    ).sum(axis=1)


def test_a_model_that_knows_more_than_a_count_of_rules_is_ahead_of_it(models):
    outer, found = models
    counted = rules(outer, 3, 0.5)
    named = against_named(found["model_0"], counted, outer, 0.95)
    pooled = against_found(found["model_0"], counted, outer, SETTING)
    for compared in (named, pooled):
        assert 0 < compared["low"] < compared["difference"] < compared["high"]
    assert pooled["roc_auc"] == pytest.approx(roc_auc(outer.decline, counted.astype(float)))
    assert named["difference"] == pytest.approx(pooled["difference"], abs=0.02)
    assert against_found(found["model_0"], counted, outer, SETTING) == pooled


def test_the_count_as_a_model_is_not_ahead_of_itself(models):
    outer, _ = models
    counted = rules(outer, 3, 0.5)
    as_model = np.tile(counted / 5.0, (len(outer.fold), 1))
    named = against_named(as_model, counted, outer, 0.95)
    assert (named["difference"], named["p"]) == (0, 1)
    pooled = against_found(as_model, counted, outer, SETTING)
    assert pooled["difference"] == 0
    assert math.isnan(pooled["low"])


def test_the_table_has_the_best_family_first(models):
    outer, found = models
    others = {name: found[name] for name in ("model_3", "model_1")}
    against = against_families(found["model_0"], others, outer, 0.95)
    figures = {
        name: {"roc_auc": {"value": outer.by_split(roc_auc, p).mean(), "low": 0.4, "high": 1.0}}
        for name, p in others.items()
    }
    table = comparison_table(figures, against)
    assert table["family"].tolist() == ["model_1", "model_3"]
    assert table["procedure_ahead"].tolist() == [
        against[name]["difference"] for name in ("model_1", "model_3")
    ]
