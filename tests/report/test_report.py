"""The page for marketing: every figure in its place and in the reader's notation."""

import base64
import html
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imports import ROOT
from shop import read_texts

from retention.campaign.measurement.learned import Learned
from retention.report.page import SECTIONS, render
from retention.report.results import Results
from stages.report import PICTURES

RATE = {"value": 0.812, "low": 0.7164, "high": 0.8812}
SEGMENT = {
    "customers": 85,
    "probability": 0.7701,
    "decline_rate": RATE,
    "profit": 412.4,
    "profit_share": 0.0815,
    "profit_at_risk": 317.6,
    "typical_reasons": {"pages_per_visit": 0.8, "minutes_previous": 0.31, "promo_share": 0.2},
}
EMPTY = {
    "customers": 0,
    "probability": None,
    "decline_rate": dict.fromkeys(RATE),
    "profit": 0.0,
    "profit_share": 0.0,
    "profit_at_risk": 0.0,
    "typical_reasons": {},
}
CATEGORIES = pd.DataFrame(
    {
        "category": ["Кухонная посуда", "Товары для детей"],
        "customers": 138,
        "series": "revenue",
        "decline_rate": RATE["value"],
        "low": RATE["low"],
        "high": RATE["high"],
        "resilient": [True, False],
        "profit": [4.147, np.nan],
        "profit_low": [3.978, np.nan],
        "profit_high": [4.317, np.nan],
        "profit_at_risk": 295.7,
        "trend": [-0.0957, np.nan],
        "trend_low": [-0.1243, np.nan],
        "trend_high": [0.0671, np.nan],
    }
)
DISCOVERED = pd.DataFrame(
    {
        "kind": ["subgroup", "subgroup", "cluster"],
        "customers": [354, 40, 30],
        "rate": [0.8826, 0.2, 0.5],
        "low": [0.8381, 0.1, 0.3],
        "high": [0.9160, 0.3, 0.7],
        "unseen_rate": [0.8333, 0.35, np.nan],
        "unseen_low": [0.7431, 0.2, np.nan],
        "unseen_high": [0.8963, 0.5, np.nan],
        "folds": 5,
        "folds_found": [5, 2, 0],
        "stability": [0.9667, 0.5, np.nan],
        "holds": [True, False, np.nan],  # of clusters, nothing is tested
    }
)
CUTS = pd.DataFrame(
    {
        "column": ["service_errors", "pages_per_visit", "promo_share", "minutes_current"],
        "direction": ["<=", "<=", ">", np.nan],
        "cut": [3.5, 5.5, 0.295, np.nan],
        "share": [0.3563, 0.3491, 0.25, np.nan],
        "rate": [0.4884, 0.7286, 0.679, np.nan],
        "low": [0.4362, 0.6789, 0.6285, np.nan],
        "high": [0.5409, 0.7732, 0.7256, np.nan],
        "rest": [0.3552, 0.2278, 0.2456, np.nan],
        "rest_low": [0.3187, 0.1968, 0.2133, np.nan],
        "rest_high": [0.3935, 0.2621, 0.281, np.nan],
        "found_again": [0.285, 0.505, 0.65, np.nan],
        "holds": [False, True, True, False],
    }
)
RULES_MET = pd.DataFrame(
    {
        "counted": ["found"] * 4 + ["named"],
        "rules_met": [0, 1, 2, 3, 0],
        "customers": [114, 249, 92, 0, 39],
        "declined": [11, 29, 89, 0, 17],
    }
)
EVALUATE = {
    "folds": 5,
    "repeats": 4,
    "roc_auc": {"value": 0.93271, "low": 0.9012, "high": 0.9642},
    "calibration": {"in_the_large": {"value": 0.05, "low": -0.1, "high": 0.2}},
    "precision": {"value": 0.791, "low": 0.752, "high": 0.83},
    "recall": {"value": 0.823, "low": None, "high": None},
    "against_rules": {
        "named": {"roc_auc": 0.8712, "difference": 0.0616, "low": 0.0421, "high": 0.0809},
        "found": {"roc_auc": 0.8651, "difference": 0.0676, "low": 0.0477, "high": 0.0876},
    },
}
PLAN = {
    "ranks": True,
    "considered": 1044,
    "in_money": True,
    "customers": 353,
    "over": {
        "nobody": {"contacted": 0, "value": 642.4, "least": 210.6, "most": 1200.0, "loss": 0.0},
        "everybody": {"contacted": 1044, "value": 31.2, "least": -4.8, "most": 88.8, "loss": 0.1},
        "theirs": {"contacted": 100, "value": 77.7, "least": 66.6, "most": 99.9, "loss": 0.0},
        "uninformed": {"contacted": 900, "value": 52.1, "least": 11.5, "most": 99.5, "loss": 0.0},
        "best_single_offer": {
            "contacted": 200,
            "value": 83.9,
            "least": 21.5,
            "most": 151.5,
            "loss": 0.0,
        },
    },
    "control_costs": {"value": 128.5, "least": 42.5, "most": 240.5, "loss": 0.0},
    "best_single_offer": "promo_discount",
    "by_offer": {"cart_discount": 40, "promo_discount": 313},
}
CAMPAIGN = {
    "fingerprint": "0123456789abcdef",
    "confidence": 0.95,
    "horizon_months": 3.0,
    "prospects": {
        "contacted": 283,
        "control": 70,
        "learns": True,
        "rate": 0.6634,
        "explained": 0.5,
        "smallest": 0.1712,
        "smallest_adjusted": 0.1163,
        "smallest_profit": 1.4,
    },
}
ZERO = {"contacted": 0, "value": 0.0, "least": 0.0, "most": 0.0, "loss": 0.0}
NOBODY = {
    "plan": {
        **PLAN,
        "ranks": False,
        "customers": 0,
        "by_offer": {},
        "over": dict.fromkeys(PLAN["over"], ZERO),
        "control_costs": ZERO,
    },
    "campaign": {
        **CAMPAIGN,
        "prospects": {
            **dict.fromkeys(("rate", "smallest", "smallest_adjusted", "smallest_profit")),
            "contacted": 0,
            "control": 0,
            "learns": False,
            "explained": 0.0,
        },
    },
}
EXPECT = {
    "known": False,
    "customers": 1044,
    "expected": dict.fromkeys(("decline_rate", "roc_auc", "precision", "recall"), RATE),
    "drift": {"tested": 16, "drifted": {}, "whole": {"drifted": False}, "unseen": []},
}
FINDINGS = pd.DataFrame({"severity": ["warning", "note", "note"]})


