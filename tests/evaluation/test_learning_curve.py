"""The raw learning curve: growing shares of the outer training parts, the same tested folds."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline

from retention.evaluation.learning_curve import LEAST_OF_CLASS, entry_shares, learn
from retention.models.preprocessing import preprocessing

pytestmark = pytest.mark.usefixtures("one_process")


@pytest.fixture(scope="module")
def grouped():
    """Return 1,000 customers in groups of one to three, in five folds."""
    random = np.random.default_rng(4)
    groups = np.repeat(np.arange(600), random.integers(1, 4, 600))[:1000]
    decline = (random.random(600) < 0.4).astype(np.int64)[groups]
    return SimpleNamespace(decline=decline, groups=groups, fold=groups % 5)


@pytest.fixture(scope="module")
def procedure(learnable):
    """Return a procedure, and a list of what it was given."""
    seen = []

    def run(features, decline, groups):
        seen.append((features, decline, groups))
        model = make_pipeline(
            preprocessing(learnable.columns, "one-hot", "standard"), LogisticRegression()
        )
        return model.fit(features, decline)

    return run, seen


def learnt(learnable, run, shares, folds=None, entry=None, groups=None):
    folds = learnable.fold[:, None] if folds is None else folds
    entry = (
        entry_shares(learnable.decline, np.arange(90), folds[:, 0], 1) if entry is None else entry
    )
    groups = np.arange(90) if groups is None else groups
    return learn(run, learnable.features, learnable.decline, groups, folds, entry, shares)


@pytest.mark.parametrize("share", [0.1, 0.35, 0.5, 1.0])
def test_a_share_is_that_share_of_each_fold_and_class(grouped, share):
    entry = entry_shares(grouped.decline, grouped.groups, grouped.fold, 0)
    for number in range(5):
        for label in (0, 1):
            rows = (grouped.fold == number) & (grouped.decline == label)
            assert (entry[rows] <= share).sum() == pytest.approx(share * rows.sum(), abs=2)


def test_smaller_shares_are_within_larger_ones_and_groups_stay_whole(grouped):
    entry = entry_shares(grouped.decline, grouped.groups, grouped.fold, 0)
    assert pd.Series(entry).groupby(grouped.groups).nunique().max() == 1
    small, large = (set(np.flatnonzero(entry <= share)) for share in (0.3, 0.6))
    assert small < large
    assert (entry <= 1).all()


def test_who_comes_first_is_drawn_by_the_seed(grouped):
    given = (grouped.decline, grouped.groups, grouped.fold)
    first, again, other = (entry_shares(*given, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    both = (first <= 0.5) & (other <= 0.5)
    assert both.sum() == pytest.approx(250, rel=0.25)
    in_order = np.corrcoef(first, np.arange(1000))[0, 1]
    assert abs(in_order) < 0.1  # the shop's file is sorted by class


def test_every_share_is_judged_on_every_fold_of_every_repeat(learnable, procedure):
    folds = np.column_stack([learnable.fold, np.arange(90) // 30])
    found = learnt(learnable, procedure[0], [0.9, 0.7], folds)
    assert found[["share", "repeat", "fold"]].to_numpy().tolist() == [
        [share, repeat, fold] for share in (0.7, 0.9) for repeat in (1, 2) for fold in range(3)
    ]
    assert (found["roc_auc"] > 0.6).all()


def test_the_procedure_is_given_the_learnt_customers_alone(learnable, procedure):
    run, seen = procedure
    seen.clear()
    entry = entry_shares(learnable.decline, np.arange(90), learnable.fold, 1)
    found = learnt(learnable, run, [0.8], entry=entry, groups=np.arange(90) + 7)
    for (features, decline, groups), row in zip(list(seen), found.itertuples(), strict=True):
        train = np.flatnonzero((entry <= 0.8) & (learnable.fold != row.fold))
        test = np.flatnonzero(learnable.fold == row.fold)
        pd.testing.assert_frame_equal(features, learnable.features.iloc[train])
        assert decline.tolist() == learnable.decline[train].tolist()
        assert groups.tolist() == (train + 7).tolist()
        assert row.customers == len(train)
        score = run(features, decline, groups).decision_function(learnable.features.iloc[test])
        assert row.roc_auc == pytest.approx(roc_auc_score(learnable.decline[test], score))


def test_a_share_that_leaves_too_few_separate_customers_has_no_figure(learnable, procedure):
    run, seen = procedure
    seen.clear()
    rare = int(np.bincount(learnable.decline).min() * 2 / 3)
    share = (LEAST_OF_CLASS - 3) / rare
    assert learnt(learnable, run, [share])["roc_auc"].isna().all()
    # As many rows as before, but near-duplicates of each other.
    assert learnt(learnable, run, [1.0], groups=np.arange(90) // 9)["roc_auc"].isna().all()
    assert seen == []
    assert learnt(learnable, run, [1.0])["roc_auc"].notna().all()
