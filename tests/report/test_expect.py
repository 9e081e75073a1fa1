"""What the page says of the customers to act on, whose outcome nobody knows yet."""

import pytest
from imports import ROOT
from shop import read_texts

from retention.report.sentences import expect_lines

FIGURE = {"value": 0.4512, "low": 0.42, "high": 0.48}
CHANGE = {"training": 1.0, "next": 2.0, "p_adjusted": 0.01, "roc_auc": 0.004}


def month(**drift):
    """Return metrics/expect.json of a month in which nothing differs but for what is given."""
    nothing = {"tested": 16, "drifted": {}, "whole": {"drifted": False}, "unseen": []}
    figures = dict.fromkeys(("decline_rate", "roc_auc", "precision", "recall"), FIGURE)
    return {"known": False, "customers": 1044, "expected": figures, "drift": nothing | drift}


@pytest.fixture(params=["ru", "en"])
def said(request, monkeypatch):
    """Return a function that gives the sentences of a month as one text."""
    monkeypatch.chdir(ROOT)
    texts = read_texts(request.param)
    text = " ".join if request.param == "en" else lambda lines: " ".join(lines).replace(",", ".")

    def say(expect):
        return text(expect_lines(expect, 0.95, texts)).replace("\u202f", "")

    say.texts = texts
    return say


def test_expected_figures_have_their_intervals(said):
    found = said(month())
    assert "45.1% (42% … 48%)" in found
    assert "0.451 (0.42 … 0.48)" in found
    assert "1044" in found


def test_what_drifted_is_named_and_the_dearest_comes_with_its_cost(said):
    drifted = {
        "pages_per_visit": {**CHANGE, "decline_rate": -0.0561},
        "promo_share": {**CHANGE, "decline_rate": 0.02},
    }
    found = said(month(drifted=drifted))
    for name in drifted:
        assert said.texts.column(name) in found
    assert "2" in found
    assert "-5.6" in found
    assert "+2" not in found
    up = said(month(drifted={"promo_share": {**CHANGE, "decline_rate": 0.02}}))
    assert "+2" in up


def test_without_a_drift_that_is_said(said):
    quiet, together = said(month()), said(month(whole={"drifted": True}))
    assert "16" in quiet
    assert len(together) > len(quiet)


def row(what, p, **more):
    return {"column": "promo_share", "what": what, "value": 1.5, "p": p, "customers": 22} | more


def test_new_values_are_named_and_those_beyond_a_range_where_it_is_no_chance(said):
    above = row("above", 0.0001, limit=0.97)
    assert "0.97" in said(month(unseen=[above]))
    assert "22" in said(month(unseen=[above]))
    assert said(month(unseen=[row("above", 0.4, limit=0.97)])) == said(month())
    new = row("new", 1.0, column="service_tier", value="премиум", limit=None, customers=1)
    assert said.texts.value("премиум") in said(month(unseen=[new]))


def test_where_outcomes_are_known_nothing_is_expected(said):
    found = said({"known": True})
    assert "data.next" in found
    assert "ROC-AUC" not in found