def learned(*offers: str) -> Learned:
    """Return what one campaign taught of some offers."""
    prior = {"distribution": "beta", "alpha": 6.0, "beta": 14.0, "origin": "a guess"}
    share = {"assumption": prior, "before": 0.3, "after": 0.184, "low": 0.102, "high": 0.271}
    line = {"campaign": "Осень", "date": "2026-10-01", "contacted": 283, "control": 70}
    line |= dict.fromkeys(("share_kept", "take_up", "harm"), share)
    return Learned.model_validate({"offers": dict.fromkeys(offers, line)})


RISK_PROFIT = pd.DataFrame(
    {
        "risk": ["0..0.7", "0..0.7", "0.7..1", "0.7..1"],
        "profit_quantile": ["0..0.8", "0.8..1"] * 2,
        "customers": [700, 300, 104, 114],
        "profit_at_risk": [50.0, 60.0, 363.3, 569.6],
    }
)


@pytest.fixture
def picture(tmp_path) -> Path:
    (tmp_path / "bar.png").write_bytes(b"not really a picture")
    return tmp_path / "bar.png"


@pytest.fixture
def page(monkeypatch, picture):
    """Return a function that makes the page's text, its values changed by keyword."""
    monkeypatch.chdir(ROOT)

    def make(language: str = "ru", **changed: Any) -> str:
        values: dict[str, Any] = {
            "demo": True,
            "confidence": 0.95,
            "prepare": {"customers": 1296, "decline_rate": 0.3827},
            "evaluate": EVALUATE,
            "segments": {"valuable_at_risk": SEGMENT, "mine <b>": SEGMENT, "nobody": EMPTY},
            "discovered": DISCOVERED,
            "described": ["мало страниц", "много минут", "группа"],
            "cuts": CUTS,
            "rules_met": RULES_MET,
            "categories": CATEGORIES,
            "risk_profit": RISK_PROFIT,
            "reasons": {
                "customers": 1296,
                "at_least": {"1": 1102, "2": 810, "3": 611},
                "controllable": 0.314,
            },
            "findings": FINDINGS,
            "plan": PLAN,
            "campaign": CAMPAIGN,
            "learned": learned(),
            "expect": EXPECT,
            "least_reason": 0.2,
        } | changed
        pictures = values.pop("pictures", {"segments": {"decline_rates": picture}})
        return render(Results(**values), pictures, read_texts(language), language)

    return make


