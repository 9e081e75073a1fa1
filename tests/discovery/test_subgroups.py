"""Subgroups: the best of all rules, what they add to their parts, and what shuffles say."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imports import ROOT
from scipy import stats
from shop import RULE_COLUMNS, read_texts

from retention.discovery.subgroups import (
    Search,
    Subgroup,
    against_parts,
    found_again,
    matches,
    parse_rule,
    searched_p,
)
from retention.discovery.words import rule_text
from retention.rules import Rule
from retention.statistics.resampling import jaccard, shuffled

COLUMNS = (["pages_per_visit", "promo_share"], ["favourite_category"])
TEXTILE, CARE = "Домашний текстиль", "Косметика и аксессуары"


@pytest.fixture(autouse=True)
def repository(monkeypatch) -> None:
    monkeypatch.chdir(ROOT)


def search(columns=COLUMNS, **changes: Any) -> Search:
    settings = {
        "bins": 4,
        "conditions": 2,
        "size_exponent": 0.5,
        "smallest_share": 0.05,
        "overlap": 0.5,
        "higher": 3,
        "lower": 2,
    }
    return Search(*columns, **settings | changes)


def store(n: int = 400, seed: int = 1) -> pd.DataFrame:
    """Few pages and many promotions, or cosmetics, come with declines; textile with none."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "pages_per_visit": random.integers(1, 20, n),
            "promo_share": random.uniform(0, 1, n).round(2),
            "favourite_category": random.choice([TEXTILE, CARE, "Кухонная посуда"], n),
        }
    )
    risk = 0.2 + 0.7 * ((table["pages_per_visit"] <= 5) & (table["promo_share"] > 0.5))
    risk = np.where(table["favourite_category"] == TEXTILE, 0.02, risk)
    return table.assign(decline=(random.uniform(size=n) < risk).astype(np.int64))


def found(table: pd.DataFrame, **changes: Any) -> list[Subgroup]:
    return search(**changes).find(table, table["decline"].to_numpy())


def single_conditions(table: pd.DataFrame) -> list[np.ndarray]:
    masks = []
    for column in COLUMNS[0]:
        values = np.sort(table[column].to_numpy())
        for share in (0.25, 0.5, 0.75):
            limit = values[int(np.ceil(share * len(values))) - 1]
            masks += [table[column] <= limit, table[column] > limit]
    masks += [table["favourite_category"] == value for value in set(table["favourite_category"])]
    return [mask.to_numpy() for mask in masks]


@pytest.mark.parametrize("conditions", [1, 2, 3])
def test_subgroups_are_the_best_of_all_rules(conditions):
    """An exhaustive search over all conditions, written independently, finds the same ones."""
    table = store()
    masks = [
        np.all(several, axis=0)
        for length in range(1, conditions + 1)
        for several in itertools.combinations(single_conditions(table), length)
    ]
    for higher, count in ((True, 3), (False, 2)):
        target = table["decline"].to_numpy() == higher
        candidates = {}
        for mask in masks:
            if mask.sum() >= 20:
                quality = mask.mean() ** 0.5 * (target[mask].mean() - target.mean())
                candidates[mask.tobytes()] = (quality, mask)
        best: list[np.ndarray] = []
        for quality, mask in sorted(candidates.values(), key=lambda pair: -pair[0]):
            shared = max((jaccard(mask, other) for other in best), default=0)
            if quality > 0 and len(best) < count and shared < 0.5:
                best.append(mask)
        subgroups = [one for one in found(table, conditions=conditions) if one.higher == higher]
        assert len(subgroups) == len(best)
        for subgroup, mask in zip(subgroups, best, strict=True):
            assert (subgroup.members(table) == mask).all()


def test_what_was_planted_is_found():
    table = store()
    planted = (table["pages_per_visit"] <= 5) & (table["promo_share"] > 0.5)
    first = found(table.assign(decline=planted.astype(int)), bins=8)[0]
    assert {(part.column, part.relation) for part in first.conditions} == {
        ("pages_per_visit", "<="),
        ("promo_share", ">"),
    }
    lowest = next(subgroup for subgroup in found(table, bins=8) if not subgroup.higher)
    assert lowest.rule == f'favourite_category == "{TEXTILE}"'


def test_a_rule_selects_the_same_customers_pasted_into_params_or_read_again():
    random = np.random.default_rng(3)
    n = 200
    table = pd.DataFrame(
        {
            "revenue_current": random.normal(0, 1, n) / 3,  # many digits, negative ones
            "promo_share": random.choice([0.1 + 0.2, 1e-7, 0.7], n),
            "pages_per_visit": random.integers(1, 9, n),
            "favourite_category": random.choice(['say "hi"', "this and that", "back\\slash"], n),
            "decline": random.integers(0, 2, n),
        }
    )
    columns = (["revenue_current", "promo_share", "pages_per_visit"], ["favourite_category"])
    decline = table["decline"].to_numpy()
    subgroups = search(columns, higher=40, lower=40, overlap=0.9).find(table, decline)
    assert len(subgroups) > 40
    for subgroup in subgroups:
        rule = Rule(subgroup.rule, RULE_COLUMNS, "here")
        assert (rule.holds(table).to_numpy() == subgroup.members(table)).all(), subgroup.rule
        again = Subgroup(parse_rule(subgroup.rule), subgroup.higher)
        assert (again.members(table) == subgroup.members(table)).all(), subgroup.rule


