"""The plan of measurement: all that is fixed beforehand, in both languages and for every plan."""

import re

import numpy as np
import pytest
from shop import read_texts

from retention.campaign.measurement.control import AtStake, draw_control, prospects
from retention.campaign.plan_page import expected, plan_lines, plan_text

PROBABILITY = np.random.default_rng(0).beta(2, 2, 400)
GROUPS = np.arange(400)


def line(value, least, most):
    return {"contacted": 1, "value": value, "least": least, "most": most, "loss": 0.1}


FIGURES = {
    "in_money": True,
    "customers": 400,
    "over": {"nobody": line(187.09, 82.1, 338.7), "everybody": line(7.6, -0.7, 22.8)},
    "control_costs": line(36.3, 16.0, 65.4),
}
NOTHING = {
    "in_money": True,
    "customers": 0,
    "over": {"nobody": line(0.0, 0.0, 0.0), "everybody": line(0.0, 0.0, 0.0)},
    "control_costs": line(0.0, 0.0, 0.0),
}


def learns(share=0.2, customers=400, profit=9.0):
    control = draw_control([PROBABILITY[:customers]], GROUPS[:customers], share, 1)
    at_stake = AtStake(np.full(customers, profit), 0.5) if profit else None
    return prospects(PROBABILITY[:customers], control, GROUPS[:customers], 0.95, at_stake)


def points(language="en", figures=FIGURES, share=0.2, customers=400, profit=9.0):
    profit = profit if figures["in_money"] else None
    return plan_lines(
        figures,
        learns(share, customers, profit),
        fingerprint="0123456789abcdef",
        months=3,
        confidence=0.95,
        texts=read_texts(language),
    )


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)


def said(**changed):
    return plan_text(points(**changed), read_texts(changed.get("language", "en")))


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("share", [0.0, 0.2])
@pytest.mark.parametrize("in_money", [True, False])
def test_a_plan_has_no_gap_and_no_missing_word(language, share, in_money):
    changed = {"figures": {**FIGURES, "in_money": in_money}, "share": share}
    page = said(language=language, **changed)
    assert not re.search(r"[{}]|\bnan\b|None", page)
    assert page.startswith("# ")
    assert page.endswith("\n")
    assert len(points(language, **changed)) == page.count("**") / 2


def test_all_that_is_fixed_is_said():
    page, found = said(), learns()
    assert "0123456789abcdef" in page
    assert str(found["contacted"]) in page
    assert str(found["control"]) in page
    assert "3 months" in page
    assert "95\u202f%" in page
    assert read_texts("en").percent(found["rate"]) in page
    raw, adjusted = (
        read_texts("en").number(100 * found[name], 1) for name in ("smallest", "smallest_adjusted")
    )
    assert f"a fall by {adjusted} percentage points" in page
    assert f"without the adjustment by {raw})" in page
    assert float(adjusted) < float(raw)


def test_the_smallest_effect_on_profit_stands_beside_what_the_plan_expects():
    page, smallest = said(), learns()["smallest_profit"]
    assert smallest > 187.09 / 400
    assert f"A difference of {smallest:.2f} thousand ₽ per customer shows" in page
    assert "expects 0.47, which may well go unseen" in page
    little = said(profit=3.0)  # what is at stake varies less
    assert "the plan expects 0.47." in little
    assert "unseen:" not in little


def test_without_a_control_group_it_is_said_that_nothing_will_be_learnt():
    assert "nothing will be learnt" in said(share=0.0)
    assert "ничему не научит" in said(language="ru", share=0.0)
    assert "nothing will be learnt" not in said()


@pytest.mark.parametrize(
    ("language", "nobody", "all_get_it"),
    [("en", "Nobody gets an offer", "without an offer"), ("ru", "не получит никто", "получат все")],
)
def test_an_empty_plan_says_that_nobody_gets_anything(language, nobody, all_get_it):
    page = said(language=language, figures=NOTHING, customers=0)
    assert nobody in page
    assert all_get_it not in page
    assert "–" not in page.replace(" – ", " ")  # no missing figure


@pytest.mark.parametrize(("language", "word"), [("en", "too few"), ("ru", "слишком мало")])
def test_where_too_few_are_on_the_list_no_effect_is_promised(language, word):
    page = said(language=language, customers=10)
    assert word in page
    assert "80 %" not in page
    assert word not in said(language=language)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_sum_stands_with_its_range_and_says_that_it_rests_on_assumptions(language):
    texts = read_texts(language)
    (told,) = [
        text for heading, text in points(language) if heading == texts.get("plan", "brings_title")
    ]
    for one in (FIGURES["over"]["nobody"], FIGURES["over"]["everybody"], FIGURES["control_costs"]):
        assert expected(one, texts) in told
    words = {
        "ru": ("по предположениям", "не доверительные интервалы", "тыс. ₽"),
        "en": ("assumptions", "no confidence intervals", "thousand ₽"),
    }
    for word in words[language]:
        assert word in told


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_range_over_assumptions_does_not_look_like_an_interval(language):
    shown = expected(FIGURES["over"]["nobody"], read_texts(language))
    assert not re.search(r"…|\[|;", shown)
    assert re.search("предположени|assumptions", shown)
    assert "187" in shown


def test_without_profit_customers_are_counted_and_no_unit_of_money_is_named():
    kept = {**FIGURES, "in_money": False}
    for language, money, word in (("ru", "₽", "Удержанных"), ("en", "₽", "kept")):
        page = said(language=language, figures=kept)
        assert money not in page
        assert word in page
