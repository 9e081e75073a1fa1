"""Other shops, by a contract and parameters alone: from their files to a list, as a user goes.

The book club goes by the commands of docs/your-files.md. The bare one knows neither profit, consent
and category nor periods, and has a list of the customers whom it learnt from.
"""

import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import english_shop
import openpyxl
import pandas as pd
import pytest
import yaml
from english_shop import CATEGORIES, QUARTERS
from imports import ROOT
from pipeline import Clone

from retention.harness.files import read_json
from retention.harness.yaml12 import read_yaml
from tools.recipes import recipes, run

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")

DOCUMENT = (ROOT / "docs/your-files.md").read_text(encoding="utf-8")
RECIPES = {one.name: one for one in recipes(DOCUMENT)}
LEARNT_FROM, TO_ACT_ON = 240, 120
FAMILIES = {
    "logistic": {"answer": "best", "encoder": ["one-hot"], "scaler": ["standard"], "C": [0.1, 1.0]}
}
TITLES = {
    "shop": "Riverside Book Club",
    "money": "£",
    "segments": {"spends_less": "Spends less than a year ago"},
    "offers": {
        "apology": {
            "name": "An apology with a voucher",
            "title": "A voucher for your {complaints} complaints",
            "why": "Complained",
        },
        "any_offer": {"name": "A reading list", "title": "What to read next"},
    },
}


class Shop(Clone):
    """A clone in which this Python is that of .venv, as after an installation."""

    def __init__(self, folder):
        super().__init__(folder)
        environment = folder / ".venv"
        environment.mkdir()
        for part in Path(sys.prefix).iterdir():
            if part.name in ("bin", "lib", "pyvenv.cfg"):
                (environment / part.name).symlink_to(part)
        shutil.copy(folder / "requirements.txt", environment / "run.txt")
        who = ("-c", "user.name=Someone", "-c", "user.email=someone@example.org")
        self.run_in(folder, "git", "add", "--all")
        self.run_in(folder, "git", *who, "commit", "--quiet", "-m", "A clone")
        self.said = {}

    def follow(self, name):
        """Run a recipe of the document."""
        self.said[name] = run(RECIPES[name], self.folder)

    def owner(self, change):
        """Let `change` alter the contract."""
        file = self.folder / "contract.yaml"
        content = read_yaml(file)
        change(content)
        file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")

    def sheet(self, number=0):
        """Return the cells of a sheet of the list."""
        book = openpyxl.load_workbook(self.folder / "offers/contact_list.xlsx")
        return [list(row) for row in book.worksheets[number].iter_rows(values_only=True)]

    def listed(self):
        """Return the list as programs read it."""
        return pd.read_csv(self.folder / "offers/contact_list.csv", dtype={"customer_id": str})

    def page(self):
        """Return what the page says, without its pictures."""
        page = (self.folder / "report/index.html").read_text("utf-8")
        return re.sub(r'src="data:[^"]*"', "", page)


def cheap(params):
    """Cut a run to the shortest that still does everything, with one family."""
    for section, values in (
        ("split", {"folds": 3, "repeats": 2}),
        ("explain", {"background": 10, "importance_repeats": 2}),
        ("evaluate", {"bootstrap_samples": 100}),
        ("cut", {"bootstrap_samples": 20, "shuffles": 99}),
        ("learn", {"shares": [0.5]}),
        ("discover", {"resamples": 4, "shuffles": 99}),
        ("expect", {"draws": 100, "permutations": 99}),
        ("decide", {"bootstrap_samples": 100}),
        ("offer", {"draws": 200, "steps": 5}),
    ):
        params[section].update(values)
    params["families"] = FAMILIES
    params["choose"] = {"members": {"logistic": 1.0}, "insurance": {}}


def club_contract(contract):
    """Confirm the draft, and call things as the club does."""
    contract["unconfirmed"] = []
    contract["titles"]["en"].update(TITLES)


