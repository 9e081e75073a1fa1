"""Texts: both languages complete and alike, and nothing English in the Russian ones."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from imports import ROOT
from shop import CATEGORIES, COLUMNS, NUMBERS, TITLES, read_texts

from retention.campaign.catalogue import Catalogue
from retention.contract.columns import CUSTOMER_ID, DECLINE, PROFIT
from retention.contract.schema import Titles
from retention.demo.words import ACTIVITY
from retention.harness.errors import UserError
from retention.harness.yaml12 import read_yaml
from retention.texts import Texts

PARAMS = read_yaml(ROOT / "params.yaml")
CATALOGUE = {key: PARAMS["offer"][key] for key in Catalogue.model_fields}
# What has no Russian name: a measure, files, a command and, in {}, what the code fills in.
LATIN = re.compile(
    r"ROC-AUC|\bp\b|φK|params\.yaml|data\.next|offers/contact_list\.xlsx|data/prepare/findings\.csv|"
    r"раздел offer|dvc repro campaign/dvc\.yaml|campaign/README\.md|\{\w+\}"
)


@pytest.fixture(autouse=True)
def repository(monkeypatch) -> None:
    monkeypatch.chdir(ROOT)


def flat(content: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text with its place."""
    match content:
        case dict():
            for key, value in content.items():
                yield from flat(value, f"{prefix}.{key}".strip("."))
        case list():
            for number, value in enumerate(content):
                yield from flat(value, f"{prefix}.{number}")
        case _:
            yield prefix, content


def texts_of(language: str) -> dict[str, str]:
    titles = TITLES[language].model_dump(exclude={"values"})  # the shop's words as they are
    return dict(flat({**read_yaml(ROOT / "texts" / f"{language}.yaml"), "titles": titles}))


def test_both_languages_have_the_same_texts():
    assert texts_of("ru").keys() == texts_of("en").keys()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_text_is_a_text(language):
    assert [key for key, text in texts_of(language).items() if not isinstance(text, str)] == []
    assert [key for key, text in texts_of(language).items() if not text.strip()] == []


def test_both_languages_have_the_same_gaps_to_fill():
    english = texts_of("en")
    for key, text in texts_of("ru").items():
        assert set(re.findall(r"\{(\w*)\}", text)) == set(re.findall(r"\{(\w*)\}", english[key])), (
            key
        )


def test_no_russian_text_has_latin_letters():
    found = {
        key: re.findall("[A-Za-z]+", LATIN.sub("", text)) for key, text in texts_of("ru").items()
    }
    assert {key: words for key, words in found.items() if words} == {}


def test_no_english_text_has_cyrillic_letters_but_the_shops_name():
    shop = "«В один клик»"
    for key, text in texts_of("en").items():
        assert not re.search("[А-Яа-яЁё]", text.replace(shop, "")), key


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("name", PARAMS["segment"]["rules"])
def test_every_shipped_segment_has_a_label(language, name):
    assert read_texts(language).segment(name) != name


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("name", PARAMS["offer"]["catalogue"])
def test_every_shipped_offer_has_its_texts(language, name):
    texts = read_texts(language)
    for part in ("name", "title", "why"):
        text = texts.offer(name, part)
        assert text != name
        assert text.format(**dict.fromkeys((*NUMBERS, *CATEGORIES), "X"))


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_shipped_assumption_and_channel_has_a_label(language):
    texts, catalogue = read_texts(language), Catalogue.model_validate(CATALOGUE)
    labels = {name: texts.assumption(name) for name in catalogue.assumptions().by_name()}
    assert len(set(labels.values())) == len(labels)
    assert [name for name, label in labels.items() if name in label] == []
    assert [name for name in catalogue.channels if not texts.get("channels", name)] == []


@pytest.mark.parametrize("language", ["ru", "en"])
def test_names_of_offers_have_no_gaps(language):
    offers = TITLES[language].offers
    assert [offer for offer, titles in offers.items() if "{" in titles.name] == []


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_column_has_a_label_of_its_own(language):
    names = [CUSTOMER_ID, ACTIVITY, DECLINE, PROFIT, *NUMBERS, *CATEGORIES]
    labels = read_texts(language).columns(names)
    assert len(set(labels)) == len(names)
    assert not set(labels) & set(names)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("column", NUMBERS)
def test_every_number_has_a_reason_for_low_typical_and_high_values(language, column):
    sentences = TITLES[language].reasons[column]
    assert set(sentences) == {"low", "typical", "high"}
    assert len(set(sentences.values())) == 3
    for sentence in sentences.values():
        assert set(re.findall(r"\{(\w*)\}", sentence)) == {"value", "typical"}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_category_has_a_reason(language):
    sentences = TITLES[language].reasons
    assert set(sentences) == {*NUMBERS, *CATEGORIES}
    assert set(sentences["allows_messages"]) == {"да", "нет"}
    for column in ("service_tier", "favourite_category"):
        assert sentences[column].keys() == {"value"}
        assert "{value}" in sentences[column]["value"]


