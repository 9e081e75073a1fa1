"""Reasons: what raises a customer's probability, strongest first, in the reader's language."""

import itertools
import math
import re

import numpy as np
import pandas as pd
import pytest
from blends import fitted_blend
from imports import ROOT
from shop import CATEGORIES, COLUMNS, NUMBERS, read_texts

from retention.models.blend import Blend
from retention.reasons import find_reasons, levels, reason_columns, summarise, uncontradicted
from retention.selection.pipeline import build
from retention.texts import Texts

VALUES = {
    "service_tier": ["премиум", "стандарт"],
    "allows_messages": ["да", "нет"],
    "favourite_category": COLUMNS["favourite_category"].values,
}
FEATURES = pd.DataFrame(
    {
        "promo_share": [0.25, 0.5, 0.75, 0.5, 0.5],
        "pages_per_visit": [3, 8, 20, 8, 8],
        "revenue_current": [5000.4, 5000.6, 4000.0, 6000.0, 5000.5],
        "service_tier": ["премиум", "стандарт", "стандарт", "стандарт", "премиум"],
        "allows_messages": ["да", "нет", "нет", "да", "да"],
    },
    index=pd.Index([107, 105, 106, 101, 102], name="customer_id"),
)
# In another order of columns and of customers than the features.
LOG_ODDS = pd.DataFrame(
    {
        "allows_messages": [0.0, 0.5, 0.0, 0.0, 0.0],
        "service_tier": [0.05, -0.1, 0.4, 0.0, 0.0],
        "pages_per_visit": [0.8, -0.2, 0.5, 0.3, 0.0],
        "promo_share": [-1.3, -0.1, 0.6, 0.4, 0.0],
        "revenue_current": [0.0, 0.0, 0.45, 0.9, 0.0],
    },
    index=FEATURES.index,
).iloc[::-1]
CONTROLLABLE = {"service_tier": ["стандарт"], "promo_share": ["high"]}


@pytest.fixture
def russian(monkeypatch) -> Texts:
    monkeypatch.chdir(ROOT)
    return read_texts("ru")


@pytest.fixture
def english(monkeypatch) -> Texts:
    monkeypatch.chdir(ROOT)
    return read_texts("en")


def find(texts: Texts, least: float = 0.0) -> pd.DataFrame:
    return find_reasons(
        LOG_ODDS, FEATURES, COLUMNS, FEATURES, least=least, controllable=CONTROLLABLE, texts=texts
    )


def of(found: pd.DataFrame, customer: int, column: str = "column") -> list[str]:
    return found.loc[found["customer_id"] == customer, column].tolist()


def every_level(texts: Texts) -> pd.DataFrame:
    """Return a reason for every column and level, and for every category of the shop."""
    found = []
    for column in (*NUMBERS, *CATEGORIES):
        values = VALUES.get(column, [1.5, 2, 2, 2, 3.5])
        raising = pd.DataFrame({column: [1.0] * len(values)})
        features = pd.DataFrame({column: values})
        found.append(
            find_reasons(
                raising, features, COLUMNS, features, least=0.5, controllable={}, texts=texts
            )
        )
    return pd.concat(found)


def test_reasons_are_what_raises_the_log_odds_the_strongest_first(russian):
    found = find(russian)
    assert of(found, 106) == ["promo_share", "pages_per_visit", "revenue_current"]
    assert of(found, 106, "rank") == [1, 2, 3]
    assert of(found, 106, "log_odds") == [0.6, 0.5, 0.45]
    assert of(found, 101) == ["revenue_current", "promo_share", "pages_per_visit"]


def test_what_lowers_the_probability_or_leaves_it_is_no_reason(russian):
    found = find(russian)
    assert of(found, 107) == ["pages_per_visit", "service_tier"]
    assert of(found, 105) == ["allows_messages"]
    assert of(found, 102) == []
    assert (found["log_odds"] > 0).all()


def test_a_reason_raises_the_log_odds_by_more_than_the_least(russian):
    assert of(find(russian, least=0.05), 107) == ["pages_per_visit"]
    assert of(find(russian, least=0.4), 101) == ["revenue_current"]
    assert find(russian, least=5.0).empty


