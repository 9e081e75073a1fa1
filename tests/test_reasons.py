"""Reasons: what raises a customer's probability, strongest first, in the reader's language."""

from pathlib import Path

import pandas as pd
import pytest

from retention.reasons import main_reasons
from retention.texts import Texts, read_texts

ROOT = Path(__file__).parent.parent
FEATURES = pd.DataFrame(
    {
        "promo_share": [0.25, 0.5, 0.75],
        "pages_per_visit": [3, 8, 20],
        "service_tier": ["премиум", "стандарт", "стандарт"],
    },
    index=[7, 5, 6],
)
# In another order of columns than the features.
SHAP = pd.DataFrame(
    {
        "service_tier": [0.05, -0.1, 0.0],
        "pages_per_visit": [0.2, -0.2, -0.1],
        "promo_share": [-0.3, -0.1, 0.1],
    },
    index=[7, 5, 6],
)


@pytest.fixture
def russian(monkeypatch) -> Texts:
    monkeypatch.chdir(ROOT)
    return read_texts("ru")


@pytest.fixture
def english(monkeypatch) -> Texts:
    monkeypatch.chdir(ROOT)
    return read_texts("en")


def reasons(texts: Texts, count: int = 2) -> pd.DataFrame:
    return main_reasons(SHAP, FEATURES, ["promo_share", "pages_per_visit"], count, 0.0, texts)


def test_reasons_are_what_raises_the_probability_the_strongest_first(russian):
    found = reasons(russian)
    assert list(found) == ["reason_1", "reason_2"]
    assert found.index.tolist() == [7, 5, 6]
    assert found.loc[7].tolist() == [
        "Страниц за визит: 3 (обычно 8)",
        "Тип сервиса: премиум",
    ]


def test_what_lowers_the_probability_is_no_reason(russian):
    found = reasons(russian, count=3)
    assert found.loc[5].tolist() == ["", "", ""]
    assert found.loc[7, "reason_3"] == ""
    assert found.loc[6].tolist()[1:] == ["", ""]


def test_numbers_stand_beside_the_median_with_a_decimal_comma(russian):
    assert reasons(russian).loc[6, "reason_1"] == (
        f"{russian.column('promo_share')}: 0,75 (обычно 0,5)"
    )


def test_english_reasons_have_a_decimal_point_and_translated_values(english):
    found = reasons(english)
    assert found.loc[6, "reason_1"].endswith(": 0.75 (usually 0.5)")
    assert found.loc[7, "reason_2"].endswith(": premium")


def test_no_more_reasons_than_asked_for(russian):
    found = reasons(russian, count=1)
    assert list(found) == ["reason_1"]
    assert found.loc[7, "reason_1"].startswith(russian.column("pages_per_visit"))
