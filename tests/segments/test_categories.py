"""Favourite categories: who declines less, what they bring, and how their revenue moves."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shop import REVENUES

from retention.segments.categories import (
    category_segments,
    profit_difference,
    relative_change,
    summarise,
    within_categories,
)
from retention.statistics.intervals import rate_interval

# Declines: 30 of 40 with crockery, 20 of 40 with textiles, 4 of 40 with appliances, 1 of 1 alone.
DECLINES = {"посуда": (30, 40), "текстиль": (20, 40), "техника": (4, 40), "книги": (1, 1)}
RANDOM = np.random.default_rng(11)
TABLE = pd.concat(
    [
        pd.DataFrame(
            {
                "category": name,
                "decline": [1] * hits + [0] * (of - hits),
                "profit": RANDOM.uniform(1, 6, of),
                "probability": RANDOM.uniform(0, 1, of),
                "promo_share": np.where(np.arange(of) % 4 == 0, 0.9, 0.5),
                "revenue_before_previous": RANDOM.uniform(4000, 5000, of),
                "revenue_previous": RANDOM.uniform(4000, 5000, of),
                "revenue_current": RANDOM.uniform(4500, 5500, of),
            }
        )
        for name, (hits, of) in DECLINES.items()
    ],
    ignore_index=True,
)
ALL, DECLINED = len(TABLE), int(TABLE["decline"].sum())


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return category_segments(TABLE, REVENUES, 0.95).set_index("category")


def test_declines_are_tested_against_all_other_customers_and_adjusted_by_holm(found):
    p = {}
    for name, (hits, of) in DECLINES.items():
        others = [DECLINED - hits, ALL - of - (DECLINED - hits)]
        p[name] = stats.fisher_exact([[hits, of - hits], others]).pvalue
        assert found.loc[name, "p"] == pytest.approx(p[name])
        rate = rate_interval(hits, of, 0.95)
        assert found.loc[name, ["decline_rate", "low", "high"]].tolist() == list(rate.values())
    highest = 0.0
    for steps, name in zip((4, 3, 2, 1), sorted(p, key=lambda key: p[key]), strict=True):
        highest = max(highest, min(1, steps * p[name]))
        assert found.loc[name, "p_adjusted"] == pytest.approx(highest)


def test_resilient_is_who_declines_significantly_less_not_more(found):
    assert found.loc["посуда", "p_adjusted"] < 0.05
    assert found["resilient"].to_dict() == {
        "книги": False,
        "посуда": False,
        "текстиль": False,
        "техника": True,
    }


def test_a_category_like_the_others_is_not_resilient():
    alike = TABLE.assign(decline=np.arange(ALL) % 2)
    assert not category_segments(alike, REVENUES, 0.95)["resilient"].any()


def test_money_is_of_the_categorys_own_customers(found):
    part = TABLE[TABLE["category"] == "техника"]
    row = found.loc["техника"]
    assert row["profit"] == pytest.approx(part["profit"].mean())
    low, high = stats.t.interval(0.95, 39, part["profit"].mean(), stats.sem(part["profit"]))
    assert (row["profit_low"], row["profit_high"]) == (pytest.approx(low), pytest.approx(high))
    assert row["profit_at_risk"] == pytest.approx(part["probability"] @ part["profit"])
    months = ["revenue_before_previous", "revenue_previous", "revenue_current"]
    assert row[months].tolist() == pytest.approx(part[months].mean().tolist())
    change = row["revenue_current"] / row["revenue_before_previous"] - 1
    assert row["trend"] == pytest.approx(change)
    assert row["trend_low"] < change < row["trend_high"]


def test_a_category_of_one_customer_has_no_intervals_of_means(found):
    row = found.loc["книги"]
    assert row["customers"] == 1
    missing = row[["profit_low", "profit_high", "trend_low", "trend_high"]]
    assert missing.isna().all()
    assert row[["profit", "trend", "p", "low", "high"]].notna().all()


def test_the_change_of_a_mean_covers_what_a_bootstrap_finds():
    random = np.random.default_rng(5)
    before = pd.Series(random.gamma(20, 250, 300))
    after = before * random.uniform(1.8, 2.4, 300)
    interval = relative_change(before, after, 0.95)
    rows = random.integers(0, 300, (4000, 300))
    ratios = after.to_numpy()[rows].mean(axis=1) / before.to_numpy()[rows].mean(axis=1) - 1
    assert interval["value"] == pytest.approx(after.sum() / before.sum() - 1)
    width = np.subtract(*np.quantile(ratios, [0.975, 0.025]))
    assert interval["high"] - interval["low"] == pytest.approx(width, rel=0.06)


def test_the_change_from_nothing_is_missing():
    nothing, something = pd.Series([0.0, 0.0]), pd.Series([1.0, 2.0])
    assert all(math.isnan(value) for value in relative_change(nothing, something, 0.95).values())
    empty = pd.Series([], dtype=float)
    assert all(math.isnan(value) for value in relative_change(empty, empty, 0.95).values())


def test_promotion_is_compared_within_each_category():
    found = within_categories(TABLE, TABLE["promo_share"] > 0.5, 0.95)
    rows = found.set_index(["category", "inside"])
    part = TABLE[TABLE["category"] == "посуда"]
    above = part["promo_share"] > 0.5
    for side, inside in ((True, part[above]), (False, part[~above])):
        row = rows.loc[("посуда", side)]
        rate = rate_interval(int(inside["decline"].sum()), len(inside), 0.95)
        assert row["customers"] == len(inside)
        assert row[["decline_rate", "low", "high"]].tolist() == list(rate.values())
        p = stats.fisher_exact(pd.crosstab(above, part["decline"])).pvalue
        assert row["p"] == pytest.approx(p)
    # The one customer of this category is on one side only.
    alone = rows.loc["книги"]
    assert alone["customers"].to_dict() == {True: 1, False: 0}
    assert alone["p"].isna().all()
    assert math.isnan(rows.loc[("книги", False), "decline_rate"])


def test_a_share_on_the_limit_is_not_above_it():
    rows = within_categories(TABLE, TABLE["promo_share"] > 0.9, 0.95)
    assert rows.loc[rows["inside"], "customers"].sum() == 0


def test_profit_is_compared_over_all_categories():
    groups = [part["profit"] for _, part in TABLE.groupby("category")]
    ranks = TABLE["profit"].rank()
    by_category = ranks.groupby(TABLE["category"])
    spread = (by_category.size() * (by_category.mean() - ranks.mean()) ** 2).sum()
    statistic = 12 / (ALL * (ALL + 1)) * spread
    found = profit_difference(TABLE)
    assert found["kruskal_wallis"] == pytest.approx(statistic)
    assert found["p"] == pytest.approx(stats.chi2.sf(statistic, len(groups) - 1))


@pytest.mark.parametrize("table", [TABLE[TABLE["category"] == "посуда"], TABLE.assign(profit=3.0)])
def test_where_profit_cannot_differ_the_test_is_missing(table):
    assert all(math.isnan(value) for value in profit_difference(table).values())


def test_one_category_for_all_has_no_others_to_differ_from():
    found = category_segments(TABLE.assign(category="посуда"), REVENUES, 0.95)
    assert found["p"].isna().all()
    assert found["resilient"].tolist() == [False]


def test_the_metrics_are_those_of_the_table(found):
    metrics = summarise(TABLE, found.reset_index(), REVENUES, 0.95)
    assert (metrics["categories"], metrics["resilient"]) == (len(found), 1)
    change = TABLE["revenue_current"].mean() / TABLE["revenue_before_previous"].mean() - 1
    assert metrics["trend"]["value"] == pytest.approx(change)
