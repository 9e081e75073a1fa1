"""Training: calibrated on scores of unseen rows, and no row scored by a model that saw it."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from retention.models.blend import Blend
from retention.selection.pipeline import build
from retention.selection.training import decline_probability, fit_out_of_fold, threshold


@pytest.fixture
def memorising(learnable, candidates):
    """Return the unfitted nearest neighbour: of its own training rows it knows every label."""
    return build("knn", candidates["knn"] | {"n_neighbors": 1}, learnable.columns, seed=0)


@pytest.fixture(scope="module")
def random_labels(learnable) -> np.ndarray:
    return np.random.default_rng(11).permutation(learnable.decline)


def test_a_model_that_memorises_knows_nothing_of_random_labels_out_of_fold(
    learnable, memorising, random_labels
):
    distinct = learnable.features.assign(pages_per_visit=np.arange(len(random_labels)) * 7 % 90)
    in_sample = memorising.fit(distinct, random_labels).predict(distinct)
    assert (in_sample == random_labels).all()
    found = fit_out_of_fold({"knn": memorising}, distinct, random_labels, learnable.fold)
    assert roc_auc_score(random_labels, found.probability) == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize("family", ["extra_trees", "knn", "logistic", "mixture", "svc", "tree"])
def test_the_probability_is_that_of_decline(family, learnable, candidates):
    members = {family: build(family, candidates[family], learnable.columns, seed=0)}
    found = fit_out_of_fold(members, learnable.features, learnable.decline, learnable.fold)
    assert roc_auc_score(learnable.decline, found.probability) > 0.7
    model = Blend(members).fit(learnable.features, learnable.decline, learnable.fold)
    probability = decline_probability(model, learnable.features)
    assert ((probability > 0.5) == model.predict(learnable.features).astype(bool)).all()
    assert roc_auc_score(learnable.decline, probability) > 0.7


@pytest.mark.parametrize("families", [["logistic"], ["logistic", "mixture", "svc"]], ids=len)
def test_a_rows_own_label_changes_nothing_in_the_probabilities_of_its_fold(
    families, learnable, candidates
):
    members = {
        family: build(family, candidates[family], learnable.columns, seed=0) for family in families
    }
    flipped = learnable.decline.copy()
    in_fold = learnable.fold == 1
    flipped[in_fold] = 1 - flipped[in_fold]
    before, after = (
        fit_out_of_fold(members, learnable.features, labels, learnable.fold)
        for labels in (learnable.decline, flipped)
    )
    assert after.probability[in_fold].tolist() == before.probability[in_fold].tolist()
    assert (after.probability[~in_fold] != before.probability[~in_fold]).all()


def test_model_number_k_scored_fold_number_k(learnable, candidates):
    members = {"tree": build("tree", candidates["tree"], learnable.columns, seed=0)}
    found = fit_out_of_fold(members, learnable.features, learnable.decline, learnable.fold)
    for number, model in enumerate(found.models):
        rows = learnable.fold == number
        again = decline_probability(model, learnable.features[rows])
        assert again.tolist() == found.probability[rows].tolist()


def test_the_holdout_has_no_influence_and_no_out_of_fold_probability(learnable, candidates):
    members = {"svc": build("svc", candidates["svc"], learnable.columns, seed=0)}
    fold = learnable.fold.copy()
    fold[::4] = -1
    holdout = fold == -1
    other_labels = learnable.decline.copy()
    other_labels[holdout] = 1 - other_labels[holdout]
    other_features = learnable.features.copy()
    other_features.loc[holdout, "pages_per_visit"] = 1000
    other_features.loc[holdout, "favourite_category"] = "only in the hold-out"
    before = fit_out_of_fold(members, learnable.features, learnable.decline, fold)
    after = fit_out_of_fold(members, other_features, other_labels, fold)
    np.testing.assert_array_equal(after.probability, before.probability)
    assert np.isnan(before.probability[holdout]).all()
    assert not np.isnan(before.probability[~holdout]).any()


def test_calibration_does_not_believe_scores_of_training_rows(learnable, memorising, random_labels):
    model = Blend({"knn": memorising}).fit(learnable.features, random_labels, learnable.fold)
    probability = decline_probability(model, learnable.features)
    assert probability.max() - probability.min() < 0.4
    assert probability.mean() == pytest.approx(random_labels.mean(), abs=0.1)


def test_probabilities_are_calibrated_by_a_sigmoid_not_a_staircase(learnable, candidates):
    members = {"logistic": build("logistic", candidates["logistic"], learnable.columns, seed=0)}
    model = Blend(members).fit(learnable.features, learnable.decline, learnable.fold)
    probability = decline_probability(model, learnable.features)
    levels = len(np.unique(probability.round(12)))
    assert levels > 60
    assert ((probability >= 0) & (probability <= 1)).all()


def test_the_given_pipeline_stays_unfitted(learnable, candidates):
    pipeline = build("tree", candidates["tree"], learnable.columns, seed=0)
    members = {"tree": pipeline}
    Blend(members).fit(learnable.features, learnable.decline, learnable.fold)
    fit_out_of_fold(members, learnable.features, learnable.decline, learnable.fold)
    assert members == {"tree": pipeline}
    assert not hasattr(pipeline["model"], "tree_")


def gains(decline: np.ndarray, probability: np.ndarray, rule: str) -> dict[float, float]:
    """Return the gain at every cut, counted one by one."""
    found = {}
    for cut in np.unique(probability).tolist():
        predicted = probability >= cut
        hits = (predicted & (decline == 1)).sum()
        false_alarms = (predicted & (decline == 0)).sum()
        misses = (~predicted & (decline == 1)).sum()
        if rule == "f1":
            found[cut] = 2 * hits / (2 * hits + false_alarms + misses)
        else:
            found[cut] = hits / (decline == 1).sum() - false_alarms / (decline == 0).sum()
    return found


@pytest.mark.parametrize("digits", [1, 2, 8])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rule", ["f1", "youden"])
def test_the_threshold_is_the_highest_of_the_best_cuts(rule, seed, digits):
    random = np.random.default_rng(seed)
    decline = random.permutation(np.arange(40) % 2)
    probability = np.clip(random.normal(0.4 + 0.2 * decline, 0.2), 0, 1).round(digits)
    by_cut = gains(decline, probability, rule)
    best = [cut for cut, gain in by_cut.items() if gain > max(by_cut.values()) - 1e-9]
    assert threshold(decline, probability, rule) == max(best)


def test_f1_and_youden_are_different_rules():
    decline = np.array([1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    probability = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
    assert threshold(decline, probability, "f1") == 0.9
    assert threshold(decline, probability, "youden") == 0.6
