"""Drafts for files that nobody described: once confirmed, contract and parameters fit together."""

import shlex
import shutil
from pathlib import Path

import english_shop
import pandas as pd
import pytest
import yaml
from imports import ROOT

from retention.demo.store import load_statistics, simulate_store, write_store
from retention.harness.errors import UserError
from retention.harness.yaml12 import read_yaml
from retention.intake.source import read_source
from stages.parameters.whole import check_contract, check_parameters
from tools import contract

DRAFT, PARAMS = Path("contract.draft.yaml"), Path("params.draft.yaml")
MONEY, MARKET = Path("raw/market_money.csv"), Path("raw/market_file.csv")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Return a folder with the raw files of a shop."""
    folder = tmp_path_factory.mktemp("store")
    write_store(simulate_store(200, 1, load_statistics(ROOT / "retention/demo/store.json")), folder)
    (folder / "truth.csv").unlink(missing_ok=True)
    return folder


@pytest.fixture(autouse=True)
def raw(store, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(store, "raw")
    shutil.copy(ROOT / "params.yaml", "params.yaml")


def draft(monkeypatch):
    """Write the drafts, and return the contract as somebody confirmed it, with nothing changed."""
    monkeypatch.setattr("sys.argv", ["contract", "raw"])
    contract.main()
    content = read_yaml(DRAFT)
    assert "roles.outcome" in content["unconfirmed"]
    content["unconfirmed"] = []
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    DRAFT.write_text(text, encoding="utf-8")
    return check_contract(check_parameters(PARAMS), DRAFT)


def blank(file, header, rows):
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    table.loc[rows, header] = ""
    table.to_csv(file, index=False)


def test_a_draft_that_is_confirmed_passes_the_check_and_reads_the_files(monkeypatch):
    found = draft(monkeypatch)
    outcome = found.columns[found.roles.outcome.column]
    assert outcome.header == "Покупательская активность"
    assert {len(columns) for columns in found.roles.series.values()} == {2, 3}
    customers = read_source(Path("raw"), found.tables, [], {}).customers
    assert len(customers) == 200
    assert set(found.columns) <= set(customers)


def test_nothing_runs_by_a_draft_that_nobody_confirmed(monkeypatch):
    monkeypatch.setattr("sys.argv", ["contract", "raw"])
    contract.main()
    with pytest.raises(UserError, match=r"nobody has confirmed roles\.outcome"):
        check_contract(check_parameters(PARAMS), DRAFT)


def test_columns_with_blanks_may_have_them_but_for_the_outcome(monkeypatch):
    blank(MONEY, "Выручка", [3])
    blank(MARKET, "Ошибка_сервиса", [5])
    blank(MARKET, "Покупательская активность", [7])
    found = draft(monkeypatch)
    headers = [found.columns[name].header for name in found.groups["imputed"]]
    assert sorted(headers) == ["Выручка"] * 3 + ["Ошибка_сервиса"]
    with pytest.raises(UserError) as caught:
        read_source(Path("raw"), found.tables, [], {}, blank=found.groups["imputed"])
    assert "'Покупательская активность' is ''" in str(caught.value)
    assert "\n" not in str(caught.value)  # the other blanks are taken


def drafted(monkeypatch, folder, *options):
    """Draft by other files, and return both drafts."""
    monkeypatch.setattr("sys.argv", ["contract", str(folder), *options])
    contract.main()
    return read_yaml(DRAFT), read_yaml(PARAMS)


@pytest.fixture
def club(tmp_path):
    english_shop.write(tmp_path / "club", english_shop.frames(60, 1))
    return tmp_path / "club"


def test_a_draft_of_a_shop_in_english_reads_well(monkeypatch, club, capsys):
    found, params = drafted(monkeypatch, club, "--next", "data/next")
    assert "The draft reads 60 customers with 0 findings.\n" in capsys.readouterr().out
    assert list(found["tables"]) == ["members", "margins", "quarters"]  # the outcome's table first
    assert found["roles"] == {
        "outcome": {"column": "churned", "decline": "yes"},
        "profit": {"column": "margin", "months": 1},
        "consent": {"column": "newsletter_opt_in", "yes": "yes"},
        "category": "favourite_category",
        "series": {
            "amount_spent": [
                f"amount_spent_in_{one}"
                for one in ("2023_q1", "2023_q2", "2023_q3", "2023_q4", "2024_q1")
            ]
        },
    }
    titles = found["titles"]["en"]
    assert titles["columns"]["amount_spent_in_2024_q1"] == "Amount spent, 2024-Q1"
    assert titles["columns"]["amount_spent"] == "Amount spent"
    assert titles["offers"]["any_offer"]["name"] == "An offer"
    assert params["report"]["language"] == "en"
    assert params["data"] == {"source": club.as_posix(), "next": "data/next"}
    assert any(entry.startswith("titles.money") for entry in found["unconfirmed"])


@pytest.mark.parametrize(
    ("said", "ordered"),
    [
        (["Week 10", "Week 2", "Week 1"], ["Week 1", "Week 2", "Week 10"]),
        (["2024-01", "2023-12"], ["2023-12", "2024-01"]),
        (["текущий", "предыдущий", "препредыдущий"], ["препредыдущий", "предыдущий", "текущий"]),
        (["this month", "last month", "month before last"], None),
        (["March", "January", "February"], ["January", "February", "March"]),
        (["late", "early"], ["late", "early"]),  # as they came: nothing tells
    ],
)
def test_periods_are_drafted_the_oldest_first(said, ordered):
    assert contract.oldest_first(said) == (ordered or said[::-1])


def rewritten(folder):
    """Return the members, and where to write them in another form."""
    file = folder / "members.csv"
    table = pd.read_csv(file, dtype=str)
    file.unlink()
    return table, file


def test_a_draft_reads_what_spreadsheets_leave(monkeypatch, club):
    table, file = rewritten(club)
    table = table.rename(columns={"Membership": "Тариф"})
    table["Discount share"] = table["Discount share"].str.replace(".", ",")
    text = "Выгрузка\n\n" + table.to_csv(index=False, sep=";")
    file.write_bytes(text.encode("cp1251"))
    found, params = drafted(monkeypatch, club)
    columns = found["tables"]["members"]["columns"]
    assert columns["tarif"]["values"] == ["Basic", "Family", "Plus"]
    assert columns["discount_share"]["kind"] == "share"
    assert params["report"]["language"] == "ru"


def test_who_retains_customers_declines_by_a_no(monkeypatch, club):
    table, file = rewritten(club)
    table.rename(columns={english_shop.OUTCOME: "Retained"}).to_csv(file, index=False)
    found, _ = drafted(monkeypatch, club)
    assert found["roles"]["outcome"] == {"column": "retained", "decline": "no"}


def test_an_outcome_that_no_name_tells_is_asked_for(monkeypatch, club):
    table, file = rewritten(club)
    table.rename(columns={english_shop.OUTCOME: "Flag 7"}).to_csv(file, index=False)
    with pytest.raises(UserError) as caught:
        drafted(monkeypatch, club)
    assert "tell by OUTCOME='…'" in str(caught.value)
    assert "Newsletter opt-in, Flag 7" in str(caught.value)
    found, _ = drafted(monkeypatch, club, "--outcome", "Flag 7")
    assert found["roles"]["outcome"] == {"column": "flag_7", "decline": "yes"}


def test_an_id_that_may_be_several_is_asked_for(monkeypatch, tmp_path):
    members = english_shop.frames(60, 1)["members"]
    folder = tmp_path / "one"
    english_shop.write(folder, {"members": members.assign(Code=members["Member No"].str.lower())})
    with pytest.raises(UserError, match=r"several may: Code, Member No\. Tell by ID='…'"):
        drafted(monkeypatch, folder)
    found, _ = drafted(monkeypatch, folder, "--id", "Member No")
    assert found["tables"]["members"]["columns"]["customer_id"]["header"] == "Member No"


def test_what_a_run_would_refuse_is_told_with_the_draft(monkeypatch, club, capsys):
    file = club / "quarters.csv"
    file.write_text(file.read_text("utf-8").replace("M-10003,2023-Q2", "M-10003,2023-Q1"), "utf-8")
    with pytest.raises(UserError, match="quarters has several rows a customer"):
        drafted(monkeypatch, club)
    english_shop.write(club, english_shop.frames(60, 1))
    (club / "margins.csv").write_text("Member No,Margin\nM-10000,4.5\nM-10001,1.5\nM-10002,2\n")
    drafted(monkeypatch, club)
    told = capsys.readouterr().out
    assert "the files are refused:\n" in told
    assert "margins.csv lacks 57 customers of members.csv" in told


def test_a_file_whose_name_no_table_can_have_is_to_be_renamed(monkeypatch, club):
    (club / "members.csv").rename(club / "Club Members.csv")
    with pytest.raises(UserError) as caught:
        drafted(monkeypatch, club)
    command = str(caught.value).rpartition(": ")[2]
    assert shlex.split(command) == [
        *("mv", str(club / "Club Members.csv"), str(club / "club_members.csv"))
    ]