def test_sentences_say_on_which_side_of_the_others_a_value_is(russian):
    found = find(russian)
    assert of(found, 107, "reason") == [
        "Смотрит мало страниц за визит: 3 (у других обычно 8)",
        "Тип сервиса — «премиум»",
    ]
    assert of(found, 106, "reason") == [
        "Часто покупает по акции: 75\u202f% покупок (у других обычно 50\u202f%)",
        "Смотрит много страниц за визит: 20 (у других обычно 8)",
        "Мало потрачено в текущем месяце: 4000 ₽ (у других обычно 5000 ₽)",
    ]
    assert of(found, 101, "reason")[1:] == [
        "Доля покупок по акции: 50\u202f% (у других обычно 50\u202f%)",
        "Страниц за визит: 8 (у других обычно 8)",
    ]
    assert of(found, 105, "reason") == ["Не разрешает присылать сообщения"]


def test_english_sentences_say_the_same(english):
    found = find(english)
    assert of(found, 107, "reason") == [
        "Looks at few pages per visit: 3 (others usually 8)",
        "Service tier: premium",
    ]
    assert of(found, 105, "reason") == ["Does not allow messages to be sent"]


def test_decimals_are_in_the_readers_notation(russian, english):
    features = pd.DataFrame({"marketing_per_month_6m": [2.5, 4.3, 4.3]})
    log_odds = pd.DataFrame({"marketing_per_month_6m": [1.0, 0.0, 0.0]})
    for texts, shown in ((russian, ("2,5", "4,3")), (english, ("2.5", "4.3"))):
        found = find_reasons(
            log_odds, features, COLUMNS, features, least=0.0, controllable={}, texts=texts
        )
        assert re.findall(r"\d[.,]\d", found["reason"].item()) == list(shown)


def test_low_and_high_are_the_outer_quarters():
    numbers = pd.DataFrame({"pages_per_visit": range(1, 9), "promo_share": [0.1] * 5 + [0.9] * 3})
    found = levels(numbers, list(numbers), numbers)
    assert found["pages_per_visit"].tolist() == ["low"] * 2 + ["typical"] * 4 + ["high"] * 2
    # Most customers share the least value, so that it is nothing to speak of.
    assert found["promo_share"].tolist() == ["typical"] * 5 + ["high"] * 3


def test_a_column_without_differences_has_neither_low_nor_high_values():
    same = pd.DataFrame({"service_errors": [4, 4, 4]})
    assert set(levels(same, ["service_errors"], same)["service_errors"]) == {"typical"}


def test_the_shop_can_act_on_the_declared_levels_alone(russian):
    found = find(russian).set_index(["customer_id", "column"])["controllable"]
    assert found[106, "promo_share"] == "yes"  # high
    assert found[101, "promo_share"] == "no"  # typical
    assert found[107, "service_tier"] == "no"  # has the premium tier already
    assert found[107, "pages_per_visit"] == "no"


def test_the_list_marks_what_the_shop_can_act_on(russian):
    customers = pd.Series([106, 102, 107], index=[4, 2, 9])
    found = reason_columns(find(russian), customers, russian)
    assert found.index.tolist() == [4, 2, 9]
    assert found.loc[4, "reason_1"].endswith("(у других обычно 50\u202f%) — можно влиять")
    assert found.loc[4, "reason_2"].endswith("(у других обычно 8)")
    assert found.filter(like="controllable").loc[4].tolist() == ["yes", "no", "no"]
    assert set(found.loc[2]) == {""}
    assert found.loc[9, ["reason_3", "reason_3_controllable"]].tolist() == ["", ""]


def test_a_list_without_any_reason_has_empty_columns(russian, tmp_path):
    find(russian, least=9.0).to_csv(tmp_path / "reasons.csv", index=False)
    found = reason_columns(pd.read_csv(tmp_path / "reasons.csv"), pd.Series([106]), russian)
    assert found.shape == (1, 6)
    assert set(found.loc[0]) == {""}


def test_the_summary_counts_customers_and_columns(russian):
    found = summarise(find(russian), len(FEATURES), list(FEATURES))
    assert found["customers"] == 5
    assert found["at_least"] == {"1": 4, "2": 3, "3": 2}
    assert found["controllable"] == pytest.approx(1 / 5)
    assert found["by_column"] == {
        "promo_share": 2,
        "pages_per_visit": 3,
        "revenue_current": 2,
        "service_tier": 1,
        "allows_messages": 1,
    }


