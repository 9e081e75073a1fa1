"""The demo store's next month: the same and fresh customers, a declared drift, an outcome apart."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp
from shop import NUMBERS
from sklearn.metrics import roc_auc_score

from retention.demo.next_month import (
    Change,
    NextMonth,
    draw_next_month,
    load_change,
    simulate_next_month,
)
from retention.demo.store import (
    STATISTICS_FILE,
    Statistics,
    decline_probability,
    draw_customers,
    draw_store,
    load_statistics,
    simulate_store,
    write_store,
)
from retention.demo.words import MARKET_FILE
from retention.harness.errors import UserError
from stages import simulate as stage
from stages.parameters.simulate import Params, Simulate

STORE, SEED = 1300, 4
ASKED = NextMonth(continuing=0.5, fresh=400)
REGULAR = 1296  # of the store
DRIFTING = ("promo_share", "minutes_current", "pages_per_visit", "marketing_per_month_6m")
KEPT = ["service_tier", "allows_messages", "favourite_category"]


@pytest.fixture(scope="module")
def statistics() -> Statistics:
    return load_statistics()


@pytest.fixture(scope="module")
def change() -> Change:
    return load_change()


@pytest.fixture(scope="module")
def before(statistics: Statistics) -> pd.DataFrame:
    return draw_store(STORE, SEED, statistics)[0]


def drawn(statistics: Statistics, change: Change, **asked: float) -> pd.DataFrame:
    return draw_next_month(STORE, SEED, statistics, replace(ASKED, **asked), change)


def test_the_files_are_the_shops_but_for_the_outcome(statistics, change):
    following = simulate_next_month(STORE, SEED, statistics, ASKED, change)
    store = simulate_store(STORE, SEED, statistics)
    assert list(following.market_file) == [
        header for header in MARKET_FILE if header != "Покупательская активность"
    ]
    for name in ("market_money", "market_time", "money"):
        assert list(getattr(following, name)) == list(getattr(store, name))
    assert not {"Снизилась", "Прежний уровень"} & set(
        following.market_file.astype(str).to_numpy().flat
    )
    ids = following.market_file["id"]
    assert len(ids) == REGULAR // 2 + 400
    assert ids.is_unique
    assert ids.is_monotonic_increasing
    assert following.truth["customer_id"].tolist() == ids.tolist()
    assert (following.market_money["Выручка"] == 0).sum() == 6
    assert (following.market_file["Тип сервиса"] == "стандартт").any()


def test_the_order_of_the_rows_tells_nothing_of_fresh_customers_outcomes(statistics, change):
    month = drawn(statistics, change, continuing=0.0, fresh=4000)
    assert abs(roc_auc_score(month["decline"], month["customer_id"]) - 0.5) < 0.03


def test_so_many_go_on_as_themselves_a_month_older(statistics, change, before):
    month = drawn(statistics, change)
    known = month["customer_id"].isin(before["customer_id"])
    assert known.sum() == REGULAR // 2
    assert month.loc[~known, "customer_id"].min() > before["customer_id"].max()
    now = month[known].set_index("customer_id")
    then = before.set_index("customer_id").loc[now.index]
    for column in KEPT:
        assert now[column].tolist() == then[column].tolist()
    assert (now["days_since_registration"] - then["days_since_registration"] == 30).all()
    # They are near what they were, and not the same.
    assert np.corrcoef(now["pages_per_visit"], then["pages_per_visit"])[0, 1] > 0.5
    assert (now["pages_per_visit"] != then["pages_per_visit"]).mean() > 0.5


@pytest.mark.parametrize(("continuing", "fresh"), [(0.0, 1200), (1.0, 1)])
def test_without_a_drift_only_age_changes(statistics, change, continuing, fresh):
    month = drawn(statistics, change, continuing=continuing, fresh=fresh, drift=0.0)
    fresh = draw_customers(5000, 9, statistics)
    tested = [name for name in NUMBERS if name != "days_since_registration"]
    p = [ks_2samp(month[name], fresh[name], method="asymp").pvalue for name in tested]
    assert min(p) * len(p) > 0.01


def test_who_goes_on_without_a_drift_is_distributed_as_before_together_too(statistics, change):
    store = draw_store(20_000, SEED, statistics)[0]
    asked = NextMonth(continuing=1.0, fresh=1, drift=0.0)
    month = draw_next_month(20_000, SEED, statistics, asked, replace(change, days=0))
    for name in ("marketing_this_month", "categories_per_visit", "service_errors"):  # few values
        shares = [table[name].value_counts(normalize=True) for table in (store, month)]
        assert shares[1].sub(shares[0], fill_value=0).abs().max() < 0.006
    together = [
        table[list(NUMBERS)].assign(tier=table["service_tier"] == "премиум").corr(method="spearman")
        for table in (store, month)
    ]
    assert (together[1] - together[0]).abs().max(axis=None) < 0.025


@pytest.mark.parametrize(("continuing", "fresh"), [(0.0, 1200), (0.4, 1)])
def test_the_declared_columns_drift_the_declared_way(statistics, change, continuing, fresh):
    month = drawn(statistics, change, continuing=continuing, fresh=fresh)
    fresh = draw_customers(5000, 9, statistics)
    moved = (month[list(NUMBERS)].mean() - fresh[list(NUMBERS)].mean()) / fresh[list(NUMBERS)].std()
    for name in DRIFTING:
        assert np.sign(moved[name]) == np.sign(change.leanings[name])
        assert abs(moved[name]) > 0.08
    children = "Товары для детей"
    more = [(table["favourite_category"] == children).mean() for table in (month, fresh)]
    assert more[0] > more[1] + 0.03


def test_a_larger_drift_moves_further_and_what_goes_with_it_too(statistics, change):
    means = [
        drawn(statistics, change, continuing=0.0, fresh=3000, drift=size)[list(NUMBERS)].mean()
        for size in (0.0, 1.0, 2.0)
    ]
    for name in ("minutes_current", "minutes_previous"):  # only the first is declared
        assert means[0][name] > means[1][name] > means[2][name]


def test_the_relation_is_the_stores_whatever_the_drift(statistics, change):
    month = drawn(statistics, change, continuing=0.1, fresh=4000, drift=2.0)
    np.testing.assert_allclose(month["probability"], decline_probability(month, statistics))
    for part in (month["probability"] < 0.2, month["probability"] > 0.8):
        truth = month.loc[part, "probability"]
        error = np.sqrt((truth * (1 - truth)).sum()) / part.sum()
        assert month.loc[part, "decline"].mean() == pytest.approx(truth.mean(), abs=4 * error)


def test_a_weakened_relation_is_one_that_the_columns_do_not_show(statistics, change):
    same, weak = (drawn(statistics, change, relation=size) for size in (1.0, 0.4))
    pd.testing.assert_frame_equal(same[list(NUMBERS)], weak[list(NUMBERS)])
    told = [roc_auc_score(month["decline"], same["probability"]) for month in (same, weak)]
    assert told[0] > told[1] + 0.05


@pytest.mark.parametrize(("continuing", "fresh"), [(0.0, 1), (0.1, 4), (1.0, 1)])
def test_a_small_month_can_be_drawn(statistics, change, continuing, fresh):
    month = simulate_next_month(60, 1, statistics, NextMonth(continuing, fresh), change)
    assert len(month.market_file) == len(month.truth) == round(continuing * 56) + fresh


@pytest.mark.parametrize(
    "damage", [{"leanings": {"colour": 1.0}}, {"leanings": {"service_tier": 1}}, {"days": None}]
)
def test_an_unfit_declaration_is_refused(tmp_path, damage):
    content = json.loads(STATISTICS_FILE.read_text(encoding="utf-8"))
    content["next_month"] |= damage
    broken = tmp_path / "store.json"
    broken.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UserError, match=r"store\.json does not hold the change"):
        load_change(broken)


# The stage


def test_the_stage_writes_both_months_and_next_month_costs_the_store_nothing(
    statistics, tmp_path, monkeypatch
):
    write_store(simulate_store(300, SEED, statistics), tmp_path / "alone")
    folder = tmp_path / "retention" / "demo"
    folder.mkdir(parents=True)
    (folder / "store.json").write_bytes(STATISTICS_FILE.read_bytes())
    monkeypatch.chdir(tmp_path)
    asked = Simulate(
        customers=300, seed=SEED, next_continuing=0.5, next_fresh=50, next_drift=1, next_relation=1
    )  # fmt: skip
    stage.main(Params(simulate=asked))
    for file in (tmp_path / "alone").iterdir():
        assert (tmp_path / "data/demo" / file.name).read_bytes() == file.read_bytes()
    written = {file.name: file.read_bytes() for file in (tmp_path / "data/demo_next").iterdir()}
    assert sorted(written) == [
        "market_file.csv", "market_money.csv", "market_time.csv", "money.csv", "truth.csv",
    ]  # fmt: skip
    truth = pd.read_csv(tmp_path / "data/demo_next/truth.csv")
    assert list(truth) == ["customer_id", "probability", "decline"]
    assert set(truth["decline"]) == {0, 1}
    stage.main(Params(simulate=asked))
    for name, content in written.items():
        assert (tmp_path / "data/demo_next" / name).read_bytes() == content
