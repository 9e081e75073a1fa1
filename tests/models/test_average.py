"""The mean over a family's grid: of the members' scores, learnt as each would learn alone."""

import numpy as np
import pytest
from sklearn.base import clone

from retention.models.blend import Blend, decision
from retention.models.storage import load_model, save_model
from retention.selection.pipeline import build, build_average

# Hyperparameters to vary in one candidate of each family.
VARIED = {
    "extra_trees": {"min_samples_leaf": [1, 3, 5]},
    "knn": {"weights": ["uniform", "distance"]},
    "logistic": {"C": [0.1, 10.0]},
    "mixture": {"components_0": [1, 2, 3]},
    "svc": {"C": [0.1, 1.0]},
    "tree": {"max_depth": [1, 3]},
}


def grid(candidates, family):
    [(name, values)] = VARIED[family].items()
    return [candidates[family] | {name: value} for value in values]


def averaged(learnable, members, family):
    return build_average(family, members, learnable.columns, seed=0)


@pytest.mark.parametrize("family", VARIED)
def test_its_score_is_the_mean_of_what_each_candidate_says_alone(learnable, candidates, family):
    members = grid(candidates, family)
    model = averaged(learnable, members, family).fit(learnable.features, learnable.decline)
    alone = [
        decision(
            build(family, member, learnable.columns, seed=0).fit(
                learnable.features, learnable.decline
            ),
            learnable.features,
        )
        for member in members
    ]
    assert np.ptp(alone, axis=0).max() > 0.01
    np.testing.assert_allclose(
        decision(model, learnable.features), np.mean(alone, axis=0), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("family", VARIED)
def test_a_saved_average_scores_the_same_and_has_the_same_bytes(
    tmp_path, learnable, candidates, family
):
    paths = [tmp_path / "first.skops", tmp_path / "second.skops"]
    for path in paths:
        members = {family: averaged(learnable, grid(candidates, family), family)}
        model = Blend(members).fit(learnable.features, learnable.decline, learnable.fold)
        save_model(path, model)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    scores = load_model(paths[0]).decision_function(learnable.features)
    assert scores.tolist() == model.decision_function(learnable.features).tolist()


def test_the_estimators_given_stay_unfitted(learnable, candidates):
    pipeline = averaged(learnable, grid(candidates, "tree"), "tree")
    fitted = clone(pipeline).fit(learnable.features, learnable.decline)
    assert len(fitted["model"].estimators_) == 2
    assert not any(hasattr(tree, "tree_") for tree in pipeline["model"].estimators)
    assert not any(hasattr(tree, "tree_") for tree in fitted["model"].estimators)


@pytest.mark.parametrize("changed", [{"encoder": "ordinal"}, {"subset": "behavioural"}])
def test_candidates_of_several_preprocessings_are_refused(learnable, candidates, changed):
    members = [candidates["tree"], candidates["tree"] | changed]
    with pytest.raises(ValueError, match="one preprocessing"):
        averaged(learnable, members, "tree")


def test_no_candidate_at_all_is_refused(learnable):
    with pytest.raises(ValueError, match="one preprocessing"):
        averaged(learnable, [], "tree")