def plain(page: str) -> str:
    """Return what can be read, without marks, and with one space between words."""
    text = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u202f", "").split())


def rows(page: str, section: str) -> list[list[str]]:
    """Return the cells of a section's table, without its heading."""
    part = re.search(rf'<h2 id="{section}">.*?(?=<h2|</main>)', page, re.DOTALL)
    assert part
    found = re.findall(r"<tr[^>]*>(<td.*?)</tr>", part[0])
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in found]
    return [[plain(cell) for cell in row] for row in cells]


def pale(page: str) -> list[str]:
    """Return the first cells of the rows that aren't to be relied on."""
    return [plain(cell) for cell in re.findall(r'<tr class="pale"><td[^>]*>(.*?)</td>', page)]


@pytest.mark.parametrize(
    ("language", "figures"),
    [
        ("ru", ["1296", "38,3\u202f%", "0,933", "0,901", "0,964", "353", "642,4"]),
        ("en", ["1296", "38.3\u202f%", "0.933", "0.901", "0.964", "353", "642.4"]),
    ],
)
def test_the_headline_figures_are_in_the_readers_notation(page, language, figures):
    found = page(language)
    for figure in figures:
        assert f"{figure}" in found


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("ru", "{value} (по предположениям — от {least} до {most})"),
        ("en", "{value} (assumptions: from {least} to {most})"),
    ],
)
def test_every_sum_of_the_plan_names_its_assumptions_and_is_no_interval(page, language, shown):
    found, texts = plain(page(language)), read_texts(language)
    lines = [PLAN["over"][name] for name in PLAN["over"] if name != "theirs"]
    for line in (*lines, PLAN["control_costs"]):
        figures = {
            name: texts.number(value, 1)
            for name, value in line.items()
            if name not in ("loss", "contacted")
        }
        assert shown.format(**figures) in found
        # Nowhere without them, and nowhere in the notation of an interval.
        own = shown.format(**figures)
        assert figures["value"] not in found.replace(own, "")
        assert f"{figures['least']} …" not in found
    for word in {"ru": ("не доверительные интервалы", "тыс. ₽"), "en": ("no confidence", "₽")}[
        language
    ]:
        assert word in found
    assert texts.offer("promo_discount", "name") in found


@pytest.mark.parametrize(
    ("language", "said"), [("ru", "в списке никого нет"), ("en", "nobody is on the list")]
)
def test_without_a_ranking_the_page_says_why_nobody_is_on_the_list(page, language, said):
    found = plain(page(language, **NOBODY))
    assert said in found
    assert said not in plain(page(language))
    assert rows(page(language, **NOBODY), "what_to_do") == []
    assert "best single offer" not in found
    assert read_texts(language).get("plan", "nobody") in found


def test_the_control_group_is_told_where_the_list_is(page):
    assert "The plan has 353 customers: 283 get an offer, 70 are the control group" in plain(
        page("en")
    )


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_plan_of_measurement_is_on_the_page(page, language):
    found, texts = plain(page(language)), read_texts(language)
    for point in ("list", "arms", "outcome", "analysis", "power", "brings", "back"):
        assert f"{texts.get('plan', f'{point}_title')}. " in found
    assert "0123456789abcdef" in found
    assert texts.number(11.63, 1) in found
    no_control = {**CAMPAIGN["prospects"], "control": 0, "learns": False}
    without = plain(page(language, campaign={**CAMPAIGN, "prospects": no_control}))
    assert texts.get("plan", "no_control") in without
    assert texts.get("plan", "no_control") not in found


def test_what_campaigns_taught_stands_beside_what_was_assumed(page):
    found = page("en", learned=learned("promo_discount"))
    name = read_texts("en").offer("promo_discount", "name")
    first, *others = rows(found, "measurement")
    assert first[0].startswith(f"{name}: ")
    assert first[0].endswith("Осень")
    assert first[1:] == ["283 + 70", "30%", "18.4% 10.2% … 27.1%"]
    assert len(others) == 2
    assert "No campaign has taught anything yet" not in plain(found)
    assert rows(page("en"), "measurement") == []
    assert "No campaign has taught anything yet" in plain(page("en"))


def test_findings_of_reading_are_counted(page):
    found = plain(page("en"))
    assert re.search(r"\b3\b[^.]*\b1\b[^.]*data/prepare/findings\.csv", found)
    assert "data/prepare/findings.csv" not in plain(page("en", findings=FINDINGS[:0]))