def test_every_value_of_the_shops_categories_has_an_english_name():
    texts = read_texts("en")
    for value in [value for column in CATEGORIES for value in COLUMNS[column].values]:
        assert not re.search("[А-Яа-яЁё]", texts.value(value)), value


def test_russian_values_stay_as_the_shop_wrote_them():
    assert read_texts("ru").value("Товары для детей") == "Товары для детей"


@pytest.mark.parametrize(
    ("value", "digits", "russian"),
    [
        (0.5, 2, "0,5"),
        (0.25, 2, "0,25"),
        (3.0, 2, "3"),
        (100.0, 2, "100"),
        (100.0, 0, "100"),
        (1.005e3, 0, "1005"),
        (0.0, 2, "0"),
        (-1.5, 2, "-1,5"),
        (2.345678, 3, "2,346"),
        pytest.param(-0.001, 2, "0"),
    ],
)
def test_numbers_are_in_the_readers_notation(value, digits, russian):
    assert read_texts("ru").number(value, digits) == russian
    assert read_texts("en").number(value, digits) == russian.replace(",", ".")


def test_shares_are_percentages_with_one_decimal():
    assert read_texts("ru").percent(0.3825) == "38,2\u202f%"
    assert read_texts("en").percent(0.95) == "95\u202f%"


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_missing_figure_is_a_dash(missing):
    assert read_texts("en").number(missing) == "–"
    assert read_texts("en").percent(missing) == "–"


def test_a_missing_text_is_told_by_its_key():
    texts = Texts({"report": {"title": "T"}}, Path("texts/ru.yaml"), TITLES["ru"])
    with pytest.raises(UserError, match=r"texts/ru\.yaml lacks the text 'report\.new'"):
        texts.get("report", "new")


def test_a_segment_without_a_label_is_called_by_its_name():
    assert read_texts("ru").segment("my_own_segment") == "my_own_segment"


@pytest.mark.parametrize("blank", ["", float("nan")])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_blank_value_is_a_dash(language, blank):
    assert read_texts(language).value(blank) == "–"


def bare(**titles: object) -> Texts:
    """Return English texts with these titles and no others."""
    nothing = {key: {} for key in ("columns", "values", "reasons", "segments", "offers")}
    made = Titles.model_validate({"shop": "S", "money": "€", "caveats": [], **nothing, **titles})
    return Texts(read_yaml(ROOT / "texts/en.yaml"), Path("en.yaml"), made)


def test_a_title_is_taken_before_the_name_and_our_own_word_before_both():
    texts = bare(
        columns={"visits": "Visits", "profit": "Theirs"},
        values={"ja": "yes"},
        segments={"big": "Big spenders"},
        offers={"any": {"name": "Any", "title": "Dear {visits}"}},
    )
    assert texts.columns(["visits", "pages"]) == ["Visits", "pages"]
    assert texts.column("profit") != "Theirs"
    assert [texts.value(value) for value in ("ja", "nein")] == ["yes", "nein"]
    assert [texts.segment(name) for name in ("big", "small")] == ["Big spenders", "small"]
    assert [texts.offer("any", part) for part in ("name", "title", "why")] == [
        *("Any", "Dear {visits}", "")
    ]
    assert texts.shop == "S"


def test_a_reason_has_its_own_words_or_those_of_all_values_or_those_of_any_column():
    texts = bare(
        columns={"tier": "Tier"},
        reasons={"tier": {"gold": "Golden", "value": "Tier {value}"}, "visits": {"low": "Rare"}},
    )
    assert texts.reason("tier", "gold") == "Golden"
    assert texts.reason("tier", "tin") == "Tier {value}"
    assert texts.reason("visits", "low") == "Rare"
    high = texts.reason("visits", "high").format(value=9, typical=2)
    assert high == "“visits” is high: 9 (others usually 2)"
    assert "“Tier”" in bare(columns={"tier": "Tier"}).reason("tier", "tin")


def test_sums_are_in_the_unit_of_the_shop():
    content = {"report": {"sum": "{money} a month"}}
    texts = Texts(content, Path("en.yaml"), TITLES["en"].model_copy(update={"money": "€"}))
    assert texts.get("report", "sum") == "€ a month"


def test_what_has_no_title_is_called_by_its_name():
    texts = read_texts("en")
    assert texts.column("my_column") == "my_column"
    assert texts.offer("my_offer", "title") == "my_offer"
    assert texts.offer("my_offer", "why") == ""
    assert texts.value("my value") == "my value"
    low = texts.reason("my_column", "low").format(value=1, typical=2)
    assert low == "“my_column” is low: 1 (others usually 2)"
    assert texts.reason("my_column", "red").format(value="red") == "“my_column”: red"