def club_params(params):
    """Give the club a segment and an offer of its own."""
    cheap(params)
    first, *_, last = (f"amount_spent_in_{one.lower().replace('-', '_')}" for one in QUARTERS)
    params["segment"]["rules"]["spends_less"] = f"{last} < {first}"
    catalogue = params["offer"]["catalogue"]
    kept = {"distribution": "beta", "alpha": 6, "beta": 14, "origin": "a guess"}
    own = {"when": "complaints >= 2", "share_kept": kept}
    catalogue["apology"] = {**catalogue["any_offer"], **own}


def build_club(folder):
    """Go from files to a list by the commands of the document, in its order."""
    club = Shop(folder)
    club.follow("folders")
    english_shop.write(folder / "data/raw", english_shop.frames(LEARNT_FROM, 1))
    english_shop.write(folder / "data/next", english_shop.frames(TO_ACT_ON, 2), known=False)
    club.follow("draft")
    club.follow("confirm")
    club.said["unconfirmed"] = run(RECIPES["read"], folder)
    club.owner(club_contract)
    club.edit(club_params)
    for name in ("read", "list", "score"):
        club.follow(name)
    return club


def build_bare(folder):
    """Make a list of customers whose outcome is known, by a draft with nothing changed."""
    bare = Shop(folder)
    english_shop.write(folder / "data/raw", english_shop.bare(english_shop.frames(200, 3)))
    for command in ("python -m tools.contract data/raw", RECIPES["confirm"].commands):
        bare.run_in(folder, "bash", "-c", command)
    bare.owner(lambda contract: contract.update(unconfirmed=[]))
    bare.edit(cheap)
    result = bare.repro()
    bare.said["list"] = result.stdout + result.stderr
    return bare


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    """Build both at once."""
    folder = tmp_path_factory.mktemp("shops")
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setenv("LOKY_MAX_CPU_COUNT", "1")  # a worker process takes longer to start than these
        for name in ("MAKEFLAGS", "MAKELEVEL", "VENV", "SOURCE", "NEXT"):
            patch.delenv(name, raising=False)
        club = pool.submit(build_club, folder / "club/retention")
        bare = pool.submit(build_bare, folder / "bare/retention")
        return club.result(), bare.result()


@pytest.fixture(scope="module")
def club(shops):
    return shops[0]


@pytest.fixture(scope="module")
def bare(shops):
    return shops[1]


def test_every_command_of_the_document_is_run_by_these_tests(club):
    fenced = re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)
    assert fenced == [one.commands for one in RECIPES.values()]
    assert set(RECIPES) <= set(club.said)


def test_nothing_runs_by_a_draft_that_nobody_confirmed(club):
    told = [line for line in club.said["unconfirmed"].splitlines() if "confirmed" in line]
    assert len(told) == 1, club.said["unconfirmed"]
    assert told[0].startswith("contract.yaml: nobody has confirmed roles.outcome, roles.profit,")
    assert "Traceback" not in club.said["unconfirmed"]
    assert "prepare" not in re.findall("Running stage '(.*)'", club.said["unconfirmed"])


@pytest.mark.parametrize("shop", ["club", "bare"])
def test_every_stage_ran_and_nothing_but_contract_and_parameters_changed(shops, shop):
    built = shops[shop == "bare"]
    said = built.said["list"]
    assert "Traceback" not in said
    assert "ERROR" not in said, said
    lock = read_yaml(built.folder / "dvc.lock")["stages"]
    listed = built.run_in(built.folder, "dvc", "stage", "list", "--name-only").stdout.split()
    assert sorted(lock) == sorted(listed)
    changed = built.run_in(built.folder, "git", "status", "--short").stdout.split("\n")
    files = {line[3:].split("/")[0] for line in changed if line}
    assert files <= {"contract.yaml", "params.yaml", "dvc.lock", "metrics", "plots", "scored.csv"}


