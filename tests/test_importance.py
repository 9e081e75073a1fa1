"""Importance: mean |SHAP| and the loss of ROC-AUC, each beside its own column."""

import numpy as np
import pandas as pd
import pytest

from retention.estimators.blend import Blend
from retention.importance import importance
from retention.pipeline import build


@pytest.fixture(scope="module")
def model(learnable):
    candidate = {
        "encoder": "one-hot",
        "scaler": "standard",
        "max_depth": 1,
        "min_samples_split": 2,
        "min_samples_leaf": 1,
    }
    pipeline = build("tree", candidate, learnable.columns, seed=0)
    return Blend({"tree": pipeline}).fit(learnable.features, learnable.decline, learnable.fold)


def found(learnable, model, seed: int = 1) -> dict[str, dict[str, float]]:
    values = pd.DataFrame(
        {"promo_share": [0.1, -0.3], "favourite_category": [0.0, 0.1], "pages_per_visit": [1, -1]}
    )
    return importance(values, model, learnable.features, learnable.decline, repeats=3, seed=seed)


def test_columns_stand_in_the_order_of_mean_absolute_shap(learnable, model):
    table = found(learnable, model)
    assert list(table) == ["pages_per_visit", "promo_share", "favourite_category"]
    assert [row["shap"] for row in table.values()] == pytest.approx([1.0, 0.2, 0.05])


def test_only_the_column_that_the_model_uses_loses_roc_auc_when_shuffled(learnable, model):
    root = model.members_["tree"]["model"].tree_.feature[0]
    used = learnable.features.columns[root]
    loss = {column: row["permutation"] for column, row in found(learnable, model).items()}
    assert loss.pop(used) > 0.1
    assert np.allclose(list(loss.values()), 0)


def test_the_same_seed_shuffles_the_same_way(learnable, model):
    assert found(learnable, model, seed=1) == found(learnable, model, seed=1)
    assert found(learnable, model, seed=1) != found(learnable, model, seed=2)
