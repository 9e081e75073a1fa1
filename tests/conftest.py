"""What several tests share: a small table to learn from, a candidate of each family."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import pandas as pd
import pytest
from filelock import FileLock
from numpy.typing import NDArray
from pipeline import Clone
from threadpoolctl import threadpool_limits

from retention.models.preprocessing import Columns

CUSTOMERS = 90

numba.config.DISABLE_JIT = True  # shap's compilation takes longer than all tests of it


@dataclass(frozen=True)
class Learnable:
    """Features from which decline can be learnt, but not without error. Not to be changed."""

    features: pd.DataFrame
    decline: NDArray[np.int64]
    fold: NDArray[np.int64]
    columns: Columns


@pytest.fixture(scope="session")
def learnable() -> Learnable:
    random = np.random.default_rng(7)
    features = pd.DataFrame(
        {
            "pages_per_visit": random.integers(1, 20, CUSTOMERS),
            "promo_share": random.uniform(0, 1, CUSTOMERS).round(2),
            "favourite_category": random.choice(["посуда", "текстиль", "техника"], CUSTOMERS),
        }
    )
    score = 2 * features["promo_share"] - features["pages_per_visit"] / 8
    score += 0.7 * (features["favourite_category"] == "посуда")
    decline = (score + random.normal(0, 0.5, CUSTOMERS) > 0).to_numpy().astype(np.int64)
    numbers = ["pages_per_visit", "promo_share"]
    columns = Columns(numbers, ["favourite_category"], behavioural=numbers)
    return Learnable(features, decline, np.arange(CUSTOMERS) % 3, columns)


@pytest.fixture(scope="session")
def candidates() -> dict[str, dict[str, Any]]:
    """Family → one candidate."""
    prepare = {"encoder": "one-hot", "scaler": "standard"}
    boosting = {"learning_rate": 0.1, "max_iter": 10, "max_leaf_nodes": 4, "min_samples_leaf": 5}
    forest = {"n_estimators": 10, "max_features": 0.6, "min_samples_leaf": 3}
    return {
        "boosting": {**prepare, **boosting, "l2_regularization": 1.0},
        "extra_trees": {**prepare, **forest},
        "gaussian_process": {**prepare, "variance": 4.0, "length_scale": 3.0},
        "knn": {**prepare, "n_neighbors": 5, "weights": "distance", "p": 1.0},
        "logistic": {**prepare, "C": 1.0, "class_weight": None},
        "mixture": {**prepare, "components_0": 1, "components_1": 2, "reg_covar": 0.05},
        "random_forest": {**prepare, **forest},
        "splines": {**prepare, "n_knots": 3, "C": 1.0},
        "svc": {**prepare, "kernel": "rbf", "C": 1.0, "gamma": "scale"},
        "tree": {**prepare, "max_depth": 3, "min_samples_split": 2, "min_samples_leaf": 3},
    }


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Spare tiny models the tenfold time of threads that wait for each other."""
    with threadpool_limits(1):
        yield


@pytest.fixture
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare short tests the start of worker processes."""
    monkeypatch.setattr("retention.harness.parallel.BACKEND", "sequential")


@pytest.fixture(scope="session")
def small_pipeline(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """Build the pipeline on a small store, once for all. Not to be changed: work on copies."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # what all workers share
    with FileLock(folder / "small.lock"):
        built = folder / "small" / "retention"
        if built.exists():
            return Clone.at(built)
        clone = Clone(folder / "building" / "retention")
        result = clone.repro()
        assert result.returncode == 0, result.stdout + result.stderr
        (folder / "building").rename(folder / "small")
        return Clone.at(built)
