"""The learning curve: growing shares of the training customers, the same test folds."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from retention.evaluation.learning_curve import (
    LEAST_OF_CLASS,
    curve,
    entry_shares,
    gain,
    last_gains,
    learn,
    learnable,
)
from retention.harness.files import write_json, write_parquet
from retention.models.blend import Blend
from retention.models.storage import save_model
from retention.selection.pipeline import build
from retention.selection.training import fit_out_of_fold
from stages import learn as stage
from stages.parameters.learn import Learn, Params

pytestmark = pytest.mark.usefixtures("one_process")


@pytest.fixture(scope="module")
def members(learnable_members):
    return learnable_members("logistic", "tree")


@pytest.fixture(scope="module")
def learnable_members(learnable, candidates):
    return lambda *names: {
        name: build(name, candidates[name], learnable.columns, seed=0) for name in names
    }


@pytest.fixture(scope="module")
def grouped():
    """Return 1,000 customers in groups of one to three, 200 of them in the hold-out."""
    random = np.random.default_rng(4)
    groups = np.repeat(np.arange(600), random.integers(1, 4, 600))[:1000]
    decline = (random.random(600) < 0.4).astype(np.int64)[groups]
    return SimpleNamespace(decline=decline, groups=groups, fold=groups % 5 - 1)


@pytest.fixture(scope="module")
def learnt(learnable, members):
    entry = entry_shares(learnable.decline, np.arange(90), learnable.fold, 1)
    return learn(
        members, learnable.features, learnable.decline, learnable.fold, entry, [1.0, 0.6, 0.8]
    )


# The shares


@pytest.mark.parametrize("share", [0.1, 0.35, 0.5, 1.0])
def test_a_share_is_that_share_of_each_fold_and_class(grouped, share):
    entry = entry_shares(grouped.decline, grouped.groups, grouped.fold, 0)
    for number in range(4):
        for label in (0, 1):
            rows = (grouped.fold == number) & (grouped.decline == label)
            assert (entry[rows] <= share).sum() == pytest.approx(share * rows.sum(), abs=2)


def test_smaller_shares_are_within_larger_ones_and_groups_stay_whole(grouped):
    entry = entry_shares(grouped.decline, grouped.groups, grouped.fold, 0)
    kept = grouped.fold >= 0
    assert pd.Series(entry[kept]).groupby(grouped.groups[kept]).nunique().max() == 1
    small, large = (set(np.flatnonzero(entry <= share)) for share in (0.3, 0.6))
    assert small < large
    assert (entry[kept] <= 1).all()


def test_the_holdout_is_in_no_share(grouped):
    entry = entry_shares(grouped.decline, grouped.groups, grouped.fold, 0)
    assert not (entry <= 1)[grouped.fold == -1].any()


def test_who_comes_first_is_drawn_by_the_seed(grouped):
    given = (grouped.decline, grouped.groups, grouped.fold)
    first, again, other = (entry_shares(*given, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    both = (first <= 0.5) & (other <= 0.5)
    assert both.sum() == pytest.approx((grouped.fold >= 0).sum() / 4, rel=0.25)
    in_order = np.corrcoef(first[grouped.fold >= 0], np.flatnonzero(grouped.fold >= 0))[0, 1]
    assert abs(in_order) < 0.1  # the shop's file is sorted by class


# Learning


def test_the_whole_is_what_train_reports_out_of_fold(learnable, members, learnt):
    known = fit_out_of_fold(members, learnable.features, learnable.decline, learnable.fold)
    for _, row in learnt[learnt["share"] == 1.0].iterrows():
        test = learnable.fold == row["fold"]
        expected = roc_auc_score(learnable.decline[test], known.probability[test])
        assert row["roc_auc"] == pytest.approx(expected)
        assert (row["customers"], row["tested"]) == (60, 30)


def test_a_share_is_learnt_from_its_customers_alone(learnable, members, learnt):
    entry = entry_shares(learnable.decline, np.arange(90), learnable.fold, 1)
    [row] = learnt[(learnt["share"] == 0.6) & (learnt["fold"] == 2)].to_dict("records")
    train = np.flatnonzero((entry <= 0.6) & (learnable.fold != 2))
    test = np.flatnonzero(learnable.fold == 2)
    X, y = learnable.features, learnable.decline
    model = Blend(members).fit(X.iloc[train], y[train], learnable.fold[train])
    assert row["customers"] == len(train)
    for name, rows in (("roc_auc", test), ("in_sample", train)):
        score = model.predict_proba(X.iloc[rows])[:, 1]
        assert row[name] == pytest.approx(roc_auc_score(y[rows], score))


def test_every_share_is_judged_on_every_fold_once(learnt):
    assert learnt[["share", "fold"]].to_numpy().tolist() == [
        [share, fold] for share in (0.6, 0.8, 1.0) for fold in range(3)
    ]
    assert learnt.groupby("fold")["customers"].is_monotonic_increasing.all()


def test_labels_of_the_tested_fold_and_the_holdout_teach_nothing(learnable, members):
    fold = np.where(np.arange(90) < 15, -1, learnable.fold)
    entry = np.full(90, 0.5)
    changed = learnable.decline.copy()
    changed[:15] = 1 - changed[:15]
    first, second = (
        learn(members, learnable.features, labels, fold, entry, [1.0])
        for labels in (learnable.decline, changed)
    )
    pd.testing.assert_frame_equal(first, second)
    assert (first["customers"] + first["tested"] == 75).all()


def test_a_memory_shows_in_sample(learnable, learnable_members):
    entry = np.full(90, 0.5)
    deep = learnable_members("tree")
    deep["tree"].set_params(model__max_depth=None, model__min_samples_leaf=1)
    found = learn(deep, learnable.features, learnable.decline, learnable.fold, entry, [1.0])
    assert (found["in_sample"] == 1).all()
    assert (found["roc_auc"] < 0.99).all()


def test_too_small_shares_are_left_out(learnable, members):
    # Of the first class, a training set inside the calibration has a third: 15 at share 0.5.
    decline = np.arange(90) // 3 % 2
    entry = entry_shares(decline, np.arange(90), learnable.fold, 0)
    inner = [(entry <= share)[(learnable.fold == 0) & (decline == 0)].sum() for share in (0.3, 0.2)]
    assert inner[0] == LEAST_OF_CLASS > inner[1]
    given = (members, decline, learnable.fold, entry)
    assert [learnable_at(given, share) for share in (0.01, 0.2, 0.3, 1.0)] == [
        False,
        False,
        True,
        True,
    ]
    found = learn(members, learnable.features, decline, learnable.fold, entry, [0.2, 1.0])
    assert found["share"].unique().tolist() == [1.0]


def learnable_at(given, share):
    members, decline, fold, entry = given
    return learnable(members, decline, fold, entry, share)


def test_neighbours_need_as_many_customers(learnable, learnable_members):
    member = learnable_members("knn")
    member["knn"].set_params(model__n_neighbors=25)
    entry = entry_shares(learnable.decline, np.arange(90), learnable.fold, 0)
    found = learn(
        member, learnable.features, learnable.decline, learnable.fold, entry, [0.5, 0.9, 1.0]
    )
    assert found["share"].unique().tolist() == [0.9, 1.0]


# The figures


@pytest.fixture
def worked_out():
    """Return two shares of 40 and 80 customers, three folds of 20."""
    rows = [(0.5, 0, 40, 20, 0.80, 1.0), (0.5, 1, 40, 20, 0.82, 1.0), (0.5, 2, 40, 20, 0.78, 0.9)]
    rows += [(1.0, 0, 80, 20, 0.85, 0.9), (1.0, 1, 80, 20, 0.86, 0.9), (1.0, 2, 80, 20, 0.84, 0.9)]
    return pd.DataFrame(
        rows, columns=["share", "fold", "customers", "tested", "roc_auc", "in_sample"]
    )


def test_the_interval_widens_with_what_is_tested_for_what_is_learnt(worked_out):
    points = curve(worked_out, 0.9)
    assert points["customers"].tolist() == [40, 80]
    assert points["roc_auc"].tolist() == pytest.approx([0.80, 0.85])
    assert points["in_sample"].tolist() == pytest.approx([2.9 / 3, 0.9])
    t = stats.t.ppf(0.95, 2)
    for row, ratio, sd in ((0, 20 / 40, 0.02), (1, 20 / 80, 0.01)):
        reach = t * np.sqrt(1 / 3 + ratio) * sd
        assert points["high"][row] == pytest.approx(points["roc_auc"][row] + reach)
        assert points["low"][row] == pytest.approx(points["roc_auc"][row] - reach)


def test_the_gain_is_paired_by_fold(worked_out):
    found = gain(worked_out, 0.5, 1.0, 0.9)
    assert (found["from"], found["to"]) == (40, 80)
    assert found["gain"] == pytest.approx(0.05)
    differences = np.array([0.05, 0.04, 0.06])
    error = np.sqrt((1 / 3 + 20 / 40) * differences.var(ddof=1))
    assert found["high"] - 0.05 == pytest.approx(stats.t.ppf(0.95, 2) * error)
    assert found["p"] == pytest.approx(2 * stats.t.sf(0.05 / error, 2))
    assert found["within_noise"] is False
    assert gain(worked_out, 0.5, 1.0, 0.99)["within_noise"] is True


def test_the_last_doubling_starts_from_half_at_most(worked_out):
    most = worked_out[worked_out["share"] == 1.0].assign(share=0.8, customers=64, roc_auc=0.84)
    least = worked_out[worked_out["share"] == 0.5].assign(share=0.2, customers=16)
    found = last_gains(pd.concat([least, worked_out, most]), 0.95)
    assert (found["last_step"]["from"], found["last_step"]["to"]) == (64, 80)
    assert (found["last_doubling"]["from"], found["last_doubling"]["to"]) == (40, 80)


def test_without_an_earlier_share_there_is_no_gain(worked_out):
    nothing = {"last_step": None, "last_doubling": None}
    assert last_gains(worked_out[worked_out["share"] == 1.0], 0.95) == nothing
    assert last_gains(worked_out.head(0), 0.95) == nothing
    assert len(curve(worked_out.head(0), 0.95)) == 0


def test_a_fold_without_a_figure_leaves_it_open(worked_out):
    worked_out.loc[0, "roc_auc"] = np.nan
    found = gain(worked_out, 0.5, 1.0, 0.9)
    assert np.isnan(found["gain"])
    assert found["within_noise"] is None


# The stage


def test_the_stage_writes_the_curve_and_names_what_it_skipped(
    learnable, learnable_members, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    customers = learnable.features.assign(decline=learnable.decline)
    write_parquet(tmp_path / "data/customers.parquet", pd.concat([customers] * 2))
    folds = pd.DataFrame({"group": np.arange(90), "fold_1": learnable.fold})
    folds = pd.concat([folds] * 2)
    write_parquet(tmp_path / "data/folds.parquet", folds)
    for name, member in learnable_members("logistic", "tree").items():
        save_model(tmp_path / f"models/candidates/{name}.skops", member)
    write_json(tmp_path / "metrics/choice.json", {"members": {"logistic": {}}})
    numbers, categories = learnable.columns
    features = {"numbers": numbers, "categories": categories}
    settings = Learn(shares=[1.0, 0.02, 0.75, 0.5], seed=3)
    stage.main(Params(confidence=0.95, features=features, learn=settings))
    files = [tmp_path / "plots/learning_curve.csv", tmp_path / "metrics/learning_curve.json"]
    points, figures = pd.read_csv(files[0]), json.loads(files[1].read_text())
    assert list(points) == ["customers", "roc_auc", "low", "high", "in_sample"]
    assert points["customers"].iloc[-1] == 120
    assert points["customers"].is_monotonic_increasing
    assert len(points) == 3
    assert figures["skipped_shares"] == [0.02]
    assert figures["last_step"]["to"] == figures["last_doubling"]["to"] == 120
    assert figures["last_step"]["from"] > figures["last_doubling"]["from"]
    before = [file.read_bytes() for file in files]
    stage.main(Params(confidence=0.95, features=features, learn=settings))
    assert [file.read_bytes() for file in files] == before