@pytest.mark.parametrize("language", ["ru", "en"])
def test_sections_are_in_order_and_can_be_reached_from_the_top(page, language):
    found = page(language)
    headings = re.findall(r'<h2 id="(\w+)">(.*?)</h2>', found)
    texts = read_texts(language)
    expected = [(section, texts.get("report", section)) for section in SECTIONS]
    assert [(name, html.unescape(title)) for name, title in headings] == expected
    links = re.findall(r'<a href="#(\w+)">(.*?)</a>', found)
    assert [(name, html.unescape(title)) for name, title in links] == expected


def test_segments_are_listed_in_the_given_order_with_their_figures(page):
    texts = read_texts("ru")
    first, second, third = rows(page(), "segments")
    assert first == [
        texts.segment("valuable_at_risk"),
        "85",
        "77%",
        "81,2% 71,6% … 88,1%",
        "412 8,2% всей",
        "до 318",
        f"{texts.column('pages_per_visit')}; {texts.column('minutes_previous')}",
    ]
    assert second[0] == "mine <b>"
    assert third == ["nobody", "0", "–", "–", "–", "–", "–"]


def test_a_weak_contribution_is_no_typical_reason_of_a_segment(page):
    column = read_texts("ru").column("promo_share")
    assert column not in rows(page(), "segments")[0][-1]
    assert column in rows(page(least_reason=0.1), "segments")[0][-1]
    assert rows(page(least_reason=0.9), "segments")[0][-1] == "–"


def test_profit_at_risk_is_called_an_upper_bound(page):
    assert "верхняя граница" in plain(page())
    assert "upper bound" in plain(page("en"))


def test_the_prediction_is_told_with_intervals_and_beside_the_rules(page):
    found = plain(page("en"))
    assert "divided into 5 parts" in found
    assert "4 such divisions" in found
    assert "ROC-AUC: 0.933 (0.901 … 0.964)." in found
    assert "Of those predicted, 79.1% (75.2% … 83%) declined" in found
    assert "of those who declined, 82.3% were predicted" in found  # too few for an interval
    assert (
        "ROC-AUC of 0.871; the difference in favour of the model is 0.062 (0.042 … 0.081)" in found
    )
    assert (
        "ROC-AUC of 0.865; the difference in favour of the model is 0.068 (0.048 … 0.088)" in found
    )


@pytest.mark.parametrize(
    ("offset", "said"),
    [
        ((0.05, -0.1, 0.2), "neither too high nor too low by more than noise"),
        ((0.4, 0.2, 0.6), "too low: their log-odds lack 0.4 (0.2 … 0.6), so that a stated 50 %"),
        ((-0.4, -0.6, -0.2), "too high: their log-odds lack -0.4 (-0.6 … -0.2), so that a stated"),
    ],
)
def test_it_is_said_whether_probabilities_are_too_high_or_too_low(page, offset, said):
    figure = dict(zip(("value", "low", "high"), offset, strict=True))
    found = plain(page("en", evaluate={**EVALUATE, "calibration": {"in_the_large": figure}}))
    assert said in found
    assert ("stands for about 60%" in found) == (offset[1] > 0)
    assert ("stands for about 40%" in found) == (offset[2] < 0)


def test_nothing_is_said_of_a_calibration_without_an_interval(page):
    figure = {"value": 0.1, "low": None, "high": None}
    found = plain(page("en", evaluate={**EVALUATE, "calibration": {"in_the_large": figure}}))
    assert "log-odds lack" not in found


@pytest.mark.parametrize("language", ["ru", "en"])
def test_no_customers_are_said_to_be_held_out(page, language):
    assert not re.search(r"отложенн|held.out|hold-?out", plain(page(language)), re.IGNORECASE)


def test_it_is_said_which_segments_found_by_search_were_confirmed(page):
    found = page("en")
    assert "Rules confirmed: 1 of 2." in plain(found)
    assert rows(found, "discovered") == [
        ["мало страниц", "354", "88.3% 83.8% … 91.6%", "83.3% 74.3% … 89.6%", "5/5", "0.97", "yes"],
        ["много минут", "40", "20% 10% … 30%", "35% 20% … 50%", "2/5", "0.5", "no"],
        ["группа", "30", "50% 30% … 70%", "–", "0/5", "–", "–"],
    ]
    assert pale(found)[0] == "много минут"
    assert "группа" not in pale(found)


