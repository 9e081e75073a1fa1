"""The stage `explain`: each customer by the model that never saw it, joined by id."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from blends import fitted_blend

from retention.folds import splits
from retention.harness.files import read_json
from retention.models.storage import save_model
from retention.selection.pipeline import build, build_average
from stages.explain import main
from stages.parameters.explain import Params

FEATURES = {
    "numbers": ["pages_per_visit", "promo_share", "service_errors"],
    "categories": ["favourite_category", "allows_messages"],
}


@pytest.fixture
def store(learnable, candidates, tmp_path, monkeypatch):
    """Write what the stage reads: few decliners, two columns of one value, tables in any order."""
    features = learnable.features.assign(service_errors=0, allows_messages="да")
    features = features[[*FEATURES["numbers"], *FEATURES["categories"]]]
    strongest = features["promo_share"] - features["pages_per_visit"] / 20
    decline = (strongest.rank(ascending=False) <= 7).to_numpy().astype(np.int64)
    fold = np.empty(len(decline), dtype=np.int64)
    for label in (0, 1):
        fold[decline == label] = np.arange((decline == label).sum()) % 3
    columns = (FEATURES["numbers"], FEATURES["categories"])
    mixtures = [candidates["mixture"], candidates["mixture"] | {"components_1": 1}]
    members = {
        "extra_trees": build("extra_trees", candidates["extra_trees"], columns, seed=0),
        "mixture": build_average("mixture", mixtures, columns, seed=0),
    }
    models, log_odds = [], np.empty(len(decline))
    for known, unseen in splits(fold):
        inner = pd.Series(decline[known]).groupby(decline[known]).cumcount().to_numpy() % 2
        model = fitted_blend(members, features.iloc[known], decline[known], inner)
        models.append(model)
        log_odds[unseen] = model.decision_function(features.iloc[unseen])
    customers = features.assign(customer_id=np.arange(len(decline)) + 1000, decline=decline)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    customers.to_parquet("data/customers.parquet", index=False)
    ids = customers[["customer_id"]]
    folds = ids.assign(group=ids, outer_1=fold).sample(frac=1, random_state=1)
    folds.to_parquet("data/folds.parquet", index=False)
    scores = ids.assign(probability=1 / (1 + np.exp(-log_odds)), predicted_decline=log_odds > 0)
    scores.sample(frac=1, random_state=2).to_parquet("data/scores.parquet", index=False)
    save_model(tmp_path / "models/outer.skops", models)
    return customers.assign(log_odds=log_odds)


@pytest.mark.usefixtures("one_process")
def test_base_and_values_are_the_log_odds_of_the_published_score(store):
    explain = {"background": 10, "permutations": 2, "importance_repeats": 2}
    main(Params.model_validate({"seed": 1, "features": FEATURES, "explain": explain}))
    values = pd.read_parquet("data/explain/shap_values.parquet")
    names = [*FEATURES["numbers"], *FEATURES["categories"]]
    assert list(values) == ["customer_id", *names, "base_value"]
    assert values["customer_id"].tolist() == store["customer_id"].tolist()
    total = values.drop(columns="customer_id").sum(axis=1)
    np.testing.assert_allclose(total, store["log_odds"], rtol=0, atol=1e-9)
    assert values[["service_errors", "allows_messages"]].abs().max(axis=None) < 1e-12
    assert list(pd.read_parquet("data/explain/responses.parquet")) == ["customer_id", *names]
    figures = read_json(Path("data/explain/figures.json"))
    assert figures["additivity_error"] < 1e-9
    assert figures["columns"]["service_errors"] == {"shap": 0, "permutation": 0, "roc_auc": 0.5}