def test_no_subgroup_is_too_small_too_long_or_too_near_to_another():
    table = store()
    subgroups = found(table, smallest_share=0.2, overlap=0.4, higher=10, lower=10)
    assert len(subgroups) > 4
    for subgroup in subgroups:
        assert subgroup.members(table).sum() >= 80
        assert len(subgroup.conditions) <= 2
    for first, second in itertools.combinations(subgroups, 2):
        if first.higher == second.higher:
            assert jaccard(first.members(table), second.members(table)) < 0.4


def test_only_what_differs_from_all_in_its_direction_is_found():
    table = store()
    rate = table["decline"].mean()
    for subgroup in found(table, higher=50, lower=50, overlap=1.0):
        inside = table["decline"][subgroup.members(table)].mean()
        assert (inside > rate) == subgroup.higher


def test_the_search_is_repeatable_and_leaves_the_order_of_rows_alone():
    table = store()
    assert found(table) == found(table) == found(table.sample(frac=1, random_state=5))


@pytest.mark.parametrize("value", [0, 1])
def test_one_class_only_has_no_subgroups(value):
    assert found(store().assign(decline=value)) == []


def test_constant_columns_have_no_subgroups():
    constant = store().assign(pages_per_visit=3, promo_share=0.5, favourite_category=CARE)
    assert found(constant) == []


def test_the_adjusted_p_is_the_share_of_shuffles_in_which_any_rule_differs_as_much():
    """Counted by hand over every rule and every shuffle."""
    table = store(120, seed=2)
    decline, groups = table["decline"].to_numpy(), np.arange(120) // 2
    subgroups = found(table, higher=8, lower=8)
    declines = shuffled(decline == 1, groups, draws=30, seed=1)
    p = searched_p(subgroups, search().rules(table), table, declines)
    singles = single_conditions(table)
    masks = singles + [first & second for first, second in itertools.combinations(singles, 2)]
    masks = [mask for mask in masks if 6 <= mask.sum() < 120]

    def z(mask, drawn):
        law = stats.hypergeom(120, drawn.sum(), mask.sum())
        return abs(((drawn & mask).sum() - law.mean()) / law.std())

    largest = np.array([max(z(mask, drawn) for mask in masks) for drawn in declines])
    for subgroup, one in zip(subgroups, p, strict=True):
        own = z(subgroup.members(table), declines[0])
        assert one == pytest.approx((largest >= own - 1e-9).mean())
    assert len(set(p)) > 3  # from sure to chance


def test_a_condition_adds_to_the_other_only_where_both_are_needed():
    random = np.random.default_rng(7)
    table = pd.DataFrame(
        {
            "pages_per_visit": random.integers(1, 20, 600),
            "promo_share": random.uniform(0, 1, 600).round(2),
            "favourite_category": CARE,
        }
    )
    rules = search().rules(table)
    near = [
        next(one for one in rules.conditions if (one.column, one.relation) == wanted)
        for wanted in (("pages_per_visit", "<="), ("promo_share", ">"))
    ]
    rule = Subgroup(tuple(near), True)
    few, often = (part.holds(table) for part in near)
    chance = random.uniform(size=600)
    needed = (chance < 0.1 + 0.7 * (few & often)).astype(np.int64)
    idle = (chance < 0.1 + 0.7 * few).astype(np.int64)
    assert against_parts(rule, rules, table, needed) < 0.001
    assert against_parts(rule, rules, table, idle) > 0.05
    assert np.isnan(against_parts(Subgroup(tuple(near[:1]), True), rules, table, needed))


def test_what_shares_most_is_the_match_and_too_little_is_none():
    table = store()
    subgroups = found(table)
    assert matches(subgroups, subgroups[::-1], table, 1.0) == subgroups
    higher = [subgroup for subgroup in subgroups if subgroup.higher]
    turned = [Subgroup(subgroup.conditions, False) for subgroup in higher]
    assert matches(higher, turned, table, 0.1) == [None] * len(higher)
    assert matches(subgroups, [], table, 0.1) == [None] * len(subgroups)


def test_a_sample_of_all_finds_every_subgroup_again():
    table = store()
    subgroups = found(table)
    same = found_again(
        np.arange(len(table)),
        search=search(),
        subgroups=subgroups,
        features=table,
        decline=table["decline"].to_numpy(),
        overlap=1.0,
    )
    assert same.tolist() == [1.0] * len(subgroups)


@pytest.mark.parametrize(
    ("rule", "english", "russian"),
    [
        (
            "pages_per_visit <= 5 and promo_share > 0.125",
            "“Pages per visit” at most 5 and “Share bought on promotion” more than 0.125",
            "«Страниц за визит» не больше 5 и «Доля покупок по акции» больше 0,125",
        ),
        (
            'service_tier == "стандарт"',
            "“Service tier” is standard",
            "«Тип сервиса» — стандарт",
        ),
    ],
)
def test_a_rule_in_words(rule, english, russian):
    assert rule_text(rule, read_texts("en")) == english
    assert rule_text(rule, read_texts("ru")) == russian
