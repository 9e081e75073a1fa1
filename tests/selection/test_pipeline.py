"""The pipeline of one candidate, and of the mean of several."""

import numpy as np
import pytest

from retention.models.blend import decision
from retention.selection.pipeline import build_average


@pytest.mark.parametrize(
    "varied",
    [
        {"n_neighbors": [5, 9]},
        {"encoder": ["one-hot", "ordinal"], "scaler": ["standard", "robust"]},
        {"encoder": ["one-hot", "ordinal"], "n_neighbors": [5, 9]},
    ],
    ids=["estimators", "preprocessings", "both"],
)
def test_the_score_of_a_mean_is_the_mean_of_the_scores(varied, learnable, candidates):
    grid = [candidates["knn"] | {"weights": "uniform"}]
    for name, values in varied.items():
        grid = [candidate | {name: value} for candidate in grid for value in values]

    def score(some) -> np.ndarray:
        model = build_average("knn", some, learnable.columns, seed=0)
        return decision(model.fit(learnable.features, learnable.decline), learnable.features)

    single = [score([candidate]) for candidate in grid]
    assert len({tuple(each) for each in single}) > 1
    np.testing.assert_allclose(score(grid), np.mean(single, axis=0), rtol=0, atol=1e-12)


def test_an_uneven_mean_is_refused(learnable, candidates):
    one = candidates["knn"]
    uneven = [one, one | {"n_neighbors": 9}, one | {"encoder": "ordinal"}]
    with pytest.raises(ValueError, match="as many candidates"):
        build_average("knn", uneven, learnable.columns, seed=0)
