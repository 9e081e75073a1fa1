"""Verdicts on made-up splits, of which it is known whether anything differs."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from retention.revisions.differences import by_customer, judged, of_intervals, paired, unpaired
from retention.statistics.paired import corrected_difference, smallest_seen

FOLDS, REPEATS = 5, 5
J = FOLDS * REPEATS


def splits(seed=0, shift=0.0, spread=0.02, names=("roc_auc",)):
    random = np.random.default_rng(seed)
    return pd.DataFrame({name: 0.9 + shift + random.normal(0, spread, J) for name in names})


def verdicts(table):
    return dict(zip(table["figure"], table["verdict"], strict=True))


def test_one_figure_alone_is_the_corrected_t_test():
    before, after = splits(1), splits(2)
    [table] = judged([paired(before, after, FOLDS)], 0.95)
    differences = (after - before)["roc_auc"].to_numpy()
    found, row = corrected_difference(differences, FOLDS, 0.95), table.iloc[0]
    assert row["difference"] == pytest.approx(found.value)
    assert row["high"] - row["low"] == pytest.approx(found.high - found.low, rel=0.03)
    assert row["p"] == pytest.approx(found.p, abs=0.01)
    assert row["smallest"] == pytest.approx(smallest_seen(differences, FOLDS, 0.95), rel=0.03)


def level(table):
    return float(((table["high"] - table["low"]) / 2 / table["error"]).iloc[0])


def test_more_figures_cost_more_but_not_where_they_say_the_same():
    names = [f"roc_auc.{k}" for k in range(10)]
    alone = splits(1)
    [one] = judged([paired(splits(9), alone, FOLDS)], 0.95)
    [many] = judged([paired(splits(9, names=names), splits(1, names=names), FOLDS)], 0.95)
    same = pd.DataFrame(dict.fromkeys(names, alone["roc_auc"]))
    [alike] = judged([paired(same * 0 + 0.9, same, FOLDS)], 0.95)
    assert level(one) == pytest.approx(t.ppf(0.975, J - 1), rel=0.03)
    assert level(many) == pytest.approx(t.ppf(1 - 0.025 / 10, J - 1), rel=0.06)
    assert level(alike) == pytest.approx(level(one), rel=0.03)
    several = judged([paired(splits(9 + k), splits(1), FOLDS) for k in range(10)], 0.95)
    assert level(several[0]) == pytest.approx(level(many), rel=0.08)


def test_a_large_difference_is_told_and_its_direction_is_that_of_the_figure():
    names = ("roc_auc", "log_loss", "brier", "recall")
    before = splits(1, names=names)
    after = before + 0.05 + splits(2, spread=0.005, names=names) * 0.02
    [table] = judged([paired(before, after, FOLDS)], 0.95)
    assert verdicts(table) == {
        "roc_auc": "better",
        "log_loss": "worse",
        "brier": "worse",
        "recall": "better",
    }
    assert (table["low"] > 0).all()
    assert (table["difference"] > table["smallest"]).all()


def test_the_same_figures_are_the_same_and_spoil_nothing():
    names = ("roc_auc", "log_loss")
    before = splits(1, names=names)
    after = before.assign(roc_auc=splits(2)["roc_auc"])
    [table] = judged([paired(before, after, FOLDS)], 0.95)
    assert verdicts(table) == {"roc_auc": "within noise", "log_loss": "the same"}
    assert table.loc[1, ["difference", "low", "high", "p"]].tolist() == [0, 0, 0, 1]
    assert level(table) == pytest.approx(t.ppf(0.975, J - 1), rel=0.03)


def test_a_difference_that_never_varies_has_no_interval():
    before = splits(1)
    [table] = judged([paired(before, before + 0.25, FOLDS)], 0.95)
    assert verdicts(table) == {"roc_auc": "unknown"}


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [(0.6, 0.0, "better"), (0.0, 0.6, "worse"), (-0.6, 0.1, "better"), (-0.35, 0.35, "differs")],
)
def test_calibration_is_better_when_it_is_nearer_to_nothing(before, after, verdict):
    random = np.random.default_rng(4)
    old, new = (
        pd.DataFrame({"in_the_large": value + random.normal(0, 0.1, J)})
        for value in (before, after)
    )
    [table] = judged([paired(old, new, FOLDS)], 0.95)
    assert verdicts(table) == {"in_the_large": verdict}


def test_without_pairs_the_errors_of_both_add_up():
    before, after = splits(1), splits(2, spread=0.04)
    after = pd.concat([after, after.iloc[:15]], ignore_index=True)
    estimate = unpaired(before, after, FOLDS, 4)
    own = [
        (1 / len(part) + 1 / (k - 1)) * part["roc_auc"].var()
        for part, k in ((before, FOLDS), (after, 4))
    ]
    assert estimate.table.loc[0, "error"] == pytest.approx(np.sqrt(sum(own)))
    assert 24 < estimate.table.loc[0, "freedom"] < 63


def test_equal_means_of_other_draws_are_no_sameness():
    [table] = judged([unpaired(splits(1), splits(1), FOLDS, FOLDS)], 0.95)
    assert verdicts(table) == {"roc_auc": "within noise"}


def test_customers_in_pairs_carry_their_own_error_and_that_of_the_folds():
    random = np.random.default_rng(5)
    n = 800
    groups = np.arange(n) // 2
    adds = pd.DataFrame({"brier": random.normal(0, 1 / n, n // 2).repeat(2)})
    steady = pd.DataFrame({"brier": np.tile([0.1, 0.11, 0.09, 0.12, 0.08], REPEATS)})
    estimate = by_customer(steady, steady + 0.01, adds, groups, FOLDS)
    sums = np.bincount(groups, adds["brier"])
    scale = FOLDS / (FOLDS - 1) * (n / 2) / (n / 2 - 1)
    assert estimate.table.loc[0, "error"] == pytest.approx(np.sqrt(scale * (sums**2).sum()))
    # Near-duplicates say the same again: counted apart, they would seem twice as sure.
    apart = by_customer(steady, steady + 0.01, adds, np.arange(n), FOLDS)
    assert estimate.table.loc[0, "error"] > 1.3 * apart.table.loc[0, "error"]
    shaken = steady + np.repeat(random.normal(0, 0.01, REPEATS), FOLDS)[:, None]
    wider = by_customer(shaken, shaken + 0.01, adds, groups, FOLDS).table
    assert wider.loc[0, "error"] > estimate.table.loc[0, "error"]
    assert wider.loc[0, "freedom"] < estimate.table.loc[0, "freedom"]


def test_a_figure_with_an_interval_of_its_own():
    [seen, noise, same] = judged(
        [
            of_intervals("increment", (100.0, 10.0), (200.0, 10.0), 1e6),
            of_intervals("increment.over_nobody", (100.0, 10.0), (110.0, 10.0), 1e6),
            of_intervals("increment", (100.0, 10.0), (100.0, 10.0), 1e6),
        ],
        0.95,
    )
    assert [t.loc[0, "verdict"] for t in (seen, noise, same)] == [
        "better",
        "within noise",
        "the same",
    ]


def test_nothing_to_judge_is_no_error():
    assert judged([], 0.95) == []


def test_where_nothing_differs_few_runs_say_so():
    """Each split and figure is noise, the figures correlated: at most 5 % of runs may differ."""
    random = np.random.default_rng(6)
    mix = np.linalg.cholesky(0.8 * np.ones((6, 6)) + 0.2 * np.eye(6))
    names = ["roc_auc", "log_loss", "brier", "precision", "recall", "increment"]
    wrong = 0
    for _ in range(100):
        before = pd.DataFrame(random.normal(size=(J, 6)) @ mix.T, columns=names)
        after = pd.DataFrame(random.normal(size=(J, 6)) @ mix.T, columns=names)
        [table] = judged([paired(before, after, FOLDS)], 0.95)
        wrong += bool((table["verdict"] != "within noise").any())
    assert wrong <= 5
