"""Clusters of SHAP values: how many, which customers, how firm, and in words."""

import re

import numpy as np
import pandas as pd
import pytest
from imports import ROOT
from shop import read_texts
from sklearn.cluster import KMeans
from sklearn.metrics import jaccard_score, silhouette_score

from retention.discovery import found
from retention.discovery.clusters import (
    best_matches,
    find_clusters,
    main_reasons,
    nearest_cluster,
    numbered_by_decline,
)
from retention.discovery.words import cluster_text, descriptions
from retention.folds import splits
from retention.statistics.resampling import Resampling, resample

NUMBERS = ["pages_per_visit", "promo_share"]
TEXTILE, CARE = "Домашний текстиль", "Косметика и аксессуары"


@pytest.fixture(autouse=True)
def repository(monkeypatch) -> None:
    monkeypatch.chdir(ROOT)


def blobs(n: int = 150, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = np.arange(n) % 3
    centres = np.array([[2.0, 0.0, 0.0], [-2.0, 0.5, 0.0], [0.0, -2.5, 0.0]])
    return centres[truth] + random.normal(0, 0.3, (n, 3)), truth


def test_the_number_of_clusters_has_the_best_silhouette():
    values, truth = blobs()
    fitted = find_clusters(values, fewest=2, most=6, restarts=3, seed=0)
    widths = {
        k: silhouette_score(values, KMeans(k, n_init=3, random_state=0).fit_predict(values))
        for k in range(2, 7)
    }
    assert fitted.n_clusters == max(widths, key=widths.get) == 3
    assert len(set(zip(truth.tolist(), fitted.labels_.tolist(), strict=True))) == 3
    assert find_clusters(values, fewest=4, most=4, restarts=3, seed=0).n_clusters == 4


def test_too_few_different_customers_have_no_clusters():
    assert find_clusters(np.zeros((30, 2)), fewest=3, most=5, restarts=2, seed=0) is None
    values = np.repeat([[0.0], [1.0], [2.0], [5.0]], 6, axis=0)
    assert find_clusters(values, fewest=3, most=8, restarts=2, seed=0).n_clusters == 3


def test_clusters_are_numbered_by_their_declines():
    values, truth = blobs()
    fitted = find_clusters(values, fewest=3, most=3, restarts=3, seed=0)
    # Blob 1 declines always, 2 sometimes, 0 never.
    decline = np.where(truth == 1, 1, np.where(truth == 2, np.arange(len(truth)) % 2, 0))
    labels = numbered_by_decline(fitted, values, decline)
    assert labels.tolist() == np.array([2, 0, 1])[truth].tolist()


def test_clear_clusters_match_fully_in_resamples_and_split_ones_do_not():
    values, truth = blobs()
    sample = resample(np.arange(len(truth)), np.random.default_rng(0))
    settings = {"values": values, "restarts": 3, "seed": 0}
    assert best_matches(sample, labels=truth, **settings).tolist() == [1.0, 1.0, 1.0]
    # Three clusters of which one is a blob torn at random: the sample's can't match its parts.
    torn = np.where(truth < 2, 0, 1 + np.random.default_rng(1).integers(2, size=len(truth)))
    drawn = np.unique(sample)
    matches = best_matches(sample, labels=torn, **settings)
    expected = [
        max(jaccard_score(torn[drawn] == part, truth[drawn] == blob) for blob in range(3))
        for part in range(3)
    ]
    assert matches == pytest.approx(expected)
    assert matches.max() < 0.8


def test_a_cluster_without_anybody_in_the_sample_has_no_match():
    values, truth = blobs()
    matches = best_matches(
        np.flatnonzero(truth != 1), values=values, labels=truth, restarts=3, seed=0
    )
    assert np.isnan(matches).tolist() == [False, True, False]


def test_unseen_customers_belong_to_the_cluster_that_shares_most():
    values, truth = blobs()
    train, test = np.arange(len(truth)) % 3 > 0, np.arange(len(truth)) % 3 == 0
    again = find_clusters(values[train], fewest=3, most=3, restarts=3, seed=0)
    inside = nearest_cluster(truth[train] == 1, again, values[test], 0.5)
    assert inside.tolist() == (truth[test] == 1).tolist()
    assert nearest_cluster(truth[train] < 2, again, values[test], 0.9) is None
    assert nearest_cluster(truth[train] == 1, None, values[test], 0.5) is None


def reasons_of(members, count: int = 2) -> pd.DataFrame:
    features = pd.DataFrame(
        {
            "pages_per_visit": [2, 4, 6, 20],
            "promo_share": [0.1, 0.2, 0.3, 0.4],
            "favourite_category": [CARE, CARE, TEXTILE, TEXTILE],
        }
    )
    shap_values = pd.DataFrame(
        {
            "pages_per_visit": [1.0, 2.0, -1.0, -2.0],
            "promo_share": [0.1, -0.1, 0.0, 0.0],
            "favourite_category": [-0.5, -0.5, 3.0, 3.0],
        }
    )
    return main_reasons(np.array(members), shap_values, features, NUMBERS, count)


def test_a_cluster_is_described_by_its_strongest_columns(tmp_path):
    english = read_texts("en")
    reasons = reasons_of([True, True, False, False])
    text = (
        "Main reasons: “Pages per visit” 3 (usually 5), estimated risk higher; "
        "“Favourite category” Cosmetics and accessories 100\u202f% (usually 50\u202f%), "
        "estimated risk lower"
    )
    sign = english.percent(1).removeprefix("100")
    assert cluster_text(reasons, english) == text.replace("\u202f%", sign)
    reasons.to_csv(tmp_path / "reasons.csv", index=False)
    read = pd.read_csv(tmp_path / "reasons.csv")
    assert cluster_text(read, english) == cluster_text(reasons, english)
    assert cluster_text(reasons_of([True, False, False, False], 1), read_texts("ru")) == (
        "Главная причина: «Страниц за визит» 2 (обычно 5), оценка риска выше"
    )


def clustered(values, truth, decline):
    features = pd.DataFrame(
        {
            "pages_per_visit": truth,
            "promo_share": values[:, 0],
            "favourite_category": np.where(truth == 1, TEXTILE, CARE),
        }
    )
    shap_values = pd.DataFrame(np.column_stack([values[:, :2], truth]), columns=features.columns)
    fold, groups = np.arange(len(truth)) % 5, np.arange(len(truth))
    judge = found.Judge(splits(fold), Resampling(groups, 3, 1), 0.5, 0.05, 99)
    return found.clusters(
        shap_values,
        features,
        decline,
        judge,
        fewest=3,
        most=4,
        restarts=2,
        reasons=2,
        seed=0,
        numbers=NUMBERS,
    )


@pytest.mark.usefixtures("one_process")
@pytest.mark.parametrize(("language", "foreign"), [("ru", "[A-Za-z]"), ("en", "[А-Яа-яЁё]")])
def test_clusters_are_counted_in_folds_and_described_but_never_hold(language, foreign):
    values, truth = blobs()
    decline = (truth == 1).astype(np.int64)
    result = clustered(values, truth, decline)
    assert result.table["name"].tolist() == ["cluster_1", "cluster_2", "cluster_3"]
    first = result.table.iloc[0]
    assert (result.members["cluster_1"] == (truth == 1)).all()
    assert first["folds_found"] == 5
    assert (first["unseen_customers"], first["unseen_declined"]) == (50, 50)
    assert (first["unseen_rest_customers"], first["unseen_rest_declined"]) == (100, 0)
    assert result.table[["p", "p_adjusted", "holds", "adds"]].isna().all(axis=None)
    texts = descriptions(result.table, result.reasons, read_texts(language))
    assert len(set(texts)) == 3
    assert not [text for text in texts if re.search(foreign, text)]


@pytest.mark.usefixtures("one_process")
def test_where_all_predictions_have_the_same_reasons_there_is_no_cluster():
    result = clustered(np.zeros((40, 2)), np.zeros(40, dtype=int), np.arange(40) % 2)
    assert len(result.table) == 0
    assert result.members.shape == (40, 0)
    assert result.table.columns.tolist() == found.COLUMNS
