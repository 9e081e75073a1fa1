"""Before and after calibration: judged on folds that the calibrator did not see."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss

from retention.evaluation.calibration import (
    brier_skill,
    calibration_points,
    ece_interval,
    expected_calibration_error,
)
from retention.evaluation.calibrators import (
    METHODS,
    calibrated,
    curves,
    judge_methods,
    plain_probability,
)
from retention.harness.files import read_json, write_json
from retention.models.blend import decision, unseen_scores
from retention.models.storage import save_model
from retention.selection.pipeline import build
from stages.calibrate import main
from stages.parameters.calibrate import Params

FOLD = np.arange(600) % 5
GROUPS = np.arange(600) // 2
SETTINGS = {"bins": 8, "samples": 100, "confidence": 0.9, "seed": 1}


def outcomes(seed=0):
    """Return two scores that each know half of the log-odds, and outcomes drawn from their sum."""
    random = np.random.default_rng(seed)
    scores = random.normal(0, 1.2, (2, 600))
    return scores, (random.random(600) < expit(scores.sum(axis=0))).astype(np.int64)


def test_a_score_means_what_the_model_would_give_as_a_probability(learnable, candidates):
    for family, candidate in candidates.items():
        model = build(family, candidate, columns=learnable.columns, seed=1)
        model.fit(learnable.features, learnable.decline)
        scores = decision(model, learnable.features)
        found = plain_probability(model, scores)
        if family == "svc":  # has none: the decision value passes for log-odds
            assert found.tolist() == pytest.approx(expit(scores).tolist())
            # Also where it could pass for a probability.
            small = scores[(scores > 0) & (scores < 1)]
            assert plain_probability(model, small).tolist() == pytest.approx(expit(small).tolist())
            assert len(small)
        elif family == "mixture":  # gives log-odds alone
            assert found.tolist() == pytest.approx(expit(scores).tolist())
            assert (found > 0.5).tolist() == model.predict(learnable.features).astype(bool).tolist()
        else:
            expected = model.predict_proba(learnable.features)[:, 1]
            assert found.tolist() == pytest.approx(expected.tolist()), family


def test_calibrators_learn_from_the_other_folds():
    scores, decline = outcomes()
    one, plain = scores[:1], expit(scores[:1])
    found = calibrated(one, plain, decline, FOLD)
    assert found["none"].tolist() == plain[0].tolist()
    for number in range(5):
        train, test = number != FOLD, number == FOLD
        line = LogisticRegression(C=np.inf, tol=1e-10).fit(one[0, train, None], decline[train])
        sigmoid = line.predict_proba(one[0, test, None])[:, 1]
        assert found["sigmoid"][test].tolist() == pytest.approx(sigmoid.tolist(), abs=1e-4)
        steps = IsotonicRegression(out_of_bounds="clip").fit(plain[0, train], decline[train])
        isotonic = steps.predict(plain[0, test])
        assert found["isotonic"][test].tolist() == pytest.approx(isotonic.tolist())


@pytest.mark.parametrize("members", [1, 2])
def test_outcomes_of_the_judged_fold_teach_nothing(members):
    scores, decline = outcomes()
    scores = scores[:members]
    judged = FOLD == 3
    flipped = np.where(judged, 1 - decline, decline)
    before, after = (calibrated(scores, expit(scores), y, FOLD) for y in (decline, flipped))
    for method in ("sigmoid", "isotonic"):
        assert before[method][judged].tolist() == after[method][judged].tolist()
        assert (before[method][~judged] != after[method][~judged]).mean() > 0.5


def test_a_blend_is_weighed_by_the_sigmoid_and_a_mean_otherwise():
    scores, decline = outcomes()
    found = calibrated(scores, expit(scores), decline, FOLD)
    mean = expit(scores).mean(axis=0)
    assert found["none"].tolist() == pytest.approx(mean.tolist())
    truth = expit(scores.sum(axis=0))
    # Each member's own sigmoid and their sum know more than a mean of probabilities.
    assert np.abs(found["sigmoid"] - truth).mean() < np.abs(mean - truth).mean() / 2
    # Steps over the mean never turn the order of two customers of a fold around.
    for number in range(5):
        order = np.argsort(mean[number == FOLD])
        assert (np.diff(found["isotonic"][number == FOLD][order]) >= 0).all()


def test_a_customer_outside_the_folds_takes_no_part():
    scores, decline = outcomes()
    outside = np.arange(600) < 40
    fold = np.where(outside, -1, FOLD)
    found = calibrated(scores, expit(scores), decline, fold)
    other = calibrated(
        np.where(outside, -scores, scores),
        expit(scores),
        np.where(outside, 1 - decline, decline),
        fold,
    )
    for method in ("sigmoid", "isotonic"):
        assert np.isnan(found[method][outside]).all()
        assert found[method][~outside].tolist() == other[method][~outside].tolist()


def judged(truth, plain_scores, seed=0):
    """Return the figures of scores whose outcomes are drawn from the truth."""
    decline = (np.random.default_rng(seed).random(600) < truth).astype(np.int64)
    scores = plain_scores[None, :]
    return judge_methods(
        [calibrated(scores, expit(scores), decline, FOLD)], decline, GROUPS, **SETTINGS
    )


def test_the_sigmoid_mends_log_odds_that_are_too_large():
    log_odds = np.random.default_rng(1).normal(0, 1.5, 600)
    found = judged(expit(log_odds), 4 * log_odds + 1)
    assert found["best"] == "sigmoid"
    assert found["sigmoid"]["log_loss"] < found["none"]["log_loss"] - 0.2
    assert found["sigmoid"]["ece"]["high"] < found["none"]["ece"]["low"]
    assert found["sigmoid"]["brier_skill"] > found["none"]["brier_skill"] + 0.1


def test_steps_mend_what_no_sigmoid_can():
    score = np.random.default_rng(1).uniform(-4, 4, 600)
    found = judged(np.where(score < -3, 0.05, np.where(score < 3, 0.5, 0.95)), score)
    assert found["best"] == "isotonic"
    assert found["isotonic"]["ece"]["value"] < found["sigmoid"]["ece"]["value"]


def test_what_is_calibrated_already_stays_about_as_good():
    log_odds = np.random.default_rng(1).normal(0, 1.5, 600)
    found = judged(expit(log_odds), log_odds)
    assert found["sigmoid"]["log_loss"] == pytest.approx(found["none"]["log_loss"], abs=0.01)


def test_figures_are_means_over_the_repeats():
    decline = outcomes()[1]
    random = np.random.default_rng(5)
    repeats = [{name: random.uniform(0.05, 0.95, 600) for name in METHODS} for _ in range(3)]
    found = judge_methods(repeats, decline, GROUPS, **SETTINGS)
    losses = {}
    for method in METHODS:
        given = [repeat[method] for repeat in repeats]
        losses[method] = np.mean([log_loss(decline, column) for column in given])
        assert found[method]["log_loss"] == pytest.approx(losses[method])
        assert found[method]["brier"] == pytest.approx(
            np.mean([brier_score_loss(decline, column) for column in given])
        )
        assert found[method]["brier_skill"] == pytest.approx(
            np.mean([brier_skill(decline, column, decline.mean()) for column in given])
        )
        assert found[method]["ece"]["value"] == pytest.approx(
            np.mean([expected_calibration_error(decline, column, 8) for column in given])
        )
    assert found["best"] == min(losses, key=losses.get)
    alone = judge_methods(repeats[:1], decline, GROUPS, **SETTINGS)
    assert alone["none"]["ece"] == ece_interval(decline, repeats[0]["none"], GROUPS, **SETTINGS)


def test_a_mistake_at_probability_0_costs_a_lot_but_not_everything():
    decline = np.array([1, 0, 1, 0])
    certain = {name: np.array([0.0, 0.0, 1.0, 1.0]) for name in METHODS}
    settings = {**SETTINGS, "bins": 2}
    found = judge_methods([certain], decline, np.arange(4), **settings)
    assert found["none"]["log_loss"] == pytest.approx(-math.log(1e-6) / 2, rel=1e-4)


def test_the_curves_are_those_of_the_methods_one_below_the_other():
    scores, decline = outcomes()
    probabilities = calibrated(scores, expit(scores), decline, FOLD)
    found = curves(probabilities, decline, 6, 0.9)
    columns = ["method", "predicted", "observed", "low", "high", "customers"]
    assert found.columns.tolist() == columns
    assert found["method"].unique().tolist() == list(METHODS)
    for method, part in found.groupby("method"):
        expected = calibration_points(decline, probabilities[method], 6, 0.9)
        pd.testing.assert_frame_equal(part[columns[1:]].reset_index(drop=True), expected)


@pytest.mark.usefixtures("one_process")
def test_the_stage_judges_training_customers_alone(tmp_path, monkeypatch, learnable, candidates):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data" / "tune").mkdir(parents=True)
    holdout = np.arange(90) < 18
    folds = pd.DataFrame(
        {
            "group": np.arange(90),
            "holdout": holdout,
            "fold_1": np.where(holdout, -1, np.arange(90) % 3),
            "fold_2": np.where(holdout, -1, np.arange(90) // 3 % 3),
        }
    )
    folds.to_parquet("data/folds.parquet")
    families = ["knn", "logistic"]
    unseen = {}
    for family in families:
        model = build(family, candidates[family], columns=learnable.columns, seed=1)
        unseen[family] = pd.DataFrame(
            {
                name: unseen_scores(model, learnable.features, learnable.decline, folds[name])
                for name in ("fold_1", "fold_2")
            }
        )
        unseen[family].to_parquet(f"data/tune/{family}.parquet")
        save_model(
            tmp_path / "models" / "candidates" / f"{family}.skops",
            model.fit(learnable.features, learnable.decline),
        )
    write_json(tmp_path / "metrics" / "choice.json", {"family": "logistic"})
    params = Params.model_validate(
        {
            "seed": 1,
            "confidence": 0.9,
            "families": {name: {"C": [1.0]} for name in families},
            "members": families,
            "bins": 4,
            "samples": 100,
        }
    )

    written = []
    for decline in (learnable.decline, np.where(holdout, 1 - learnable.decline, learnable.decline)):
        pd.DataFrame({"decline": decline}).to_parquet("data/customers.parquet")
        main(params)
        written.append(
            [
                (tmp_path / name).read_bytes()
                for name in ("metrics/calibration.json", "plots/reliability.csv")
            ]
        )
    assert written[0] == written[1]

    found = read_json(tmp_path / "metrics" / "calibration.json")
    assert list(found) == ["knn", "logistic", "blend"]
    trained = learnable.decline[~holdout]
    scores = [unseen["logistic"].loc[~holdout, name].to_numpy() for name in ("fold_1", "fold_2")]
    assert found["logistic"]["none"]["log_loss"] == pytest.approx(
        np.mean([log_loss(trained, expit(one)) for one in scores]), abs=1e-4
    )
    neighbours = unseen["knn"].loc[~holdout, "fold_1"].to_numpy()
    assert ((neighbours == 0) | (neighbours == 1)).any()  # as they are: no sigmoid over them
    assert found["knn"]["none"]["brier"] == pytest.approx(
        np.mean(
            [
                brier_score_loss(trained, unseen["knn"].loc[~holdout, name])
                for name in ("fold_1", "fold_2")
            ]
        ),
        abs=1e-4,
    )
    curve = pd.read_csv(tmp_path / "plots" / "reliability.csv")
    before = curve[curve["method"] == "none"]
    assert before["customers"].sum() == len(trained)
    assert np.average(before["predicted"], weights=before["customers"]) == pytest.approx(
        expit(scores[0]).mean(), abs=1e-3
    )
