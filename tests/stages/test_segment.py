"""The stage `segment` and its pictures, on a small shop with everything that could break them."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shop import CATEGORIES, MINUTES, NUMBERS, REVENUES, ROLES, write_words

from retention.contract.schema import Roles
from retention.harness.files import read_json
from stages import draw, segment
from stages.parameters.draw import Params as DrawParams
from stages.parameters.segment import Params as SegmentParams

CUSTOMERS = 60
FEATURES = {"numbers": list(NUMBERS), "categories": list(CATEGORIES)}
RULES = {
    "risky": "predicted_decline",
    "promo": "promo_share > 0.5",
    "nobody": "promo_share > 1",
    "all": "always",
}
PICTURES = {
    "decline_rates", "risk_and_profit", "reasons", "matrix", "categories", "within_categories",
}  # fmt: skip


def shop(folder: Path, **columns: object) -> None:
    """Write what the stages read."""
    random = np.random.default_rng(1)
    drawn = {name: random.integers(1, 9, CUSTOMERS) for name in NUMBERS}
    drawn |= {name: random.uniform(4000, 6000, CUSTOMERS) for name in (*REVENUES, *MINUTES)}
    decline = np.arange(CUSTOMERS) % 2
    customers = pd.DataFrame(
        {
            "customer_id": np.arange(100, 100 + CUSTOMERS).astype(str),
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
    for name in ("explain", "score"):
        (folder / "data" / name).mkdir(parents=True)
    customers.to_parquet(folder / "data/customers.parquet")
    scores.to_parquet(folder / "data/scores.parquet")
    customers.drop(columns=["activity", "decline"]).to_parquet(
        folder / "data/score/customers.parquet"
    )
    scores.to_parquet(folder / "data/score/scores.parquet")
    values.assign(base_value=0.0).to_parquet(folder / "data/explain/shap_values.parquet")
    write_words(folder)


def run_stages(language: str = "ru", rules: dict[str, str] = RULES, roles: Roles = ROLES) -> None:
    cuts = {"risk_cuts": [0.3, 0.7], "profit_quantiles": [0.25, 0.5, 0.75]}
    setting = {"rules": rules, "within_categories": "promo_share > 0.5", **cuts}
    drawn = {
        "confidence": 0.95,
        "draw": {"histogram_bins": 5},
        "language": language,
        "roles": roles,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        segment.main(
            SegmentParams(confidence=0.95, segment=setting, features=FEATURES, roles=roles)
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


def test_a_shop_without_profit_and_categories_has_neither_sums_nor_their_tables(folder):
    shop(folder)
    run_stages(roles=ROLES.model_copy(update={"profit": None, "category": None, "series": {}}))
    risky = read_json(Path("metrics/segment.json"))["risky"]
    assert risky["decline_rate"]["value"] is not None
    assert [risky[name] for name in ("profit", "profit_share", "profit_at_risk")] == [None] * 3
    for name in ("risk_profit", "categories", "within_categories"):
        assert len(pd.read_csv(f"data/segment/{name}.csv")) == 0
    drawn = {path.stem for path in (folder / "plots/segment").iterdir()}
    assert drawn == {"decline_rates", "reasons"}


def test_customers_without_a_category_are_a_category_of_their_own_which_is_a_dash(
    folder, monkeypatch
):
    shop(folder, favourite_category=["Кухонная посуда"] * 30 + [""] * 30)
    shown = []
    monkeypatch.setattr(
        "matplotlib.axes.Axes.set_yticks", lambda _, __, labels=(), **___: shown.extend(labels)
    )
    run_stages()
    categories = pd.read_csv("data/segment/categories.csv")
    assert sorted(categories["customers"]) == [30, 30]
    assert "–, 30" in shown
    assert "–" in shown
    assert not [label for label in shown if "nan" in str(label)]


def test_the_customers_to_act_on_are_cut_by_the_same_rules(folder):
    shop(folder)
    run_stages()
    first, coming = (
        pd.read_csv(f"data/segment/{name}.csv")[list(RULES)] for name in ("members", "next_members")
    )
    pd.testing.assert_frame_equal(first, coming)