def test_a_search_that_found_nothing_has_no_table(page):
    found = page("en", discovered=DISCOVERED.iloc[:0], described=[])
    assert "Rules confirmed: 0 of 0." in plain(found)
    assert rows(found, "discovered") == []


def test_cuts_that_hold_come_first_and_numbers_without_a_cut_are_left_out(page):
    found = page("en")
    texts = read_texts("en")
    assert rows(found, "thresholds") == [
        [
            f"{texts.column('pages_per_visit')} ≤ 5.5",
            "34.9%",
            "72.9% 67.9% … 77.3%",
            "22.8% 19.7% … 26.2%",
            "50.5%",
            "yes",
        ],
        [
            f"{texts.column('promo_share')} > 0.295",
            "25%",
            "67.9% 62.8% … 72.6%",
            "24.6% 21.3% … 28.1%",
            "65%",
            "yes",
        ],
        [
            f"{texts.column('service_errors')} ≤ 3.5",
            "35.6%",
            "48.8% 43.6% … 54.1%",
            "35.5% 31.9% … 39.4%",
            "28.5%",
            "no",
        ],
    ]
    assert pale(found)[-1] == f"{texts.column('service_errors')} ≤ 3.5"


def test_declines_are_told_of_the_fewest_and_the_most_rules_that_anybody_meets(page):
    found = plain(page("en"))
    assert "meet 0 such rules, 9.6% (5.5% … 16.5%)" in found
    assert "meet 2, 96.7% (90.8% … 98.9%)" in found
    assert "0 such rules, 43.6%" not in found  # rules named beforehand stand in the picture


def test_nothing_is_told_of_rules_when_no_cut_holds(page):
    found = page("en", rules_met=RULES_MET.iloc[:1])
    assert "such rules" not in plain(found)


def test_categories_are_named_in_the_readers_language_with_their_figures(page):
    found = page("en")
    assert rows(found, "categories") == [
        [
            "Kitchenware",
            "138",
            "81.2% 71.6% … 88.1%",
            "4.15 3.98 … 4.32",
            "up to 296",
            "-9.6% -12.4% … 6.7%",
            "yes",
        ],
        ["Children's goods", "138", "81.2% 71.6% … 88.1%", "–", "up to 296", "–", "no"],
    ]
    assert "1 of 2" in plain(found)


def test_what_is_at_risk_where_risk_and_profit_are_highest_is_told_with_its_assumption(page):
    found = plain(page("en"))
    assert "decline of 70% or more and a profit in the top 20%: 114." in found
    assert "Up to 570 thousand ₽ a month is at risk there, if a decline took all" in found


def test_nothing_is_at_risk_without_customers(page):
    nobody = RISK_PROFIT.assign(customers=[1, 1, 1, 0], profit_at_risk=0.0)
    assert "in the top" not in plain(page("en", risk_profit=nobody))


def test_contributions_are_said_to_be_log_odds_that_add_up(page):
    found = plain(page("en"))
    assert "They are in log-odds, and for each customer they add up" in found
    assert "A contribution of 0.2 raises a probability of 50 % to 55%" in found
    assert "1102 customers out of 1296; 31.4% of all customers" in found


@pytest.mark.parametrize("language", ["ru", "en"])
def test_no_effect_is_claimed(page, language):
    causal = {
        "ru": r"приводит|вызыва|из-за|благодаря|эффект|спас",
        "en": r"\b(effect of (?!an offer)|drives?|causes?d?|saves?d?|leads? to|because of)\b",
    }
    # Neither what is denied, nor what a campaign would have to bring to be seen.
    said_otherwise = r"prove no cause|доказательство причины|[Зз]аметный эффект|Меньший эффект"
    found = re.sub(said_otherwise, "", plain(page(language)))
    assert re.findall(causal[language], found, re.IGNORECASE) == []


def test_offers_are_listed_the_most_frequent_first(page):
    texts = read_texts("ru")
    assert rows(page(), "what_to_do") == [
        [texts.offer("promo_discount", "name"), "313"],
        [texts.offer("cart_discount", "name"), "40"],
    ]


def test_only_a_report_on_demo_data_says_so(page):
    notice = read_texts("ru").get("report", "demo")
    assert notice in page(demo=True)
    assert notice not in page(demo=False)


