"""Drafts for files that nobody described: once confirmed, contract and parameters fit together."""

import shutil
from pathlib import Path

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
