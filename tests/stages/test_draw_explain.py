"""Pictures of contributions, on a few customers whose tables stand in different orders."""

from pathlib import Path

import numpy as np
import pandas as pd
from shop import ROLES, write_words

from retention.harness.files import read_json, write_json
from stages.draw import main
from stages.parameters.draw import Params

CUSTOMERS = 30
PICTURES = {"bar", "beeswarm", "dependence", "heatmap", "customers"}
FIGURES = {"additivity_error": 1.23e-7, "columns": {"promo_share": {"shap": 0.5}}}


def test_pictures_are_drawn_and_figures_kept_as_they_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_words(tmp_path)
    random = np.random.default_rng(3)
    customers = pd.DataFrame(
        {
            "customer_id": np.arange(CUSTOMERS),
            "pages_per_visit": random.integers(1, 20, CUSTOMERS),
            "promo_share": random.uniform(0, 1, CUSTOMERS).round(2),
            "service_tier": random.choice(["премиум", "стандарт"], CUSTOMERS),
            "decline": np.arange(CUSTOMERS) % 2,
        }
    )
    probability = random.uniform(0, 1, CUSTOMERS)
    scores = customers[["customer_id"]].assign(
        probability=probability, predicted_decline=probability > 0.5
    )
    values = customers[["customer_id"]].assign(
        **{name: random.normal(0, 1, CUSTOMERS) for name in customers.columns[1:4]}, base_value=-0.4
    )
    Path("data/explain").mkdir(parents=True)
    customers.to_parquet("data/customers.parquet")
    scores.iloc[::-1].to_parquet("data/scores.parquet")
    values.sample(frac=1, random_state=0).to_parquet("data/explain/shap_values.parquet")
    write_json(Path("data/explain/figures.json"), FIGURES, digits=9)

    params = {
        "confidence": 0.95,
        "draw": {"histogram_bins": 5},
        "language": "ru",
        "roles": ROLES,
    }
    main(Params.model_validate(params), "explain")
    first = {path: path.read_bytes() for path in Path("plots/explain").iterdir()}
    assert {path.stem for path in first} == PICTURES
    assert read_json(Path("metrics/explain.json")) == FIGURES

    # The order of rows in a table changes nothing.
    scores.to_parquet("data/scores.parquet")
    values.to_parquet("data/explain/shap_values.parquet")
    main(Params.model_validate(params), "explain")
    assert {path: path.read_bytes() for path in Path("plots/explain").iterdir()} == first
