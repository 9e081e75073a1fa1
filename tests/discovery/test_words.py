"""Found segments in words, and their figures."""

import re

import numpy as np
import pandas as pd
import pytest
from imports import ROOT
from shop import CATEGORIES, COLUMNS, NUMBERS, read_texts

from retention.charts.discover import figures, picture
from retention.discovery.clusters import REASON
from retention.discovery.words import cluster_text, cut_text, descriptions, rule_text
from retention.harness.files import write_json

REASONS = pd.DataFrame(
    [
        ["cluster_1", "pages_per_visit", True, 3.0, 5.0, None, None, None],
        ["cluster_1", "service_tier", False, None, None, "стандарт", 0.75, 0.5],
        ["cluster_2", "pages_per_visit", False, 9.0, 5.0, None, None, None],
    ],
    columns=["name", *REASON],
)
FOUND = pd.DataFrame(
    {
        "name": ["subgroup_1", "subgroup_2", "cluster_1"],
        "kind": ["subgroup", "subgroup", "cluster"],
        "rule": ["pages_per_visit <= 5", 'promo_share > 0.5 and service_tier == "премиум"', ""],
        "conditions": pd.array([1, 2, None], dtype="Int64"),
        "customers": [40, 20, 30],
        "declined": [30, 10, 6],
        "folds": 5,
        "folds_found": [5, 1, 0],
        "unseen_customers": [36, 4, 0],
        "unseen_declined": [27, 1, 0],
        "holds": [True, False, None],
        "adds": [None, False, None],
        "stability": [0.9, 0.4, np.nan],
    }
)


@pytest.fixture(autouse=True)
def repository(monkeypatch) -> None:
    monkeypatch.chdir(ROOT)


def test_a_cut_in_words():
    assert cut_text("pages_per_visit", "<=", 5.5, read_texts("en")) == "Pages per visit ≤ 5.5"
    assert cut_text("pages_per_visit", ">", 5.5, read_texts("ru")) == "Страниц за визит > 5,5"


def test_a_cluster_in_words():
    several, one = (part for _, part in REASONS.groupby("name"))
    assert cluster_text(several, read_texts("en")) == (
        "Main reasons: “Pages per visit” 3 (usually 5), estimated risk higher; "
        "“Service tier” standard 75\u202f% (usually 50\u202f%), estimated risk lower"
    )
    assert cluster_text(one, read_texts("ru")) == (
        "Главная причина: «Страниц за визит» 9 (обычно 5), оценка риска ниже"
    )


def test_a_limit_is_said_to_all_its_digits():
    """Rounded, it might pass a customer."""
    assert "0.123456" in rule_text("promo_share > 0.123456", read_texts("en"))


@pytest.mark.parametrize(("language", "foreign"), [("ru", "[A-Za-z]"), ("en", "[А-Яа-яЁё]")])
def test_words_are_in_one_language(language, foreign):
    texts = read_texts(language)
    values = COLUMNS["favourite_category"].values
    rules = [f"{column} {relation} 1" for column in NUMBERS for relation in ("<=", ">")]
    rules += [f'{column} == "нет"' for column in CATEGORIES]
    rules += [f'favourite_category == "{value}"' for value in values]
    words = [rule_text(rule, texts) for rule in rules] + descriptions(FOUND, REASONS, texts)
    assert len(set(words)) >= len(rules)
    for said in words:
        assert not re.search(foreign, said), said


def test_clusters_are_counted_apart_from_the_rules(tmp_path):
    path = tmp_path / "found.png"
    found = picture(path, FOUND, REASONS, 0.4, 0.95, read_texts("en"))
    counted = {name: value for name, value in found.items() if name != "found"}
    assert counted == {
        "subgroups": 2,
        "hold": 1,
        "add_to_their_parts": 0,
        "of_several_conditions": 1,
        "clusters": 1,
    }
    assert found["found"]["subgroup_1"]["unseen_rate"] == 0.75
    # What isn't tested, or of nobody, is missing: neither true nor false.
    cluster = found["found"]["cluster_1"]
    assert [cluster[name] for name in ("holds", "adds", "unseen_rate", "stability")] == [None] * 4
    write_json(tmp_path / "discover.json", found)
    assert path.stat().st_size > 0


def test_a_search_without_result_is_drawn(tmp_path):
    path = tmp_path / "none.png"
    found = picture(path, FOUND.iloc[:0], REASONS.iloc[:0], 0.4, 0.95, read_texts("ru"))
    assert (found["subgroups"], found["clusters"], found["found"]) == (0, 0, {})
    assert path.stat().st_size > 0


def test_the_figures_survive_what_the_stage_writes_between(tmp_path):
    """In a file, missing of a column of booleans turns into another kind of missing."""
    FOUND.to_csv(tmp_path / "found.csv", index=False)
    read = pd.read_csv(tmp_path / "found.csv")
    rates = {"rate": 0.5, "unseen_rate": 0.5}
    assert figures(read.assign(**rates)) == figures(FOUND.assign(**rates))
