"""Choosing a family: ranked by cross-validation, ties called ties, the winner's settings kept."""

import numpy as np
import pandas as pd
import pytest

from retention.choice import compare_families, hyperparameters, read_candidates
from retention.comparison import corrected_difference
from retention.families import read_grid
from retention.outputs import write_csv, write_json
from retention.search import Search

GOOD = [0.92, 0.91, 0.93, 0.90, 0.94]
CLOSE = [0.93, 0.90, 0.92, 0.91, 0.93]
POOR = [0.81, 0.79, 0.82, 0.80, 0.83]


def table(*candidates: list[float], **hyperparameters: list) -> pd.DataFrame:
    scores = np.array(candidates)
    splits = {f"split_{k}": column for k, column in enumerate(scores.T, start=1)}
    means = {"mean": scores.mean(axis=1), "sd": scores.std(axis=1, ddof=1)}
    return pd.DataFrame({**means, **hyperparameters, **splits})


def test_families_are_ranked_by_the_mean_of_their_best_candidate():
    found = compare_families(
        {"tree": table(POOR), "svc": table(GOOD, POOR), "knn": table(CLOSE)}, 5, 0.95
    )
    assert found["family"].tolist() == ["svc", "knn", "tree"]
    np.testing.assert_allclose(found["roc_auc"], [0.92, 0.918, 0.81])
    np.testing.assert_allclose(found["sd"], [np.std(x, ddof=1) for x in (GOOD, CLOSE, POOR)])


def test_every_family_is_compared_with_the_best_split_by_split():
    found = compare_families({"tree": table(POOR), "knn": table(CLOSE), "svc": table(GOOD)}, 5, 0.9)
    for row, scores in zip(found.itertuples(), (GOOD, CLOSE, POOR), strict=True):
        expected = corrected_difference(np.array(GOOD) - np.array(scores), 5, 0.9)
        assert (row.behind, row.low, row.high, row.p) == pytest.approx(
            (expected.value, expected.low, expected.high, expected.p)
        )
    assert found["within_noise"].tolist() == [True, True, False]
    assert (found["behind"] >= 0).all()


@pytest.mark.parametrize("order", [["knn", "svc"], ["svc", "knn"]])
def test_of_equal_families_the_first_in_params_yaml_wins(order):
    # The same scores in another order: their sums differ in the last digits.
    scores = {"knn": table(GOOD), "svc": table([0.94, 0.93, 0.92, 0.91, 0.90])}
    found = compare_families({family: scores[family] for family in order}, 5, 0.95)
    assert found["family"].tolist() == order


def test_a_hyperparameter_is_not_taken_for_a_split():
    found = compare_families({"tree": table(GOOD, min_samples_split=[1000])}, 5, 0.95)
    assert found["roc_auc"].tolist() == pytest.approx([0.92])


def test_hyperparameters_are_the_best_candidates_that_it_uses():
    tree = table(GOOD, POOR, encoder=["one-hot", "ordinal"], min_samples_split=[8, 2])
    assert hyperparameters(tree) == {"encoder": "one-hot", "min_samples_split": 8}
    svc = table(GOOD, POOR, kernel=["linear", "rbf"], gamma=[None, "scale"])
    assert hyperparameters(svc) == {"kernel": "linear"}


@pytest.mark.parametrize(
    "best",
    [
        {"kernel": "linear", "C": 3.0},
        {"kernel": "rbf", "C": 3.0, "gamma": "scale"},
        pytest.param(
            {"kernel": "rbf", "C": 3.0, "gamma": 0.01},
        ),
        pytest.param(
            {"kernel": "poly", "C": 3.0, "gamma": "scale", "degree": 2},
        ),
    ],
    ids=str,
)
def test_hyperparameters_are_reported_as_they_stood_in_the_grid(tmp_path, best):
    best = {"encoder": "one-hot", "scaler": "standard", **best}
    grid = {
        "encoder": ["one-hot"],
        "scaler": ["standard"],
        "kernel": ["linear", "rbf", "poly"],
        "C": [3.0],
        "gamma": ["scale", 0.01],
        "degree": [2],
    }
    candidates = read_grid("svc", grid).candidates()
    roc_auc = np.array([[0.9 + (candidate == best) / 20] * 3 for candidate in candidates])
    write_csv(tmp_path / "svc.csv", Search(candidates, roc_auc, roc_auc).table())
    found = hyperparameters(read_candidates(tmp_path / "svc.csv"))
    for name, content in (("found", found), ("best", best)):
        write_json(tmp_path / f"{name}.json", content)
    assert (tmp_path / "found.json").read_text() == (tmp_path / "best.json").read_text()
