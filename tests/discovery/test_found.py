"""Segments found by search: what is found, what it is called, and whether it holds up."""

import itertools
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from imports import ROOT
from scipy import stats
from sklearn.cluster import KMeans
from sklearn.metrics import jaccard_score, silhouette_score

from retention.charts.discovered import discovered
from retention.contract.columns import CATEGORIES, NUMBERS, RULE_COLUMNS
from retention.discovery import found as discovery
from retention.discovery.clusters import (
    best_matches,
    find_clusters,
    main_reasons,
    numbered_by_decline,
)
from retention.discovery.found import examine
from retention.discovery.subgroups import Condition, Search, Subgroup, found_again
from retention.rules import Rule
from retention.statistics.intervals import rate_interval
from retention.statistics.resampling import Resampling, jaccard, resample
from retention.texts import Texts, read_texts

COLUMNS = (["pages_per_visit", "promo_share"], ["favourite_category"])
TEXTILE, CARE = "Домашний текстиль", "Косметика и аксессуары"


@pytest.fixture(autouse=True)
def repository(monkeypatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture
def texts() -> Texts:
    return read_texts("en")


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
            "monthly_profit": random.uniform(1, 7, n).round(2),
        }
    )
    risk = 0.2 + 0.7 * ((table["pages_per_visit"] <= 5) & (table["promo_share"] > 0.5))
    risk = np.where(table["favourite_category"] == TEXTILE, 0.02, risk)
    table["decline"] = (random.uniform(size=n) < risk).astype(np.int64)
    table["probability"] = risk.clip(0.01, 0.99)
    return table


def found(table: pd.DataFrame, **changes: Any) -> list[Subgroup]:
    return search(**changes).find(table, table["decline"].to_numpy())


def test_subgroups_are_the_best_of_all_rules():
    """An exhaustive search over all conditions, written independently, finds the same ones."""
    table = store()
    decline = table["decline"].to_numpy()
    masks = []
    for column in COLUMNS[0]:
        values = np.sort(table[column].to_numpy())
        for share in (0.25, 0.5, 0.75):
            limit = values[int(np.ceil(share * len(values))) - 1]
            masks += [table[column] <= limit, table[column] > limit]
    masks += [table["favourite_category"] == value for value in set(table["favourite_category"])]
    masks = [mask.to_numpy() for mask in masks]
    both = [first & second for first, second in itertools.combinations(masks, 2)]
    for higher, count in ((True, 3), (False, 2)):
        target = decline == higher
        candidates = {}
        for mask in masks + both:
            if mask.sum() >= 20:
                quality = mask.mean() ** 0.5 * (target[mask].mean() - target.mean())
                candidates[mask.tobytes()] = (quality, mask)
        ranked = sorted(candidates.values(), key=lambda pair: -pair[0])
        best = []
        for _, mask in ranked:
            shared = [(mask & other).sum() / (mask | other).sum() for other in best]
            if len(best) < count and max(shared, default=0) < 0.5:
                best.append(mask)
        subgroups = [subgroup for subgroup in found(table) if subgroup.higher == higher]
        assert len(subgroups) == count
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


def test_a_rule_pasted_into_params_selects_the_same_customers():
    random = np.random.default_rng(3)
    n = 200
    table = pd.DataFrame(
        {
            "revenue_current": random.normal(0, 1, n) / 3,  # many digits, negative ones
            "promo_share": random.choice([0.1 + 0.2, 1e-7, 0.7], n),
            "pages_per_visit": random.integers(1, 9, n),
            "favourite_category": random.choice(['say "hi"', "back\\slash", "дети"], n),
            "decline": random.integers(0, 2, n),
        }
    )
    columns = (["revenue_current", "promo_share", "pages_per_visit"], ["favourite_category"])
    subgroups = search(columns, higher=40, lower=40, overlap=0.9).find(
        table, table["decline"].to_numpy()
    )
    assert len(subgroups) > 40
    for subgroup in subgroups:
        rule = Rule(subgroup.rule, RULE_COLUMNS, "here")
        assert (rule.holds(table).to_numpy() == subgroup.members(table)).all(), subgroup.rule


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
    assert all(len(subgroup.conditions) == 1 for subgroup in found(table, conditions=1))