def test_there_is_a_sentence_of_its_own_for_every_column_and_level(russian, english):
    for texts in (russian, english):
        found = every_level(texts)
        wording = found["reason"].str.replace(r"[\d,.]+", "", regex=True)
        of_numbers = wording[found["column"].isin(NUMBERS)]
        assert of_numbers.nunique() == 3 * len(NUMBERS)
        assert not found["reason"].str.contains(r"[{}]|nan|_").any()


def test_no_russian_reason_has_latin_letters_and_no_english_one_cyrillic(russian, english):
    assert not every_level(russian)["reason"].str.contains("[A-Za-z]").any()
    assert not every_level(english)["reason"].str.contains("[А-Яа-яЁё]").any()


@pytest.fixture(scope="module")
def small_blend(learnable, candidates) -> Blend:
    pipelines = {
        family: build(family, candidates[family], learnable.columns, seed=0)
        for family in ("logistic", "svc", "mixture")
    }
    return fitted_blend(pipelines, learnable.features, learnable.decline, learnable.fold)


def response(
    model: Blend, customers: pd.DataFrame, background: pd.DataFrame, kept: tuple[str, ...]
) -> np.ndarray:
    """Return the mean log-odds, shape (n,), when all but `kept` come from the background."""
    mixed = pd.concat([background] * len(customers), ignore_index=True)
    own = customers.loc[customers.index.repeat(len(background))].reset_index(drop=True)
    mixed[list(kept)] = own[list(kept)]
    return model.decision_function(mixed).reshape(len(customers), -1).mean(axis=1)


def shapley(model: Blend, customers: pd.DataFrame, background: pd.DataFrame) -> pd.DataFrame:
    """Return exact interventional Shapley values of the log-odds, from their definition."""
    columns = tuple(customers)
    worth = {
        kept: response(model, customers, background, kept)
        for size in range(len(columns) + 1)
        for kept in itertools.combinations(columns, size)
    }
    values = pd.DataFrame(0.0, index=customers.index, columns=columns)
    for column in columns:
        for kept in (kept for kept in worth if column not in kept):
            share = 1 / (len(columns) * math.comb(len(columns) - 1, len(kept)))
            with_it = tuple(name for name in columns if name in (*kept, column))
            values[column] += share * (worth[with_it] - worth[kept])
    return values


def test_without_the_customers_value_of_a_reason_the_model_expects_less_decline(
    small_blend, learnable, russian
):
    """Independent of SHAP: the value alone is replaced by other customers'."""
    customers, background = learnable.features[:40], learnable.features[40:]
    log_odds = shapley(small_blend, customers, background)
    own = pd.Series(small_blend.decision_function(customers), index=customers.index)
    np.testing.assert_allclose(
        log_odds.sum(axis=1) + small_blend.decision_function(background).mean(), own
    )
    found = find_reasons(
        log_odds, customers, COLUMNS, customers, least=0.2, controllable={}, texts=russian
    )
    assert len(found) > 30
    for column in customers:
        rest = tuple(name for name in customers if name != column)
        replaced = pd.Series(response(small_blend, customers, background, rest), customers.index)
        given = found.loc[found["column"] == column, "customer_id"]
        assert len(given) > 5
        assert (replaced[given] < own[given]).all()


def test_a_column_whose_response_has_another_sign_is_no_reason(russian):
    responses = LOG_ODDS.assign(promo_share=-LOG_ODDS["promo_share"])
    found = find_reasons(
        uncontradicted(LOG_ODDS, responses),
        FEATURES,
        COLUMNS,
        FEATURES,
        least=0.0,
        controllable={},
        texts=russian,
    )
    assert "promo_share" in set(find(russian)["column"])
    assert "promo_share" not in set(found["column"])
    fewer = FEATURES.drop(columns="promo_share")
    without = LOG_ODDS.drop(columns="promo_share"), fewer, COLUMNS, fewer
    expected = find_reasons(*without, least=0.0, controllable=CONTROLLABLE, texts=russian)
    assert found["column"].tolist() == expected["column"].tolist()


def test_next_months_numbers_are_compared_with_those_of_the_customers_known(russian):
    """Where everybody looks at few pages next month, few is still few."""
    coming = FEATURES[["pages_per_visit"]].assign(pages_per_visit=3)
    log_odds = pd.DataFrame({"pages_per_visit": 1.0}, index=coming.index)
    found = find_reasons(
        log_odds, coming, COLUMNS, FEATURES, least=0.0, controllable={}, texts=russian
    )
    assert set(found["reason"]) == {"Смотрит мало страниц за визит: 3 (у других обычно 8)"}
