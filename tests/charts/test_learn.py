"""The learning curve with its intervals, and what the last steps brought."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from retention.charts.learn import curve, gain, last_gains, with_everybody


@pytest.fixture
def worked_out():
    """Return two shares of 40 and 80 customers, three folds of 20."""
    rows = [(0.5, 0, 40, 0.80), (0.5, 1, 40, 0.82), (0.5, 2, 40, 0.78)]
    rows += [(1.0, 0, 80, 0.85), (1.0, 1, 80, 0.86), (1.0, 2, 80, 0.84)]
    table = pd.DataFrame(rows, columns=["share", "fold", "customers", "roc_auc"])
    return table.assign(repeat=1)


def test_the_overlap_is_that_of_the_folds_at_every_share(worked_out):
    points = curve(worked_out, 0.9)
    assert points["customers"].tolist() == [40, 80]
    assert points["roc_auc"].tolist() == pytest.approx([0.80, 0.85])
    t = stats.t.ppf(0.95, 2)
    for row, sd in ((0, 0.02), (1, 0.01)):
        reach = t * np.sqrt(1 / 3 + 1 / 2) * sd
        assert points["high"][row] == pytest.approx(points["roc_auc"][row] + reach)
        assert points["low"][row] == pytest.approx(points["roc_auc"][row] - reach)


def test_the_gain_is_paired_by_split(worked_out):
    found = gain(worked_out.sample(frac=1, random_state=1), 0.5, 1.0, 0.9)
    assert (found["from"], found["to"]) == (40, 80)
    assert found["gain"] == pytest.approx(0.05)
    error = np.sqrt((1 / 3 + 1 / 2) * np.array([0.05, 0.04, 0.06]).var(ddof=1))
    assert found["high"] - 0.05 == pytest.approx(stats.t.ppf(0.95, 2) * error)
    assert found["p"] == pytest.approx(2 * stats.t.sf(0.05 / error, 2))
    assert found["smallest"] == pytest.approx((stats.t.ppf(0.95, 2) + stats.t.ppf(0.8, 2)) * error)


def test_the_last_doubling_starts_from_half_at_most(worked_out):
    most = worked_out[worked_out["share"] == 1.0].assign(share=0.8, customers=64, roc_auc=0.84)
    least = worked_out[worked_out["share"] == 0.5].assign(share=0.2, customers=16)
    found = last_gains(pd.concat([least, worked_out, most]), 0.95)
    assert (found["last_step"]["from"], found["last_step"]["to"]) == (64, 80)
    assert (found["last_doubling"]["from"], found["last_doubling"]["to"]) == (40, 80)


def test_shares_with_too_few_customers_are_named_and_not_drawn(worked_out):
    few = worked_out.head(3).assign(share=0.1, roc_auc=[np.nan, 0.6, 0.6])
    learnt = pd.concat([few, worked_out])
    assert last_gains(learnt, 0.95)["skipped_shares"] == [0.1]
    assert len(curve(learnt, 0.95)) == 2
    nothing = {"last_step": None, "last_doubling": None, "skipped_shares": []}
    assert last_gains(worked_out[worked_out["share"] == 1.0], 0.95) == nothing
    assert last_gains(worked_out.head(0), 0.95) == nothing
    assert len(curve(worked_out.head(0), 0.95)) == 0


def test_the_whole_is_the_model_that_scored_the_customers(worked_out):
    random = np.random.default_rng(0)
    decline, fold = np.arange(60) % 2, np.arange(60) // 20
    probability = random.random(60)
    found = with_everybody(worked_out, decline, probability, fold)
    whole = found[found["share"] == 1.0]
    assert whole["fold"].tolist() == [0, 1, 2]
    assert whole["customers"].tolist() == [40, 40, 40]
    assert whole["roc_auc"].tolist() == pytest.approx(
        [roc_auc_score(decline[fold == k], probability[fold == k]) for k in range(3)]
    )
    assert (found["share"] == 0.5).sum() == 3
