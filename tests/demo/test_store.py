"""The demo store: the files look like the shop's, the traps are in, the truth is true."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shop import NUMBERS
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from retention.demo.store import (
    STATISTICS_FILE,
    Statistics,
    Store,
    decline_probability,
    draw_customers,
    load_statistics,
    simulate_store,
    write_store,
)
from retention.demo.words import MARKET_FILE, MARKET_MONEY, MARKET_TIME, MONEY
from retention.harness.errors import UserError

FILES = ("market_file.csv", "market_money.csv", "market_time.csv", "money.csv", "truth.csv")
CUSTOMERS = 1300
SEVEN = [
    "Длительность",
    "Популярная_категория",
    "Неоплаченные_продукты_штук_квартал",
    "Средний_просмотр_категорий_за_визит",
    "Тип сервиса",
    "Разрешить сообщать",
    "Маркет_актив_тек_мес",
]


@pytest.fixture(scope="module")
def statistics() -> Statistics:
    return load_statistics()


@pytest.fixture(scope="module")
def store(statistics: Statistics) -> Store:
    return simulate_store(CUSTOMERS, 42, statistics)


@pytest.fixture(scope="module")
def folder(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store")
    write_store(store, path)
    return path


@pytest.fixture(scope="module")
def population(statistics: Statistics) -> pd.DataFrame:
    return draw_customers(20_000, 1, statistics)


def declined(store: Store) -> np.ndarray:
    return (store.market_file["Покупательская активность"] == "Снизилась").to_numpy()


def repaired(store: Store) -> pd.DataFrame:
    return store.market_file.replace({"Тип сервиса": {"стандартт": "стандарт"}})


# The files


def test_equal_seeds_write_equal_bytes_and_other_seeds_others(
    statistics: Statistics, tmp_path: Path
) -> None:
    for name, seed in (("first", 5), ("again", 5), ("other", 6)):
        write_store(simulate_store(300, seed, statistics), tmp_path / name)
    for file in FILES:
        first = (tmp_path / "first" / file).read_bytes()
        assert (tmp_path / "again" / file).read_bytes() == first
        assert (tmp_path / "other" / file).read_bytes() != first


@pytest.mark.parametrize("file", FILES)
def test_files_have_crlf_line_ends_and_no_byte_order_mark(folder: Path, file: str) -> None:
    content = (folder / file).read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    content.decode("utf-8")


@pytest.mark.parametrize(
    ("file", "headers", "separator", "rows"),
    [
        ("market_file.csv", MARKET_FILE, ",", CUSTOMERS),
        ("market_money.csv", MARKET_MONEY, ",", 3 * CUSTOMERS),
        ("market_time.csv", MARKET_TIME, ",", 2 * CUSTOMERS),
        ("money.csv", MONEY, ";", CUSTOMERS),
    ],
)
def test_files_have_the_shops_headers_and_rows(
    folder: Path, file: str, headers: dict[str, str], separator: str, rows: int
) -> None:
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    assert lines[0] == separator.join(headers)
    assert len(lines) == rows + 1


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        (
            "market_file.csv",
            r"\d{6},(Снизилась|Прежний уровень),(премиум|стандартт?),(да|нет),"
            r"\d\.\d,[345],\d{3,4},0\.\d{1,2},[А-Яа-я ]+,\d,\d{1,2},\d,\d{1,2}",
        ),
        ("market_money.csv", r"\d{6},(текущий|предыдущий|препредыдущий)_месяц,\d+\.\d"),
        ("market_time.csv", r"\d{6},(текущий|предыдцщий)_месяц,\d{1,2}"),
        ("money.csv", r"\d{6};\d,\d{1,2}"),
        ("truth.csv", r"\d{6},0\.\d{1,6}"),
    ],
)
def test_values_are_written_as_the_shop_writes_them(folder: Path, file: str, pattern: str) -> None:
    lines = pd.Series((folder / file).read_text(encoding="utf-8").splitlines()[1:])
    assert lines[~lines.str.fullmatch(pattern)].tolist() == []


def test_revenues_have_the_shops_rounding(store: Store) -> None:
    money = store.market_money.groupby("Период")["Выручка"]
    assert (money.get_group("препредыдущий_месяц") % 1 == 0).all()
    previous = money.get_group("предыдущий_месяц")
    assert (previous * 2 % 1 == 0).all()
    assert (previous % 1 != 0).any()
    assert (money.get_group("текущий_месяц") % 0.5 != 0).any()


def test_every_table_has_the_same_customers(store: Store) -> None:
    ids = store.market_file["id"].tolist()
    assert store.money["id"].tolist() == ids
    assert store.truth["customer_id"].tolist() == ids
    for table, periods in ((store.market_money, 3), (store.market_time, 2)):
        assert table["id"].drop_duplicates().tolist() == ids
        assert (table.groupby("id")["Период"].nunique() == periods).all()
        assert not table.duplicated(["id", "Период"]).any()


# The traps


def test_ids_start_at_the_shops_first_increase_with_gaps_and_betray_the_class(
    store: Store,
) -> None:
    ids = store.market_file["id"].to_numpy()
    assert ids[0] == 215348
    assert ids[-1] <= 999_999
    assert (np.diff(ids) >= 1).all()
    assert (np.diff(ids) > 1).any()
    assert 0.97 < roc_auc_score(declined(store), -ids) < 0.99


def test_periods_of_a_customer_come_in_varying_order(store: Store) -> None:
    for table, orders in ((store.market_money, 6), (store.market_time, 2)):
        assert table.groupby("id")["Период"].agg("|".join).nunique() == orders


def test_near_duplicates_share_seven_attributes(store: Store) -> None:
    sizes = repaired(store).groupby(SEVEN)["id"].transform("size")
    assert 0.21 < (sizes > 1).mean() < 0.25
    assert (sizes == 3).any()


@pytest.mark.parametrize("seed", range(6))
def test_eleven_pairs_are_identical_in_all_but_profit_and_agree_in_the_label(
    statistics: Statistics, seed: int
) -> None:
    store = simulate_store(CUSTOMERS, seed, statistics)
    money = store.market_money.pivot(index="id", columns="Период", values="Выручка")
    minutes = store.market_time.pivot(index="id", columns="Период", values="минут")
    wide = repaired(store).merge(money.add_suffix("_money").join(minutes), on="id")
    wide = wide.merge(store.money, on="id")
    features = [name for name in wide if name not in ("id", "Покупательская активность", "Прибыль")]
    alike = wide[wide.duplicated(features, keep=False)]
    assert len(alike) == 22
    groups = alike.groupby(features)
    assert (groups["Покупательская активность"].nunique() == 1).all()
    assert (groups["Прибыль"].nunique() > 1).sum() >= 8


def test_three_customers_lack_earlier_revenue_and_one_has_an_absurd_one(store: Store) -> None:
    money = store.market_money.pivot(index="id", columns="Период", values="Выручка")
    earlier = money[["предыдущий_месяц", "препредыдущий_месяц"]]
    assert ((earlier == 0).all(axis=1)).sum() == 3
    assert ((earlier == 0).any(axis=1)).sum() == 3
    assert (money["текущий_месяц"] == 106862.2).sum() == 1
    assert (money["текущий_месяц"] > 10_000).sum() == 1


def test_the_typos_are_there(store: Store) -> None:
    assert (store.market_file["Тип сервиса"] == "стандартт").sum() == 10
    assert set(store.market_time["Период"]) == {"текущий_месяц", "предыдцщий_месяц"}
    assert "Косметика и аксесуары" in set(store.market_file["Популярная_категория"])
    assert not store.market_file["Популярная_категория"].str.contains("аксессуары").any()


@pytest.mark.parametrize("customers", [60, 61, 87, 300])
def test_small_stores_have_all_traps(statistics: Statistics, customers: int) -> None:
    for seed in range(3):
        store = simulate_store(customers, seed, statistics)
        assert len(store.market_file) == customers
        assert (store.market_money["Выручка"] == 0).sum() == 6
        assert repaired(store).duplicated(SEVEN).any()
        assert (store.market_file["Тип сервиса"] == "стандартт").any()


def test_too_small_a_store_is_refused_with_one_sentence(statistics: Statistics) -> None:
    with pytest.raises(UserError, match=r"at least 60 customers, but 59 .*\.$"):
        simulate_store(59, 1, statistics)


# The truth


def test_decline_happens_as_often_as_the_truth_says(population: pd.DataFrame) -> None:
    groups = population.groupby(pd.cut(population["probability"], 12), observed=True)
    table = groups.agg(
        rate=("decline", "mean"), truth=("probability", "mean"), size=("decline", "size")
    )
    error = np.sqrt(table["truth"] * (1 - table["truth"]) / table["size"])
    assert ((table["rate"] - table["truth"]).abs() < 4 * error + 1e-3).all()


def test_features_tell_nothing_about_the_label_beyond_the_truth(population: pd.DataFrame) -> None:
    surprise = population["decline"] - population["probability"]
    numbers = population[[*NUMBERS, "monthly_profit"]]
    assert numbers.corrwith(surprise).abs().max() < 4.5 / np.sqrt(len(population))


def test_truth_of_the_store_follows_from_its_files(store: Store, statistics: Statistics) -> None:
    table = repaired(store).rename(columns=MARKET_FILE)
    money = store.market_money.pivot(index="id", columns="Период", values="Выручка")
    minutes = store.market_time.pivot(index="id", columns="Период", values="минут")
    for name, series in {
        "revenue_before_previous": money["препредыдущий_месяц"],
        "revenue_previous": money["предыдущий_месяц"],
        "revenue_current": money["текущий_месяц"],
        "minutes_previous": minutes["предыдцщий_месяц"],
        "minutes_current": minutes["текущий_месяц"],
    }.items():
        table[name] = table["customer_id"].map(series)
    regular = (table["revenue_previous"] > 0) & (table["revenue_current"] < 100_000)
    assert (~regular).sum() == 4
    expected = decline_probability(table, statistics)
    np.testing.assert_allclose(expected[regular], store.truth["probability"][regular], rtol=1e-9)


def test_labels_of_the_store_follow_its_truth(store: Store) -> None:
    truth = store.truth["probability"]
    assert roc_auc_score(declined(store), truth) > 0.9
    for part in (truth < 0.2, truth.between(0.2, 0.8), truth > 0.8):
        error = np.sqrt((truth[part] * (1 - truth[part])).sum()) / part.sum()
        assert declined(store)[part].mean() == pytest.approx(truth[part].mean(), abs=4 * error)


def test_profit_plays_no_part_in_the_truth(
    population: pd.DataFrame, statistics: Statistics
) -> None:
    without = population.drop(columns=["monthly_profit", "decline", "probability"])
    np.testing.assert_array_equal(
        decline_probability(without, statistics), population["probability"]
    )


def test_population_resembles_what_is_known_of_the_shop(population: pd.DataFrame) -> None:
    decline = population["decline"]
    assert decline.mean() == pytest.approx(0.383, abs=0.015)
    for risky, rate, other in (
        (population["marketing_per_month_6m"] <= 3, 0.859, 0.329),
        (population["minutes_previous"] <= 12.5, 0.647, 0.181),
        (population["pages_per_visit"] <= 5, 0.799, 0.209),
        (population["unpaid_items_3m"] > 6, 0.956, 0.349),
        (population["promo_share"] >= 0.4, 0.791, 0.306),
    ):
        assert decline[risky].mean() == pytest.approx(rate, abs=0.06)
        assert decline[~risky].mean() == pytest.approx(other, abs=0.04)
    by_category = decline.groupby(population["favourite_category"]).mean()
    assert by_category["Мелкая бытовая техника и электроника"] == by_category.min()
    assert by_category["Техника для красоты и здоровья"] < 0.31


def test_no_model_beats_the_truth_and_a_simple_one_comes_near(population: pd.DataFrame) -> None:
    numbers = population[list(NUMBERS)]
    scaled = (numbers - numbers.mean()) / numbers.std()
    half = len(population) // 2
    model = LogisticRegression().fit(scaled[:half], population["decline"][:half])
    test = population[half:]
    learned = roc_auc_score(test["decline"], model.decision_function(scaled[half:]))
    best = roc_auc_score(test["decline"], test["probability"])
    assert 0.92 < best < 0.95
    assert 0.89 < learned < best


def test_plain_customers_have_no_traps(population: pd.DataFrame) -> None:
    assert (population[["revenue_previous", "revenue_before_previous"]] > 0).all(axis=None)
    assert population["revenue_current"].max() < 10_000
    assert set(population["service_tier"]) == {"премиум", "стандарт"}
    assert set(population["allows_messages"]) == {"да", "нет"}
    assert set(population["decline"]) == {0, 1}


# The statistics


def test_statistics_are_small_and_coarse() -> None:
    content = json.loads(STATISTICS_FILE.read_text(encoding="utf-8"))
    assert STATISTICS_FILE.stat().st_size < 40_000
    assert max(len(each["edges"]) for each in content["margins"].values()) <= 11


def test_unfit_statistics_are_refused(tmp_path: Path) -> None:
    broken = tmp_path / "store.json"
    broken.write_text('{"kinds": []}', encoding="utf-8")
    with pytest.raises(UserError, match=r"store\.json does not hold the statistics"):
        load_statistics(broken)
    with pytest.raises(UserError, match=r"absent\.json"):
        load_statistics(tmp_path / "absent.json")