def test_only_what_differs_from_all_in_its_direction_is_found():
    table = store()
    rate = table["decline"].mean()
    subgroups = found(table, higher=50, lower=50, overlap=1.0)
    for subgroup in subgroups:
        inside = table["decline"][subgroup.members(table)].mean()
        assert (inside > rate) == subgroup.higher


def test_the_search_is_repeatable_and_leaves_the_order_of_rows_alone():
    table = store()
    again = table.sample(frac=1, random_state=5)
    assert found(table) == found(table) == found(again)


@pytest.mark.parametrize("value", [0, 1])
def test_one_class_only_has_no_subgroups(value):
    assert found(store().assign(decline=value)) == []


def test_constant_columns_have_no_subgroups():
    constant = store().assign(pages_per_visit=3, promo_share=0.5, favourite_category=CARE)
    assert found(constant) == []


@pytest.mark.parametrize(
    ("condition", "english", "russian"),
    [
        (
            Condition("pages_per_visit", "<=", 5.0),
            "“Pages per visit” at most 5",
            "«Страниц за визит» не больше 5",
        ),
        (
            Condition("promo_share", ">", 0.125),
            "“Share bought on promotion” more than 0.125",
            "«Доля покупок по акции» больше 0,125",
        ),
        (
            Condition("service_tier", "==", "стандарт"),
            "“Service tier” is standard",
            "«Тип сервиса» — стандарт",
        ),
    ],
)
def test_a_condition_in_words(condition, english, russian):
    assert condition.text(read_texts("en")) == english
    assert condition.text(read_texts("ru")) == russian


def test_a_rule_in_words_joins_its_conditions():
    subgroup = Subgroup(
        (Condition("pages_per_visit", "<=", 5.0), Condition("allows_messages", "==", "да")), True
    )
    assert subgroup.text(read_texts("ru")) == (
        "«Страниц за визит» не больше 5 и «Разрешает сообщения» — да"
    )
    assert subgroup.text(read_texts("en")) == (
        "“Pages per visit” at most 5 and “Allows messages” is yes"
    )


def test_whole_groups_are_resampled_with_replacement():
    groups = np.array([7, 3, 7, 3, 3, 9])
    counts = set()
    for seed in range(40):
        drawn = np.bincount(resample(groups, np.random.default_rng(seed)), minlength=6)
        assert drawn[0] == drawn[2]
        assert drawn[1] == drawn[3] == drawn[4]
        assert drawn[0] + drawn[1] + drawn[5] == 3
        counts.add(tuple(drawn))
    assert len(counts) == 10  # all multisets of three groups


def test_the_mean_over_resamples_leaves_out_what_is_missing():
    def figures(sample):
        return np.array([len(sample), np.nan if 0 in sample else 1.0, np.nan])

    groups = np.arange(4)
    mean = Resampling(groups, resamples=20, seed=1, processes=1).mean(figures, "test")
    assert mean[:2].tolist() == [4.0, 1.0]
    assert np.isnan(mean[2])


def test_a_sample_of_all_finds_every_subgroup_again():
    table = store()
    subgroups = found(table)
    again = {"features": table, "decline": table["decline"].to_numpy(), "overlap": 1.0}
    everybody = np.arange(len(table))
    same = found_again(everybody, search=search(), subgroups=subgroups, **again)
    assert same.tolist() == [1.0] * len(subgroups)
    # The same customers sought in the other direction don't count.
    turned = [Subgroup(subgroup.conditions, not subgroup.higher) for subgroup in subgroups]
    assert not found_again(everybody, search=search(), subgroups=turned, **again).any()


def test_found_again_is_counted_among_all_customers():
    table = store()
    half = table.index[table["favourite_category"] != TEXTILE].to_numpy()
    subgroups = found(table, lower=4)
    decline = table["decline"].to_numpy()
    others = search(lower=4).find(table.iloc[half], decline[half])
    expected = [
        max(
            jaccard_score(subgroup.members(table), other.members(table))
            for other in others
            if other.higher == subgroup.higher
        )
        >= 0.7
        for subgroup in subgroups
    ]
    same = found_again(
        half,
        search=search(lower=4),
        subgroups=subgroups,
        features=table,
        decline=decline,
        overlap=0.7,
    )
    assert same.astype(bool).tolist() == expected
    assert 0 < same.sum() < len(same)