def test_reading_alone_takes_the_files_as_they_are(club):
    assert re.findall("Running stage '(.*)'", club.said["read"])[-1] == "prepare"
    found = read_json(club.folder / "metrics/prepare.json")
    assert found["customers"] == LEARNT_FROM
    customers = pd.read_parquet(club.folder / "data/customers.parquet")
    spent = [name for name in customers if name.startswith("amount_spent")]
    assert spent == [f"amount_spent_in_{one.lower().replace('-', '_')}" for one in QUARTERS]


def test_the_model_ranks_and_says_how_well(shops):
    for shop in shops:
        found = read_json(shop.folder / "metrics/headline.json")
        assert 0.6 < found["roc_auc"] < 0.99
        assert found["roc_auc_low"] < found["roc_auc"] < found["roc_auc_high"]


def test_the_list_is_of_next_months_customers_under_the_clubs_own_names(club):
    listed = club.listed()
    coming = english_shop.frames(TO_ACT_ON, 2)["members"].set_index("Member No")
    assert 0 < len(listed) <= TO_ACT_ON
    assert set(listed["customer_id"]) <= set(coming.index)
    apologies = listed[listed["offer"] == "apology"]
    assert len(apologies) > 0
    complaints = coming["Complaints"].loc[apologies["customer_id"]].to_list()
    assert apologies["offer_title"].to_list() == [
        f"A voucher for your {one} complaints" for one in complaints
    ]
    refused = coming["Newsletter opt-in"].loc[listed["customer_id"]].to_numpy() == "no"
    assert "message" not in set(listed.loc[refused, "channel"])
    assert "message" in set(listed["channel"])
    reasons = set(listed["reason_1"].dropna())
    assert any("Complaints" in one for one in reasons), reasons
    assert "Spends less than a year ago" in set(listed["segment_title"])


def test_the_workbook_and_the_page_are_in_english_with_titles_for_names(club):
    cells = [cell for row in club.sheet() for cell in row if isinstance(cell, str)]
    assert "Profit per month, £" in cells
    page = club.page()
    assert '<html lang="en">' in page
    for title in (
        *("Riverside Book Club", "An apology with a voucher", "Spends less than a year ago"),
        *("£", "Amount spent", "Visits a month", *CATEGORIES[1:], "Children&#39;s books"),
    ):
        assert title in page, title
    for text in ("\n".join(cells), page, club.listed().drop(columns="offer").to_csv()):
        assert re.findall("[А-Яа-яё]+", text) == []
        assert re.findall(r"amount_spent\w*|visits_a_month|favourite_category", text) == []


def test_next_months_figures_are_expected_before_the_outcome_is_known(club):
    assert read_json(club.folder / "metrics/score.json")["known"] is False
    expected = read_json(club.folder / "metrics/expect.json")["expected"]["roc_auc"]
    assert expected["low"] < expected["value"] < expected["high"]


def test_a_program_gets_next_months_scores(club):
    scored = pd.read_csv(club.folder / "scored.csv", dtype={"customer_id": str})
    assert set(scored["customer_id"]) == set(
        english_shop.frames(TO_ACT_ON, 2)["members"].iloc[:, 0]
    )
    assert scored["probability"].between(0, 1).all()


def test_what_a_shop_does_not_know_is_left_out_and_said_so(bare):
    page = bare.page()
    for said in (
        "The contract names no column of a profit",
        "The contract names no column of a category",
        "The contract names no column of a consent, so nobody gets messages",
        "The outcome of these customers is known already",
        "Predicted to decline",
    ):
        assert said in page, said
    assert "Profit at risk," not in page  # the head of a column
    assert "profit" not in (bare.folder / "offers/plan.md").read_text("utf-8").split("Analysis")[0]
    listed = bare.listed()
    assert len(listed) > 0
    assert set(listed["channel"]) == {"on_site"}
    assert listed["profit"].isna().all()
    contacted = listed[listed["group"] == "contact"]
    assert contacted["probability"].is_monotonic_decreasing
    cells = [cell for row in bare.sheet() for cell in row if isinstance(cell, str)]
    assert not [cell for cell in cells if "Profit" in cell]
