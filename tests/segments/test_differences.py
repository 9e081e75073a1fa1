"""Segments against the rest: effect sizes by counting pairs, p-values by scipy and by hand."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shop import RULE_COLUMNS

from retention.rules import Rule, memberships
from retention.segments.differences import cliffs_delta, compare_with_rest
from retention.statistics.significance import fisher_p, significant

CUSTOMERS = 80
RANDOM = np.random.default_rng(3)
TABLE = pd.DataFrame(
    {
        "promo_share": RANDOM.uniform(0, 1, CUSTOMERS).round(1),
        "pages_per_visit": RANDOM.integers(1, 9, CUSTOMERS),
        "minutes_current": 7,
        "minutes_previous": RANDOM.integers(1, 20, CUSTOMERS),
        "service_tier": RANDOM.choice(["премиум", "стандарт"], CUSTOMERS),
        "favourite_category": RANDOM.choice(["посуда", "текстиль", "техника"], CUSTOMERS),
        "probability": RANDOM.uniform(0, 1, CUSTOMERS),
    }
)
TEXTS = {
    "promo": "promo_share > 0.5",
    "many_minutes": "minutes_previous > 10",
    "risky": "probability > 0.6 and pages_per_visit < 5",
    "nobody": "promo_share > 1",
    "all": "always",
}
RULES = {name: Rule(text, RULE_COLUMNS, name) for name, text in TEXTS.items()}
NUMBERS = ["promo_share", "pages_per_visit", "minutes_current"]
CATEGORIES = ["service_tier", "favourite_category"]


@pytest.fixture(scope="module")
def compared() -> pd.DataFrame:
    members = memberships(TABLE, RULES).astype(int)  # as read from data/segment/members.csv
    found = compare_with_rest(TABLE, members, RULES, NUMBERS, CATEGORIES)
    return found.set_index(["segment", "column", "value"])


def test_every_segment_is_compared_on_every_column_and_value(compared):
    rows = [(column, "") for column in NUMBERS]
    rows += [("service_tier", value) for value in ("премиум", "стандарт")]
    rows += [("favourite_category", value) for value in ("посуда", "текстиль", "техника")]
    assert compared.index.tolist() == [(name, *row) for name in TEXTS for row in rows]


def test_numbers_have_means_cliffs_delta_and_mann_whitneys_p(compared):
    inside = TABLE["promo_share"] > 0.5
    own, other = TABLE.loc[inside, "pages_per_visit"], TABLE.loc[~inside, "pages_per_visit"]
    row = compared.loc[("promo", "pages_per_visit", "")]
    assert (row["inside"], row["outside"]) == (pytest.approx(own.mean()), other.mean())
    pairs = [np.sign(a - b) for a, b in itertools.product(own, other)]
    assert row["effect"] == pytest.approx(np.mean(pairs))
    assert row["p"] == pytest.approx(stats.mannwhitneyu(own, other).pvalue)


def test_values_of_categories_have_shares_and_fishers_p(compared):
    inside = (TABLE["promo_share"] > 0.5).to_numpy()
    hit = (TABLE["favourite_category"] == "техника").to_numpy()
    row = compared.loc[("promo", "favourite_category", "техника")]
    assert row["inside"] == pytest.approx(hit[inside].mean())
    assert row["outside"] == pytest.approx(hit[~inside].mean())
    assert row["effect"] == pytest.approx(hit[inside].mean() - hit[~inside].mean())
    # The hypergeometric law over all tables with these margins.
    law = stats.hypergeom(CUSTOMERS, hit.sum(), inside.sum())
    chances = law.pmf(np.arange(CUSTOMERS + 1))
    seen = law.pmf((hit & inside).sum())
    assert row["p"] == pytest.approx(chances[chances <= seen * (1 + 1e-7)].sum())


def test_a_segments_own_columns_are_marked(compared):
    defining = compared.index[compared["defines"]].droplevel("value").unique().tolist()
    assert defining == [
        ("promo", "promo_share"),
        ("risky", "pages_per_visit"),
        ("nobody", "promo_share"),
    ]
    assert compared.groupby("segment")["by_prediction"].all().to_dict() == {
        "promo": False,
        "many_minutes": False,
        "risky": True,
        "nobody": False,
        "all": False,
    }
    assert compared.loc[("promo", "promo_share", ""), "effect"] == 1


def test_p_values_are_adjusted_over_all_segments_together(compared):
    honest = ~(compared["defines"] | compared["by_prediction"])
    known = compared.loc[honest, "p"].dropna()
    assert set(known.index.get_level_values("segment")) == {"promo", "many_minutes"}
    # Benjamini-Hochberg, step by step: p·m/rank, the least of all from its rank upwards.
    ordered = known.sort_values()
    scaled = ordered * len(ordered) / np.arange(1, len(ordered) + 1)
    expected = scaled[::-1].cummin().clip(upper=1)
    pd.testing.assert_series_equal(
        compared["p_adjusted"].dropna().sort_index(), expected.sort_index(), check_names=False
    )


def test_rows_that_must_differ_are_not_adjusted_and_do_not_loosen_the_rest(compared):
    must = compared["defines"] | compared["by_prediction"]
    assert compared.loc[must, "p"].min() < 1e-9
    assert compared.loc[must, "p_adjusted"].isna().all()
    # Segments whose every row must differ leave the others' adjustment as it was.
    rules = {name: RULES[name] for name in ("promo", "many_minutes")}
    alone = compare_with_rest(TABLE, memberships(TABLE, rules), rules, NUMBERS, CATEGORIES)
    rest = compared.loc[["promo", "many_minutes"], "p_adjusted"]
    assert rest.tolist() == pytest.approx(alone["p_adjusted"].tolist(), nan_ok=True)


def test_segments_of_nobody_and_of_all_have_missing_values(compared):
    for name, missing in (("nobody", "inside"), ("all", "outside")):
        rows = compared.loc[name]
        assert rows[[missing, "effect", "p", "p_adjusted"]].isna().all(axis=None)
        assert rows.drop(columns=[missing, "effect", "p", "p_adjusted"]).notna().all(axis=None)


def test_a_column_that_never_varies_does_not_differ(compared):
    row = compared.loc[("promo", "minutes_current", "")]
    assert (row["inside"], row["outside"], row["effect"], row["p"]) == (7, 7, 0, 1)


def test_nothing_to_compare_is_no_error():
    rules = {"nobody": RULES["nobody"]}
    found = compare_with_rest(TABLE, memberships(TABLE, rules), rules, NUMBERS, CATEGORIES)
    assert found["p_adjusted"].isna().all()


def test_cliffs_delta_is_one_when_all_inside_are_larger_and_changes_sign_with_the_sides():
    low, high = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0])
    assert cliffs_delta(high, low)[0] == 1
    assert cliffs_delta(low, high)[0] == -1
    assert cliffs_delta(low, low) == (0, 1)
    assert all(math.isnan(value) for value in cliffs_delta(low, np.array([])))


def test_fishers_test_of_the_lady_tasting_tea():
    inside = np.array([True] * 4 + [False] * 4)
    hit = np.array([True, True, True, False, True, False, False, False])
    assert fisher_p(inside, hit) == pytest.approx(34 / 70)
    assert math.isnan(fisher_p(np.ones(8, dtype=bool), hit))


def test_small_p_values_are_not_written_as_zero():
    found = significant(pd.Series([1.23456e-30, 0.5, np.nan]))
    assert found.tolist()[:2] == ["1.23e-30", "0.5"]
    assert found.isna().tolist() == [False, False, True]