def test_the_page_has_its_pictures_in_it_with_words_for_who_cannot_see_them(page, picture):
    found = page()
    data = base64.b64encode(picture.read_bytes()).decode()
    words = read_texts("ru").get("report", "pictures", "decline_rates")
    assert f'<img alt="{words}" src="data:image/png;base64,{data}">' in found


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_picture_of_the_stage_has_its_words_and_a_section(page, picture, language):
    assert set(PICTURES) <= set(SECTIONS)
    names = [name for paths in PICTURES.values() for name in paths]
    found = page(
        language,
        pictures={section: dict.fromkeys(paths, picture) for section, paths in PICTURES.items()},
    )
    words = [html.unescape(alt) for alt in re.findall(r'<img alt="([^"]*)"', found)]
    assert sorted(words) == sorted(read_texts(language).get("report", "pictures", n) for n in names)
    assert len(set(words)) == len(names)


def test_nothing_on_the_page_is_loaded_from_elsewhere(page):
    assert not re.search(r"(src|href)=\"(?!data:|#)", page())


@pytest.mark.parametrize("language", ["ru", "en"])
def test_all_caveats_are_on_the_page(page, language):
    found = html.unescape(page(language))
    for caveat in read_texts(language).items("report", "caveats_items"):
        assert caveat in found


def test_the_russian_page_has_no_english_word(page):
    found = plain(page("ru", segments={"valuable_at_risk": SEGMENT}))
    words = {word.rstrip(".") for word in re.findall(r"[A-Za-z][\w./-]*", found)}
    files = {"offers/contact_list.xlsx", "params.yaml", "data/prepare/findings.csv"}
    command = {"dvc", "repro", "campaign/dvc.yaml", "campaign/README.md"}
    # Of params.yaml, the section `offer`.
    assert words <= {"ROC-AUC", "offer", "abcdef", *files, *command}


def test_the_english_page_has_no_russian_word_but_the_shops_name(page):
    # The descriptions come from the search, which writes them in the language of the report.
    found = plain(page("en", described=["few pages"] * 3))
    assert re.findall("[А-Яа-яЁё]+", found) == ["В", "один", "клик"]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_page_says_its_language_and_leaves_no_gap(page, language):
    found = page(language)
    assert f'<html lang="{language}">' in found
    text = re.sub(r"<style>.*?</style>", "", found, flags=re.DOTALL)
    assert not re.search(r"[{}]", text)
    assert not re.search(r"\b(nan|None)\b", plain(found))


def test_it_is_said_whose_outcome_is_known(page):
    assert "1044 customers whose outcome nobody knows yet" in page("en")
    assert "ROC-AUC will be 0.812 (0.716 … 0.881)" in page("en")
    known = page("en", expect={**EXPECT, "known": True})
    assert "outcome of these customers is known already" in known
    assert "1044 customers" not in known


def test_a_shop_without_profit_and_categories_is_told_so_and_promised_no_sum(page):
    found = plain(
        page(
            "en",
            plan={**PLAN, "in_money": False},
            categories=CATEGORIES.iloc[:0],
            risk_profit=RISK_PROFIT.iloc[:0],
            absent=["profit", "consent", "category", "series"],
        )
    )
    assert "The contract names no column of a category" in found
    assert "The contract names no column of a profit" in found
    assert "The contract names no column of a consent, so nobody gets messages" in found
    assert "The contract names no quantity over periods" in found
    for hanging in ("those who agreed", "Profit, ", "Profit at risk", "activity and profit"):
        assert hanging not in found
        assert hanging in plain(page("en"))
    assert "Expected of the whole plan" not in found
    assert "Decliners kept by the whole plan, over contacting nobody 642.4" in found
    assert "Expected of the whole plan, thousand ₽" in plain(page("en"))


def test_what_hangs_on_a_role_that_a_shop_lacks_has_no_column_and_is_said(page):
    whole = page("en")
    assert [len(row) for row in rows(whole, "segments")] == [7] * 3
    assert [len(row) for row in rows(whole, "categories")] == [7] * 2
    assert "names no" not in plain(whole)
    found = page("en", absent=["profit", "consent", "series"])
    assert [len(row) for row in rows(found, "segments")] == [5] * 3
    assert [len(row) for row in rows(found, "categories")] == [4] * 2
    for gone in ("Profit at risk", "Profit per customer", "change over the periods"):
        assert f'<th class="figures">{gone}' not in found
    assert "no column of a consent, so nobody gets messages" in plain(found)
    assert "no quantity over periods, so there is no change over them" in plain(found)
