"""The stage `segment` and its pictures, on a small shop with everything that could break them."""

import shutil
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from imports import ROOT
from shop import MINUTES, NUMBERS, REVENUES

from retention.harness.files import read_json
from stages import draw, segment
from stages.parameters.draw import Params as DrawParams
from stages.parameters.segment import Params as SegmentParams

CUSTOMERS = 60
RULES = {
    "risky": "predicted_decline",
    "promo": "promo_share > 0.5",
    "nobody": "promo_share > 1",
    "all": "always",
}
PICTURES = {
    "decline_rates", "risk_and_profit", "reasons", "matrix", "categories", "category_promo",
}  # fmt: skip


def shop(folder: Path, **columns: object) -> None:
    """Write what the stages read."""
    random = np.random.default_rng(1)
    drawn = {name: random.integers(1, 9, CUSTOMERS) for name in NUMBERS}
    drawn |= {name: random.uniform(4000, 6000, CUSTOMERS) for name in (*REVENUES, *MINUTES)}
    decline = np.arange(CUSTOMERS) % 2
    customers = pd.DataFrame(
        {
            "customer_id": np.arange(100, 100 + CUSTOMERS),
            "activity": np.where(decline == 1, "Снизилась", "Прежний уровень"),
            **drawn,
            "promo_share": random.uniform(0, 1, CUSTOMERS).round(2),
            "service_tier": "стандарт",
            "allows_messages": random.choice(["да", "нет"], CUSTOMERS),
            "favourite_category": ["Кухонная посуда"] * 59 + ["Товары для детей"],
            "monthly_profit": random.uniform(1, 6, CUSTOMERS),
            "decline": decline,
        }
    ).assign(**columns)
    probability = random.uniform(0, 1, CUSTOMERS)
    scores = pd.DataFrame(
        {
            "customer_id": customers["customer_id"],
            "probability": probability,
            "predicted_decline": probability >= 0.5,
        }
    )
    features = [*NUMBERS, "service_tier", "allows_messages", "favourite_category"]
    values = pd.DataFrame(random.normal(0, 1, (CUSTOMERS, len(features))), columns=features)
    values.insert(0, "customer_id", customers["customer_id"])
    (folder / "data/explain").mkdir(parents=True)
    customers.to_parquet(folder / "data/customers.parquet")
    scores.to_parquet(folder / "data/scores.parquet")
    values.assign(base_value=0.0).to_parquet(folder / "data/explain/shap_values.parquet")
    shutil.copytree(ROOT / "texts", folder / "texts")


def run_stages(language: str = "ru", rules: dict[str, str] = RULES) -> None:
    cuts = {"risk_cuts": [0.3, 0.7], "profit_quantiles": [0.25, 0.5, 0.75], "promo_share": 0.5}
    drawn = {"confidence": 0.95, "draw": {"histogram_bins": 5}, "language": language}
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        segment.main(
            SegmentParams.model_validate({"confidence": 0.95, "segment": {"rules": rules, **cuts}})
        )
        draw.main(DrawParams.model_validate(drawn), "segment")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def content(folder):
    return {
        path: path.read_bytes()
        for part in ("data", "metrics", "plots")
        for path in sorted((folder / part).rglob("*"))
        if path.is_file()
    }


def test_two_runs_write_the_same_bytes_and_every_picture(folder):
    shop(folder)
    run_stages()
    first = content(folder)
    run_stages()
    assert content(folder) == first
    assert {path.stem for path in (folder / "plots/segment").iterdir()} == PICTURES


def test_segments_are_cut_by_the_scores(folder):
    shop(folder)
    run_stages()
    scores = pd.read_parquet("data/scores.parquet")
    segments = pd.read_csv("data/segment/members.csv")
    assert segments["risky"].tolist() == scores["predicted_decline"].astype(int).tolist()
    assert segments["probability"].tolist() == pytest.approx(
        scores["probability"].tolist(), abs=1e-6
    )
    risky = read_json(Path("metrics/segment.json"))["risky"]
    assert risky["customers"] == scores["predicted_decline"].sum()
    assert risky["decline_rate"]["value"] < 0.8
    columns = pd.read_csv("data/segment/columns.csv")
    declined = columns[(columns["segment"] == "risky") & (columns["value"] == "Снизилась")]
    assert declined["inside"].item() == pytest.approx(risky["decline_rate"]["value"], abs=1e-4)


@pytest.mark.parametrize(
    "columns",
    [
        {"favourite_category": "Кухонная посуда", "monthly_profit": 2.0, "promo_share": 0.9},
        {"decline": 0, "activity": "Прежний уровень", "revenue_before_previous": 0.0},
    ],
    ids=["customers", "outcome"],
)
def test_a_shop_without_any_difference_gets_missing_values_and_no_error(folder, columns):
    shop(folder, **columns)
    run_stages()
    assert len(pd.read_csv("data/segment/risk_profit.csv")) == 12
    assert (pd.read_csv("data/segment/risk_profit.csv")["customers"]).sum() == CUSTOMERS


def test_segments_without_any_customer_are_no_error(folder):
    shop(folder)
    run_stages("en", {"nobody": "promo_share > 1"})
    assert read_json(Path("metrics/segment.json"))["nobody"]["typical_reasons"] == {}
    assert pd.read_csv("data/segment/columns.csv")["p"].isna().all()
