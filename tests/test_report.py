"""The page for marketing: every figure in its place and in the reader's notation."""

import base64
import html
import re
from pathlib import Path
from typing import Any

import pytest

from retention.report import render
from retention.texts import read_texts

ROOT = Path(__file__).parent.parent
RATE = {"value": 0.812, "low": 0.7164, "high": 0.8812}
SEGMENT = {
    "customers": 85,
    "probability": 0.7701,
    "decline_rate": RATE,
    "profit": 412.4,
    "profit_share": 0.0815,
}
EMPTY = {
    "customers": 0,
    "probability": None,
    "decline_rate": dict.fromkeys(RATE),
    "profit": 0.0,
    "profit_share": 0.0,
}


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
            "quality": {"customers": 1296, "decline_rate": 0.3827},
            "evaluation": {
                "holdout": {"roc_auc": {"value": 0.93271, "low": 0.9012, "high": 0.9642}}
            },
            "segments": {"valuable_at_risk": SEGMENT, "mine <b>": SEGMENT, "nobody": EMPTY},
            "offers": {
                "customers": 353,
                "by_offer": {"cart_discount": 40, "promo_discount": 313},
                "expected_profit": {"value": 642.4, "low": 210.6, "high": 1200.0},
            },
            "kept": {"low": 0.15, "expected": 0.3, "high": 0.48},
            "months": 3.0,
            "pictures": {"segments": [picture], "reasons": [], "data": []},
        } | changed
        return render(read_texts(language), language, **values)

    return make


def rows(page: str) -> list[list[str]]:
    """Return the cells of the page's tables."""
    found = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", page)]
    return [
        [html.unescape(re.sub(r"\s*<[^>]+>\s*", " ", cell)).strip() for cell in row]
        for row in found
    ]


@pytest.mark.parametrize(
    ("language", "figures"),
    [
        ("ru", ["1296", "38,3\u202f%", "0,933", "0,901", "0,964", "353", "642 (211 … 1200)"]),
        ("en", ["1296", "38.3\u202f%", "0.933", "0.901", "0.964", "353", "642 (211 … 1200)"]),
    ],
)
def test_the_headline_figures_are_in_the_readers_notation(page, language, figures):
    found = page(language)
    for figure in figures:
        assert f"{figure}" in found


def test_the_assumptions_stand_beside_the_sum(page):
    found = page()
    for assumption in ("15\u202f%", "48\u202f%", "30\u202f%", "горизонте 3 мес."):
        assert assumption in found


def test_segments_are_listed_in_the_given_order_with_their_figures(page):
    first, second, third = [row for row in rows(page()) if len(row) == 6]
    assert first == [
        read_texts("ru").segment("valuable_at_risk"),
        "85",
        "77\u202f%",
        "81,2\u202f% 71,6\u202f% … 88,1\u202f%",
        "412",
        "8,2\u202f%",
    ]
    assert second[0] == "mine <b>"
    assert third == ["nobody", "0", "–", "–", "–", "–"]


def test_offers_are_listed_the_most_frequent_first(page):
    texts = read_texts("ru")
    assert [row for row in rows(page()) if len(row) == 2] == [
        [texts.get("offers", "promo_discount", "name"), "313"],
        [texts.get("offers", "cart_discount", "name"), "40"],
    ]


def test_only_a_report_on_demo_data_says_so(page):
    notice = read_texts("ru").get("report", "demo")
    assert notice in page(demo=True)
    assert notice not in page(demo=False)


def test_the_page_has_its_pictures_in_it(page, picture):
    assert base64.b64encode(picture.read_bytes()).decode() in page()


def test_nothing_on_the_page_is_loaded_from_elsewhere(page):
    assert not re.search(r"(src|href)=\"(?!data:)", page())


@pytest.mark.parametrize("language", ["ru", "en"])
def test_all_caveats_are_on_the_page(page, language):
    found = html.unescape(page(language))
    for caveat in read_texts(language).items("report", "caveats_items"):
        assert caveat in found


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_page_says_its_language_and_leaves_no_gap(page, language):
    found = page(language)
    assert f'<html lang="{language}">' in found
    text = re.sub(r"<style>.*?</style>", "", found, flags=re.DOTALL)
    assert not re.search(r"[{}]", text)