def blobs(n: int = 150, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = np.arange(n) % 3
    centres = np.array([[2.0, 0.0, 0.0], [-2.0, 0.5, 0.0], [0.0, -2.5, 0.0]])
    return centres[truth] + random.normal(0, 0.3, (n, 3)), truth


def test_the_number_of_clusters_has_the_best_silhouette():
    values, truth = blobs()
    fitted = find_clusters(values, fewest=2, most=6, restarts=3, seed=0)
    widths = {
        k: silhouette_score(values, KMeans(k, n_init=3, random_state=0).fit_predict(values))
        for k in range(2, 7)
    }
    assert fitted.n_clusters == max(widths, key=widths.get) == 3
    assert len(set(zip(truth.tolist(), fitted.labels_.tolist(), strict=True))) == 3
    assert find_clusters(values, fewest=4, most=4, restarts=3, seed=0).n_clusters == 4


def test_too_few_different_customers_have_no_clusters():
    assert find_clusters(np.zeros((30, 2)), fewest=3, most=5, restarts=2, seed=0) is None
    values = np.repeat([[0.0], [1.0], [2.0], [5.0]], 6, axis=0)
    assert find_clusters(values, fewest=3, most=8, restarts=2, seed=0).n_clusters == 3


def test_clusters_are_numbered_by_the_training_customers_declines():
    values, truth = blobs()
    fitted = find_clusters(values, fewest=3, most=3, restarts=3, seed=0)
    training = np.arange(len(truth)) >= 60
    # Blob 1 declines always, 2 sometimes, 0 never; in the hold-out the other way round.
    decline = np.where(truth == 1, 1, np.where(truth == 2, np.arange(len(truth)) % 2, 0))
    decline = np.where(training, decline, 1 - decline)
    labels = numbered_by_decline(fitted, values, decline, training)
    assert labels[truth == 1].tolist() == [0] * 50
    assert labels[truth == 2].tolist() == [1] * 50
    assert labels[truth == 0].tolist() == [2] * 50


def test_clear_clusters_match_fully_in_resamples_and_split_ones_do_not():
    values, truth = blobs()
    sample = resample(np.arange(len(truth)), np.random.default_rng(0))
    settings = {"values": values, "restarts": 3, "seed": 0}
    assert best_matches(sample, labels=truth, **settings).tolist() == [1.0, 1.0, 1.0]
    # Three clusters of which one is a blob torn at random: the sample's can't match its parts.
    torn = np.where(truth < 2, 0, 1 + np.random.default_rng(1).integers(2, size=len(truth)))
    drawn = np.unique(sample)
    matches = best_matches(sample, labels=torn, **settings)
    expected = [
        max(jaccard_score(torn[drawn] == part, truth[drawn] == blob) for blob in range(3))
        for part in range(3)
    ]
    assert matches == pytest.approx(expected)
    assert matches.max() < 0.8


def test_a_cluster_without_anybody_in_the_sample_has_no_match():
    values, truth = blobs()
    matches = best_matches(
        np.flatnonzero(truth != 1), values=values, labels=truth, restarts=3, seed=0
    )
    assert np.isnan(matches).tolist() == [False, True, False]


def reasons_of(members, texts: Texts, count: int = 2) -> str:
    features = pd.DataFrame(
        {
            "pages_per_visit": [2, 4, 6, 20],
            "promo_share": [0.1, 0.2, 0.3, 0.4],
            "favourite_category": [CARE, CARE, TEXTILE, TEXTILE],
        }
    )
    shap_values = pd.DataFrame(
        {
            "pages_per_visit": [1.0, 2.0, -1.0, -2.0],
            "promo_share": [0.1, -0.1, 0.0, 0.0],
            "favourite_category": [-0.5, -0.5, 3.0, 3.0],
        }
    )
    return main_reasons(np.array(members), shap_values, features, COLUMNS[0], count, texts)


def test_a_cluster_is_described_by_its_strongest_columns(texts):
    assert reasons_of([True, True, False, False], texts) == (
        "Main reasons: “Pages per visit” 3 (usually 5), estimated risk higher; "
        "“Favourite category” Cosmetics and accessories 100\u202f% (usually 50\u202f%), "
        "estimated risk lower"
    )
    assert reasons_of([False, True, True, True], texts, 1) == (
        "Main reason: “Favourite category” Home textiles 66.7\u202f% (usually 50\u202f%), "
        "estimated risk higher"
    )
    assert reasons_of([True, False, False, False], read_texts("ru"), 1) == (
        "Главная причина: «Страниц за визит» 2 (обычно 5), оценка риска выше"
    )


def examined(**members: Any) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    table = store(600, seed=4)
    training = np.arange(600) % 3 > 0
    frame = pd.DataFrame({name: rule(table) for name, rule in members.items()})
    return table, examine(table, frame, training, 0.95), training


def test_the_figures_of_a_segment_are_those_of_its_customers():
    table, result, training = examined(few=lambda table: table["pages_per_visit"] <= 5)
    few = table["pages_per_visit"] <= 5
    row = result.loc["few"]
    assert row["customers"] == few.sum()
    assert row["probability"] == pytest.approx(table["probability"][few].mean())
    assert row["profit"] == pytest.approx(table["monthly_profit"][few].sum())
    total = table["monthly_profit"].sum()
    assert row["profit_share"] == pytest.approx(table["monthly_profit"][few].sum() / total)
    for name, part in (("training", training), ("holdout", ~training)):
        declines = table["decline"][few & part]
        rate = rate_interval(int(declines.sum()), len(declines), 0.95)
        assert row[f"{name}_customers"] == len(declines)
        assert row[f"{name}_rate"] == rate["value"]
        assert (row[f"{name}_low"], row[f"{name}_high"]) == (rate["low"], rate["high"])
    inside = table["decline"][few & ~training]
    outside = table["decline"][~few & ~training]
    counts = [[part.sum(), (1 - part).sum()] for part in (inside, outside)]
    assert row["p"] == pytest.approx(stats.fisher_exact(counts).pvalue)
    assert row["p_adjusted"] == row["p"]  # one test only


def test_what_is_real_holds_and_what_is_chance_does_not():
    rows = np.arange(600)
    training = rows % 3 > 0

    def chance(table):
        """Return decliners of the training customers, and anybody of the hold-out."""
        return pd.Series(np.where(training, (table["decline"] == 1) & (rows % 5 < 3), rows % 2))

    def turned(table):
        """Return more declines than among the others in training, far fewer in the hold-out."""
        return pd.Series(np.where(training, table["decline"] == 1, table["decline"] == 0))

    _, result, _ = examined(
        textile=lambda table: table["favourite_category"] == TEXTILE,
        chance=lambda table: chance(table).astype(bool),
        turned=turned,
    )
    assert result["direction"].tolist() == ["lower", "higher", "higher"]
    assert result["holds"].tolist() == [True, False, False]
    assert result.loc["turned", "p_adjusted"] < 0.001  # different, but the wrong way


def test_many_segments_make_the_check_stricter():
    def weak(table):
        """Return half of the customers and a few more decliners: p between 0.05 / 7 and 0.05."""
        rows = np.arange(600)
        inside = (rows // 3) % 2 == 0
        flip = (table["decline"] == 1) & (rows % 30 < 7)
        return pd.Series(inside | flip)

    _, alone, _ = examined(weak=weak)
    noise = {f"noise_{k}": lambda table, k=k: table.index % 7 == k for k in range(6)}
    _, among, _ = examined(weak=weak, **noise)
    assert alone.loc["weak", "holds"]
    assert not among.loc["weak", "holds"]
    assert alone.loc["weak", "p"] == among.loc["weak", "p"]
    assert among.loc["weak", "p_adjusted"] == pytest.approx(7 * among.loc["weak", "p"])


def test_a_segment_without_hold_out_customers_has_missing_rates_and_does_not_hold():
    _, result, _ = examined(
        nobody=lambda table: pd.Series(np.arange(600) % 3 > 0) & (table["pages_per_visit"] <= 5)
    )
    row = result.loc["nobody"]
    assert row["holdout_customers"] == 0
    assert np.isnan([row["holdout_rate"], row["holdout_low"], row["holdout_high"]]).all()
    assert not row["holds"]


def everything(table: pd.DataFrame, training: np.ndarray, language: str = "en", processes: int = 1):
    features = table[[*COLUMNS[0], *COLUMNS[1]]]
    values = pd.DataFrame(
        {
            "pages_per_visit": np.where(table["pages_per_visit"] <= 5, 1.5, -0.5),
            "promo_share": table["promo_share"] - 0.5,
            "favourite_category": np.where(table["favourite_category"] == TEXTILE, -2.0, 0.5),
        }
    )
    resampling = Resampling(
        np.arange(training.sum()) // 2, resamples=4, seed=3, processes=processes
    )
    shared = {"resampling": resampling, "texts": read_texts(language)}
    decline = table["decline"].to_numpy()
    subgroups = discovery.subgroups(search(), features, decline, training, overlap=0.5, **shared)
    clusters = discovery.clusters(
        values,
        features,
        decline,
        training,
        fewest=3,
        most=5,
        restarts=2,
        reasons=2,
        seed=0,
        numbers=COLUMNS[0],
        **shared,
    )
    members = pd.concat([subgroups.members, clusters.members], axis=1)
    about = pd.concat([subgroups.about, clusters.about])
    return members, about.join(examine(table, members, training, 0.95))


def test_the_hold_out_takes_no_part_in_the_search():
    table = store()
    training = np.arange(len(table)) % 4 > 0
    hidden = table.copy()
    hidden.loc[~training, "decline"] = 1 - hidden.loc[~training, "decline"]
    hidden.loc[~training, "pages_per_visit"] += 40
    columns = ["kind", "rule", "description", "stability", "training_rate"]
    pd.testing.assert_frame_equal(
        everything(table, training)[1][columns], everything(hidden, training)[1][columns]
    )


def test_segments_do_not_depend_on_the_number_of_processes():
    table = store(200)
    training = np.arange(len(table)) % 4 > 0
    one, two = (everything(table, training, processes=count) for count in (1, 2))
    pd.testing.assert_frame_equal(one[0], two[0])
    pd.testing.assert_frame_equal(one[1], two[1])


def test_names_rules_and_stability_of_all_segments():
    table = store()
    training = np.arange(len(table)) % 4 > 0
    members, segments = everything(table, training)
    assert members.columns.tolist() == segments.index.tolist()
    assert segments.index[:5].tolist() == [f"subgroup_{k}" for k in range(1, 6)]
    clusters = segments[segments["kind"] == "cluster"]
    assert clusters.index.tolist() == [f"cluster_{k}" for k in range(1, len(clusters) + 1)]
    assert clusters["training_rate"].is_monotonic_decreasing
    assert (clusters["rule"] == "").all()
    assert segments["stability"].between(0, 1).all()
    assert (members[clusters.index].sum(axis=1) == 1).all()
    for name, row in segments[segments["kind"] == "subgroup"].iterrows():
        rule = Rule(row["rule"], RULE_COLUMNS, "here")
        assert (rule.holds(table) == members[name]).all()


@pytest.mark.parametrize(("language", "foreign"), [("ru", "[A-Za-z]"), ("en", "[А-Яа-яЁё]")])
def test_descriptions_are_in_one_language(language, foreign):
    table = store()
    _, segments = everything(table, np.arange(len(table)) % 4 > 0, language)
    for description in segments["description"]:
        assert not re.search(foreign, description), description
    every = [Condition(column, ">", 1.0) for column in NUMBERS]
    every += [Condition(column, "==", "нет") for column in CATEGORIES]
    for condition in every:
        assert not re.search(foreign, condition.text(read_texts(language))), condition


def test_a_small_store_and_one_without_any_segment_are_drawn(tmp_path, texts):
    small = store(60)
    training = np.arange(60) % 4 > 0
    _, segments = everything(small, training)
    assert len(segments)
    discovered(tmp_path / "small.png", segments, 0.3, texts)
    same = small.assign(
        pages_per_visit=7, promo_share=0.5, favourite_category=CARE, decline=np.arange(60) % 2
    )
    members, none = everything(same, training)
    assert members.shape == (60, 0)
    assert len(none) == 0
    assert {"holds", "stability", "training_rate"} <= set(none.columns)
    discovered(tmp_path / "none.png", none, 0.3, texts)
    assert (tmp_path / "none.png").stat().st_size > 0


def test_the_picture_is_the_same_on_every_run(tmp_path, texts):
    table = store(200)
    _, segments = everything(table, np.arange(200) % 4 > 0)
    for name in ("first.png", "second.png"):
        discovered(tmp_path / name, segments, 0.3, texts)
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()
