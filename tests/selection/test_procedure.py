"""The procedure: one function of its customers, in parts or at once, blind to the test part."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from retention.families import read_grid
from retention.folds import draw_folds, splits
from retention.models.blend import decision
from retention.selection.decisions import Members, combine_everybody, combine_outer
from retention.selection.nested import nest, split_name
from retention.selection.procedure import Combining, Learning, learn_family, procedure
from retention.selection.search import Race

PREPARE = {"encoder": ["one-hot"], "scaler": ["standard"]}
GRIDS = {
    name: read_grid(name, {**PREPARE, **grid})
    for name, grid in {
        "knn": {"n_neighbors": [3, 9, 15], "weights": ["uniform"], "p": [2]},
        "mixture": {
            "answer": "average",
            "components_0": [1, 2],
            "components_1": [1],
            "reg_covar": [0.1],
        },
        "logistic": {"C": [0.1, 1.0], "class_weight": [None]},
    }.items()
}
COMBINING = Combining({"knn": 0.5, "mixture": 0.5}, {"logistic": 10}, pull=10.0, rule="f1")


@pytest.fixture(scope="module")
def learning(learnable) -> Learning:
    return Learning(learnable.columns, folds=3, seed=4, race=Race(1, 1.0, 1))


@pytest.fixture(scope="module")
def groups(learnable) -> np.ndarray:
    return np.arange(len(learnable.decline)) // 2


@pytest.fixture(scope="module")
def outer(learnable, groups) -> np.ndarray:
    repeats = [draw_folds(learnable.decline, groups, 3, seed) for seed in (7, 8)]
    return np.stack(repeats, axis=1)


def nested(learnable, groups, outer, learning, decline=None):
    decline = learnable.decline if decline is None else decline
    return {
        name: nest(name, grid, learnable.features, decline, groups, outer, learning)
        for name, grid in GRIDS.items()
    }


def customers(learnable, decline=None) -> pd.DataFrame:
    decline = learnable.decline if decline is None else decline
    return learnable.features.assign(customer_id=np.arange(len(decline)), decline=decline)


def members(scores, answers, learning) -> Members:
    """Return the table of scores with its rows out of order: customers are told by their id."""
    tables = {
        name: table.assign(customer_id=np.arange(len(table))) for name, table in scores.items()
    }
    table = pd.concat(tables, names=["family"]).reset_index("family").sample(frac=1, random_state=1)
    return Members(table, answers, GRIDS, learning)


def judged(parts, learnable, outer, learning, decline=None):
    return combine_outer(
        members(
            {name: part.scores for name, part in parts.items()},
            {name: part.answers for name, part in parts.items()},
            learning,
        ),
        customers(learnable, decline),
        list(learnable.features),
        outer,
        COMBINING,
    )


@pytest.fixture(scope="module")
def parts(learnable, groups, outer, learning):
    return nested(learnable, groups, outer, learning)


@pytest.mark.parametrize("name", GRIDS)
def test_the_answer_scores_unseen_customers_as_its_kind_says(name, learnable, learning):
    fold = learnable.fold
    found = learn_family(name, GRIDS[name], learnable.features, learnable.decline, fold, learning)
    search = found.search
    expected = search.unseen.mean(axis=0) if name == "mixture" else search.unseen[search.best]
    np.testing.assert_allclose(found.unseen, expected, rtol=0, atol=1e-12)
    assert roc_auc_score(learnable.decline, found.unseen) > 0.7
    assert roc_auc_score(learnable.decline, decision(found.model, learnable.features)) > 0.7


def test_in_parts_and_at_once_it_is_the_same(learnable, groups, outer, learning, parts):
    """What the stages write is what the procedure gives when it is called on a training part."""
    found = judged(parts, learnable, outer, learning)
    for number, (train, test) in enumerate(splits(outer[:, 0])):
        once = procedure(
            learnable.features.iloc[train],
            learnable.decline[train],
            groups[train],
            GRIDS,
            learning,
            COMBINING,
            folds_seed=learning.seed + number,
        )
        probability = expit(once.blend.decision_function(learnable.features.iloc[test]))
        table = found.table.iloc[test]
        np.testing.assert_allclose(table["probability_1"], probability, rtol=0, atol=1e-9)
        assert (table["predicted_1"] == (probability >= once.threshold)).all()
        kept = found.blends[number]
        np.testing.assert_allclose(
            kept.predict_proba(learnable.features.iloc[test])[:, 1], probability, rtol=0, atol=1e-9
        )


def test_outcomes_of_the_test_part_change_nothing_that_is_said_of_it(
    learnable, groups, outer, learning, parts
):
    """Not in the search, nor in weights, calibration or threshold: they are never looked at."""
    before = judged(parts, learnable, outer, learning)
    tested = outer[:, 0] == 1
    flipped = np.where(tested, 1 - learnable.decline, learnable.decline)
    again = nested(learnable, groups, outer, learning, flipped)
    for name, part in again.items():
        column = split_name(1, 1)
        np.testing.assert_array_equal(part.scores[column], parts[name].scores[column])
    after = judged(again, learnable, outer, learning, flipped)
    for column in ("probability_1", "predicted_1"):
        assert after.table.loc[tested, column].tolist() == before.table.loc[tested, column].tolist()
        assert (after.table[column] != before.table[column]).any()


@pytest.mark.parametrize("name", GRIDS)
def test_what_fills_a_missing_number_is_never_learnt_from_the_test_part(
    name, learnable, groups, outer, learning
):
    filling = replace(learning, columns=learnable.columns._replace(imputed=["promo_share"]))
    holey = learnable.features.copy()
    holey.loc[::4, "promo_share"] = np.nan
    missing, tested = holey["promo_share"].isna().to_numpy(), outer[:, 0] == 1
    column = split_name(1, 1)

    def scores(changed: np.ndarray) -> np.ndarray:
        features = holey.assign(promo_share=holey["promo_share"].where(~changed, 50.0))
        arguments = (features, learnable.decline, groups, outer[:, :1], filling)
        return nest(name, GRIDS[name], *arguments).scores[column].to_numpy()

    # Other values of the test part move neither what is filled in for it, nor any training score.
    before, after = scores(np.zeros(len(holey), bool)), scores(tested & ~missing)
    np.testing.assert_array_equal(after[~tested | missing], before[~tested | missing])
    assert (after != before).any()
    # Those of the training part do, or nothing would be filled at all.
    assert (scores(~tested & ~missing)[tested & missing] != before[tested & missing]).any()


@pytest.mark.parametrize("name", GRIDS)
def test_nor_from_the_inner_fold_that_is_scored(name, learnable, learning):
    filling = replace(learning, columns=learnable.columns._replace(imputed=["promo_share"]))
    holey = learnable.features.copy()
    holey.loc[::4, "promo_share"] = np.nan
    missing, scored = holey["promo_share"].isna().to_numpy(), learnable.fold == 0
    grid = GRIDS[name] if GRIDS[name].answer == "average" else one_candidate(name)

    def unseen(features: pd.DataFrame) -> np.ndarray:
        return learn_family(name, grid, features, learnable.decline, learnable.fold, filling).unseen

    other = holey.assign(promo_share=holey["promo_share"].where(~scored | missing, 50.0))
    before, after = unseen(holey), unseen(other)
    np.testing.assert_array_equal(after[scored & missing], before[scored & missing])
    assert (after != before).any()


def one_candidate(name: str):
    """Return a grid of which nothing can be chosen: a choice looks at all inner folds."""
    rest = {"knn": {"n_neighbors": [9], "weights": ["uniform"], "p": [2]}, "logistic": {"C": [1.0]}}
    return read_grid(name, {**PREPARE, **rest[name]})


def test_near_duplicates_are_never_on_both_sides_of_an_inner_fold(learnable, learning):
    """A memorising family on shuffled outcomes finds nothing, though every customer has a twin."""
    features = pd.concat([learnable.features] * 2, ignore_index=True)
    random = np.random.default_rng(2).permutation(learnable.decline)
    decline, groups = np.tile(random, 2), np.tile(np.arange(len(random)), 2)
    grid = read_grid("knn", {**PREPARE, "n_neighbors": [1], "weights": ["uniform"], "p": [2]})
    found = nest(
        "knn", grid, features, decline, groups, draw_folds(decline, groups, 3, 1)[:, None], learning
    )
    for column in found.scores:
        assert roc_auc_score(decline, found.scores[column]) == pytest.approx(0.5, abs=0.2)


def test_what_answers_is_said_for_each_split(parts):
    answers = parts["knn"].answers
    assert list(answers) == [split_name(repeat, fold) for repeat in (1, 2) for fold in range(3)]
    assert {answer["winner"]["n_neighbors"] for answer in answers.values()} <= {3, 9, 15}
    assert all(0.6 < answer["roc_auc"] < 1 for answer in answers.values())
    assert [answer["winner"] for answer in parts["mixture"].answers.values()] == [None] * 6


def test_what_ships_is_the_procedure_on_everybody(learnable, groups, learning):
    fold = draw_folds(learnable.decline, groups, learning.folds, learning.seed)
    learnt = {
        name: learn_family(name, grid, learnable.features, learnable.decline, fold, learning)
        for name, grid in GRIDS.items()
    }
    ships = combine_everybody(
        members(
            {name: pd.DataFrame({"everybody": each.unseen}) for name, each in learnt.items()},
            {name: {"everybody": each.described()} for name, each in learnt.items()},
            learning,
        ),
        customers(learnable),
        list(learnable.features),
        COMBINING,
    )
    once = procedure(learnable.features, learnable.decline, groups, GRIDS, learning, COMBINING)
    np.testing.assert_allclose(
        ships.blend.predict_proba(learnable.features), once.blend.predict_proba(learnable.features)
    )
    assert once.threshold - 1e-6 < ships.threshold <= once.threshold


@pytest.mark.parametrize(("decliners", "share"), [(10, 0.5), (90, 0.1), (990, 0.01)])
def test_an_insurance_matters_where_decliners_are_few(decliners, share):
    shares = COMBINING.shares(decliners)
    assert shares["logistic"] == pytest.approx(share)
    assert shares["knn"] == shares["mixture"] == pytest.approx((1 - share) / 2)
    assert list(shares) == COMBINING.families


def test_several_insurances_leave_the_members_a_share():
    both = Combining({"knn": 1.0}, {"logistic": 10, "tree": 10}, 1.0, "f1").shares(5)
    assert both["knn"] == pytest.approx(0.2)
    assert sum(both.values()) == pytest.approx(1)
