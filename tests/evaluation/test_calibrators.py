"""Calibrators: learnt on inner scores, judged on outer ones by a score that no clip decides."""

import numpy as np
import pandas as pd
import pytest
from evaluation.outer_cases import made_up
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from retention.evaluation import calibration
from retention.evaluation.calibrators import bounded, compare_calibrators, isotonic
from retention.evaluation.outer import Outer

METHODS = ["none", "sigmoid", "isotonic", "bounded"]


def drawn(truth_of, seed=1, n=2000):
    """Return outer folds and one score for all splits, outcomes drawn from its true probability."""
    random = np.random.default_rng(seed)
    score = random.normal(0, 2, n)
    decline = (random.random(n) < truth_of(score)).astype(np.int64)
    outer = Outer(decline, np.arange(n), random.permutation(n)[None, :] % 5)
    return outer, pd.DataFrame({f"split_1_{fold}": score for fold in range(5)})


def judged(outer, scores):
    return compare_calibrators({"family": scores}, outer)["family"]


def test_scores_that_are_right_already_stay_about_as_good():
    found = judged(*drawn(expit))
    assert [*found] == [*METHODS, "best"]
    assert found["sigmoid"] == pytest.approx(found["none"], abs=0.001)


def test_the_sigmoid_mends_log_odds_that_are_too_large():
    outer, scores = drawn(expit)
    found = judged(outer, 4 * scores + 1)
    assert found["best"] in {"sigmoid", "bounded"}
    assert found["sigmoid"] < found["none"] - 0.01


def test_steps_mend_what_no_sigmoid_can():
    found = judged(*drawn(lambda s: np.where(s < -2, 0.05, np.where(s < 2, 0.5, 0.95))))
    assert found["best"] == "isotonic"


def test_free_ends_mend_outcomes_that_no_score_makes_certain():
    outer, scores = drawn(lambda s: 0.1 + 0.75 * expit(4 * s))
    found = judged(outer, scores)
    assert found["best"] == "bounded"
    tested = np.array([-50.0, 50.0])
    given = (scores["split_1_0"].to_numpy(), outer.decline)
    assert bounded(*given, tested) == pytest.approx([0.1, 0.85], abs=0.05)


def test_free_ends_stay_at_0_and_1_where_a_plain_sigmoid_is_true():
    outer, scores = drawn(expit)
    given = scores["split_1_0"].to_numpy()
    line = LogisticRegression(C=np.inf).fit(given[:, None], outer.decline)
    expected = line.predict_proba(given[:, None])[:, 1]
    assert np.abs(bounded(given, outer.decline, given) - expected).mean() < 0.02


def test_the_best_does_not_depend_on_where_probabilities_are_cut_off(monkeypatch):
    outer, scores = made_up(3)
    found = []
    for cut in (1e-6, 1e-3):
        monkeypatch.setattr(calibration, "LEAST_PROBABILITY", cut)
        found.append(judged(outer, scores))
    assert found[0] == found[1]
    # Steps give 0 and 1: the log loss of the same probabilities does depend on it.
    probability = isotonic(scores["split_1_0"].to_numpy(), outer.decline, np.array([-9.0, 9.0]))
    assert probability.tolist() == [0, 1]


def test_probabilities_are_taken_as_they_are_and_other_scores_as_log_odds():
    outer, scores = drawn(expit)
    as_odds, as_probability = judged(outer, scores), judged(outer, scores.map(expit))
    assert as_odds["none"] == pytest.approx(as_probability["none"])
    assert as_odds["isotonic"] == pytest.approx(as_probability["isotonic"])


def test_all_scores_the_same_are_no_error():
    outer, scores = made_up()
    found = judged(outer, scores * 0)
    rate = outer.decline.mean()
    assert found["sigmoid"] == pytest.approx(rate * (1 - rate), abs=0.01)
    assert found["bounded"] == pytest.approx(rate * (1 - rate), abs=0.01)
