"""The stages `plan` and `offer` on a small shop: who gets what, and the files that go out."""

import shutil
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from imports import ROOT
from shop import CATEGORIES, COLUMNS, NUMBERS, read_texts, write_words

from retention.campaign.measurement.returned import fingerprint, refuse_other
from retention.harness.errors import UserError
from retention.harness.files import read_json, write_json
from retention.harness.parameters import load
from stages import draw, offer, plan
from stages.parameters.draw import Params as DrawParams
from stages.parameters.offer import Params as OfferParams
from stages.parameters.plan import Params as PlanParams

CUSTOMERS = 320  # more than are planned for exactly, which takes longer
PARAMS = ROOT / "params.yaml"
PLAN = load(PlanParams, path=PARAMS)
OFFER = load(OfferParams, path=PARAMS)
DRAW = load(DrawParams, path=PARAMS)
AS_TEXT = {"dtype": str, "keep_default_na": False}
TWINS = 3  # customers who may be one and the same, at the head of the file


def scored(seed=1):
    """Return customers without an outcome, and their scores."""
    random = np.random.default_rng(seed)
    customers = pd.DataFrame(
        {
            "customer_id": [f"00{100 + k}" for k in range(CUSTOMERS)],
            **{name: random.integers(1, 9, CUSTOMERS) for name in NUMBERS},
            **{name: random.choice(COLUMNS[name].values, CUSTOMERS) for name in CATEGORIES},
            "days_since_registration": np.arange(CUSTOMERS),
            "promo_share": random.uniform(0, 1, CUSTOMERS).round(2),
            "monthly_profit": random.uniform(1, 6, CUSTOMERS).round(2),
        }
    )
    twin = PLAN.same_customer[0]
    customers.loc[: TWINS - 1, twin] = customers.loc[0, twin].to_numpy()
    customers.loc[: TWINS - 1, ["allows_messages", "monthly_profit"]] = ["да", 6.0]
    probability = random.beta(0.6, 0.6, CUSTOMERS)
    probability[:TWINS] = 0.95
    scores = pd.DataFrame(
        {
            "customer_id": customers["customer_id"],
            "probability": probability,
            "predicted_decline": probability >= 0.5,
        }
    )
    return customers, scores


def reasons_of(customers):
    """Return for each customer three reasons, the first of which looks like a formula."""
    names = ["promo_share", "unpaid_items_3m", "pages_per_visit"]
    rows = [
        (customer, rank, name, f"={name}" if rank == 1 else name, "yes" if rank == 2 else "no", 0.5)
        for customer in customers["customer_id"]
        for rank, name in enumerate(names, start=1)
    ]
    head = ["customer_id", "rank", "column", "reason", "controllable", "log_odds"]
    return pd.DataFrame(rows, columns=head)


def write_shop(customers, scores, roc_auc_low=0.9):
    for name in ("score", "phrase", "segment"):
        Path("data", name).mkdir(parents=True, exist_ok=True)
    customers.to_parquet("data/score/customers.parquet")
    scores.sample(frac=1, random_state=0).to_parquet("data/score/scores.parquet")
    reasons_of(customers).to_csv("data/phrase/next_reasons.csv", index=False)
    lists = PLAN.lists
    random = np.random.default_rng(2)
    members = {name: random.integers(0, 2, CUSTOMERS) for name in lists}
    pd.DataFrame({"customer_id": customers["customer_id"], **members}).to_csv(
        "data/segment/next_members.csv", index=False
    )
    rate = {"value": 0.6, "low": 0.5, "high": 0.7}
    write_json(
        Path("metrics/segment.json"), {n: {"customers": 9, "decline_rate": rate} for n in lists}
    )
    write_json(Path("metrics/headline.json"), {"roc_auc_low": roc_auc_low})
    Path("offers").mkdir(exist_ok=True)
    shutil.copy(ROOT / "offers/learned.yaml", "offers/learned.yaml")


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Go where the shop's files are."""
    monkeypatch.chdir(tmp_path)
    write_words(tmp_path)
    write_shop(*scored())


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """Run the stages as they are shipped, for all tests that only look."""
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as moved:
        moved.chdir(folder)
        write_words(folder)
        write_shop(*scored())
        return folder, run()


@pytest.fixture
def listed(once, monkeypatch):
    """Go where the stages have run; the list."""
    monkeypatch.chdir(once[0])
    return once[1].copy()


def run(*, language="ru", roles=None, **changed):
    """Run both stages with the shipped parameters, some of `offer` changed."""
    updates = {"offer": PLAN.offer.model_copy(update={"draws": 100, "steps": 2, **changed})}
    if roles is not None:
        updates["roles"] = PLAN.roles.model_copy(update=roles)
    params = PLAN.model_copy(update=updates)
    plan.main(params)
    offer.main(OFFER.model_copy(update={"language": language, "roles": params.roles}))
    return pd.read_csv("offers/contact_list.csv", dtype={"customer_id": str})


def metrics(name):
    return read_json(Path(f"metrics/{name}.json"))


def page():
    return Path("offers/plan.md").read_text("utf-8")


def book():
    return openpyxl.load_workbook("offers/contact_list.xlsx")


def outputs():
    folders = (Path("offers"), Path("data/plan"), Path("metrics"))
    return {path: path.read_bytes() for folder in folders for path in sorted(folder.iterdir())}


def test_everybody_on_the_list_stands_there_once_and_nobody_gets_a_message_unasked(listed):
    assert listed["customer_id"].is_unique
    assert 0 < len(listed) < CUSTOMERS
    customers, _ = scored()
    refused = customers.loc[customers["allows_messages"] == "нет", "customer_id"]
    by_channel = listed.groupby("channel")["customer_id"]
    assert set(by_channel.groups) == {"message", "on_site"}
    assert not set(by_channel.get_group("message")) & set(refused)


def test_scores_and_profits_are_the_customers_own(listed):
    listed = listed.set_index("customer_id")
    customers, scores = (table.set_index("customer_id").loc[listed.index] for table in scored())
    assert listed["probability"].tolist() == pytest.approx(scores["probability"], abs=1e-4)
    assert listed["profit"].tolist() == customers["monthly_profit"].tolist()


def test_the_list_begins_with_who_is_worth_most_and_ends_with_the_control_group(listed):
    assert listed["rank"].tolist() == list(range(1, len(listed) + 1))
    contacts = listed[listed["group"] == "contact"]
    assert contacts.index.tolist() == list(range(len(contacts)))
    assert contacts["expected_increment"].is_monotonic_decreasing
    assert (contacts["expected_increment"] > 0).all()


def test_a_fifth_is_the_control_group_and_near_duplicates_are_in_one_arm(listed):
    assert (listed["group"] == "control").mean() == pytest.approx(0.2, abs=0.03)
    twins = listed[listed["customer_id"].isin([f"00{100 + k}" for k in range(TWINS)])]
    assert len(twins) == TWINS
    assert twins["duplicates"].nunique() == 1
    assert twins["group"].nunique() == 1
    assert listed["duplicates"].nunique() == len(listed) - TWINS + 1


@pytest.mark.usefixtures("listed")
def test_the_fingerprint_of_the_plan_is_that_of_the_list_as_anybody_reads_it():
    fixed = read_json(Path("offers/plan.json"))
    read = pd.read_csv("offers/contact_list.csv", **AS_TEXT)[fixed["fixed"]]
    assert fingerprint(read) == fixed["fingerprint"]
    assert fixed["fingerprint"] in page()
    refuse_other(read, fixed["fingerprint"], "list", "plan")
    moved = read.assign(group=["control", *read["group"][1:]])
    with pytest.raises(UserError, match="isn't the list that plan was fixed for"):
        refuse_other(moved, fixed["fingerprint"], "list", "plan")


def test_figures_agree_with_the_list(listed):
    planned, offered = metrics("plan"), metrics("offer")
    contacted = listed["group"] == "contact"
    assert offered["customers"] == planned["customers"] == len(listed)
    assert (offered["contacted"], offered["control"]) == (contacted.sum(), (~contacted).sum())
    nobody = offered["increment"]["nobody"]
    assert nobody["value"] == pytest.approx(listed["expected_increment"].sum(), abs=0.02)
    assert nobody["least"] < nobody["value"] < nobody["most"]
    assert set(offered["increment"]) == {"nobody", "everybody"}
    lost = listed.loc[~contacted, "expected_increment"].sum()
    assert offered["control_costs"] == pytest.approx(lost, abs=0.02)
    assert planned["spent"] == pytest.approx(listed["expected_cost"].sum(), abs=0.02)
    assert (listed["probability"] > listed["break_even"] - 1e-4).all()
    assert listed["offer"].value_counts().to_dict() == planned["by_offer"]
    prospects = read_json(Path("offers/plan.json"))["prospects"]
    assert prospects["smallest_adjusted"] == offered["smallest_effect"]
    # By what the plan maximises, no other way to choose brings more.
    assert all(line["value"] >= 0 for line in planned["over"].values())
    assert set(PLAN.lists) < set(planned["over"])


@pytest.mark.usefixtures("shop")
def test_two_runs_write_the_same_bytes():
    run()
    first = outputs()
    run()
    assert outputs() == first
    plan.main(PLAN.model_copy(update={"seed": PLAN.seed + 1}))
    assert Path("data/plan/plan.csv").read_bytes() != first[Path("data/plan/plan.csv")]


@pytest.mark.usefixtures("shop")
def test_a_budget_and_a_capacity_bind():
    free = run()
    budget = free["expected_cost"].sum() / 3
    limited = run(budget=budget)
    assert 0.95 * budget < limited["expected_cost"].sum() <= budget * 1.001
    assert limited["expected_increment"].sum() < free["expected_increment"].sum()
    curve = pd.read_csv("data/plan/curve.csv")
    assert curve.loc[curve["own"], "budget"].tolist() == pytest.approx([budget], abs=1e-3)
    assert metrics("plan")["price_of_money"] > 0
    channels = PLAN.offer.channels
    few = {**channels, "message": channels["message"].model_copy(update={"capacity": 7})}
    assert (run(channels=few)["channel"] == "message").sum() == 7


@pytest.mark.usefixtures("shop")
def test_who_is_not_considered_is_not_on_the_list():
    customers, _ = scored()
    rich = customers.loc[customers["monthly_profit"] > 4, "customer_id"]
    assert set(run(consider="monthly_profit > 4")["customer_id"]) <= set(rich)
    assert not set(run()["customer_id"]) <= set(rich)


EMPTY = {
    "the model doesn't rank": ({"roc_auc_low": 0.5}, {}),
    "nothing is known of the model": ({"roc_auc_low": None}, {}),
    "no money": ({}, {"budget": 0.0, "consider": "promo_share > 2"}),
}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("written", "changed"), EMPTY.values(), ids=EMPTY)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_an_empty_plan_is_written_and_read_like_any_other(written, changed, language):
    write_shop(*scored(), **written)
    listed = run(language=language, **changed)
    assert len(listed) == 0
    assert {"customer_id", "offer", "channel", "group", "expected_increment"} <= set(listed)
    assert metrics("plan")["ranks"] is not bool(written)
    offered = metrics("offer")
    assert (offered["customers"], offered["contacted"], offered["control"]) == (0, 0, 0)
    assert offered["smallest_effect"] is None
    for line in offered["increment"].values():
        assert line == {"value": 0, "least": 0, "most": 0, "loss": 0}
    assert read_texts(language).get("plan", "nobody") in page()
    fixed = read_json(Path("offers/plan.json"))
    read = pd.read_csv("offers/contact_list.csv", **AS_TEXT)[fixed["fixed"]]
    assert fingerprint(read) == fixed["fingerprint"]
    assert fixed["expected_increment"] is None
    found = book()
    assert len(found.sheetnames) == 5
    for sheet in found.worksheets[:3]:
        assert len(list(sheet.values)) == 1
        assert all(isinstance(cell.value, str) for cell in sheet[1])
    assert len(pd.read_csv("offers/contact_list_for_excel.csv", sep=";")) == 0
    draw_plan()
    assert [*Path("plots/plan").iterdir()] == []


def draw_plan():
    scored()[0].to_parquet("data/customers.parquet")
    draw.main(DRAW, "plan")


@pytest.mark.usefixtures("shop")
def test_a_plan_has_its_curve_and_what_matters_in_pictures():
    run(budget=5.0)
    draw_plan()
    assert {path.name for path in Path("plots/plan").iterdir()} == {"curve.png", "tornado.png"}


@pytest.mark.usefixtures("shop")
def test_a_shop_without_profit_gets_a_list_by_decliners_and_no_sum():
    listed = run(roles={"profit": None})
    _, scores = scored()
    predicted = scores.loc[scores["predicted_decline"], "customer_id"]
    assert len(listed) > 0
    assert set(listed["customer_id"]) <= set(predicted)
    assert listed[["profit", "expected_increment", "expected_cost"]].isna().all(axis=None)
    contacts = listed[listed["group"] == "contact"]
    assert contacts["probability"].is_monotonic_decreasing
    planned = metrics("plan")
    assert planned["in_money"] is False
    assert read_json(Path("offers/plan.json"))["prospects"]["smallest_profit"] is None
    # Not more than there are decliners to keep, on average.
    assert 0 < planned["over"]["nobody"]["value"] < listed["probability"].sum()
    assert planned["spent"] == 0
    assert "₽" not in page()
    assert "Удержанных" in page()
    headers = {cell.value for sheet in book().worksheets for cell in sheet[1]}
    texts = read_texts("ru")
    for name in ("profit", "expected_increment", "expected_cost"):
        assert texts.column(name) not in headers
    draw_plan()


@pytest.mark.usefixtures("shop")
def test_a_shop_without_consent_shows_everything_on_the_site():
    listed = run(roles={"consent": None})
    assert len(listed) > 0
    assert set(listed["channel"]) == {"on_site"}


@pytest.mark.usefixtures("shop")
def test_without_a_control_group_it_is_said_that_nothing_will_be_learnt():
    assert set(run(control=0.0)["group"]) == {"contact"}
    assert read_texts("ru").get("plan", "no_control") in page()
    offered = metrics("offer")
    assert offered["control"] == 0
    assert offered["control_costs"] == 0
    assert offered["smallest_effect"] is None
    assert list(book().worksheets[1].values)[1:] == []
    run(control=0.2)
    assert read_texts("ru").get("plan", "no_control") not in page()


@pytest.mark.usefixtures("shop")
def test_the_control_group_is_as_large_as_the_wanted_effect_needs():
    shares = []
    for wanted in (0.3, 0.2):
        listed = run(smallest_effect=wanted, control=0.0)
        shares.append((listed["group"] == "control").mean())
        assert metrics("offer")["smallest_effect"] == pytest.approx(wanted, abs=0.03)
    assert 0 < shares[0] < shares[1] < 0.5


@pytest.mark.usefixtures("shop")
def test_an_effect_that_cannot_be_seen_is_refused_and_leaves_the_earlier_plan():
    run()
    before = outputs()
    with pytest.raises(UserError, match=r"'offer\.smallest_effect' is 0\.01, but of \d+ customers"):
        run(smallest_effect=0.01)
    assert outputs() == before


@pytest.mark.usefixtures("shop")
def test_what_a_campaign_taught_takes_the_place_of_what_was_assumed():
    before = run()
    nothing = {"distribution": "beta", "alpha": 1.0, "beta": 99999.0, "origin": "autumn"}
    line = {"assumption": nothing, "before": 0.3, "after": 0.0, "low": 0.0, "high": 0.0}
    known = {"campaign": "autumn", "date": "2026-10-01", "contacted": 90, "control": 20}
    shares = dict.fromkeys(("share_kept", "take_up", "harm"), line)
    write_json(Path("offers/learned.yaml"), {"offers": {"promo_discount": {**known, **shares}}})
    after = run()
    assert (before["offer"] == "promo_discount").sum() > 0
    assert (after["offer"] == "promo_discount").sum() == 0
    in_force = read_json(Path("offers/plan.json"))["assumptions"]["offers"]["promo_discount"]
    assert in_force["share_kept"]["origin"] == "autumn"
    assert in_force["cost"]["origin"] == "a guess"  # nobody learnt that


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_workbook_is_ready_for_work(language):
    listed, texts = run(language=language), read_texts(language)
    found = book()
    names = ("contact", "control", "summary", "assumptions", "plan")
    assert found.sheetnames == [texts.get("sheets", name)[:31] for name in names]
    for sheet in found.worksheets:
        assert sheet.freeze_panes == "A2"
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToHeight == 0
        assert [cell for row in sheet.rows for cell in row if cell.data_type == "f"] == []
        # A header is words in the reader's language, no name of a column.
        assert [c.value for c in sheet[1] if not c.value or "_" in c.value] == []
    contact, control = (list(sheet.values) for sheet in found.worksheets[:2])
    by_group = listed.groupby("group")["customer_id"]
    place = contact[0].index(texts.column("customer_id"))
    assert [row[place] for row in contact[1:]] == by_group.get_group("contact").tolist()
    assert [row[place] for row in control[1:]] == by_group.get_group("control").tolist()
    assert all(row[place].startswith("00") for row in contact[1:])
    cells = dict(zip(contact[0], found.worksheets[0][2], strict=True))
    formats = {
        name: (cells[texts.column(name)].number_format, cells[texts.column(name)].data_type)
        for name in ("customer_id", "probability", "expected_increment", "profit", "rank")
    }
    assert formats == {
        "customer_id": ("@", "s"),
        "probability": ("0%", "n"),
        "expected_increment": ("0.00", "n"),
        "profit": ("0.00", "n"),
        "rank": ("General", "n"),
    }
    first = listed.iloc[0]
    assert cells[texts.column("probability")].value == pytest.approx(first["probability"])
    assert cells[texts.column("reason_1")].value == "=promo_share"  # as text


def test_the_workbook_has_the_sums_the_assumptions_and_the_plan(listed):
    texts = read_texts("ru")
    sums, assumed, points = (list(sheet.values) for sheet in book().worksheets[2:])
    place = sums[0].index(texts.column("expected_increment"))
    total = sum(row[place] or 0 for row in sums[1:])
    sent = listed.loc[listed["group"] == "contact", "expected_increment"].sum()
    assert total == pytest.approx(sent, abs=0.01)
    assert sum(row[sums[0].index(texts.column("customers"))] for row in sums[1:]) == len(listed)
    origins = {row[-1] for row in assumed[1:]}
    assert {"a guess", "Verbraken", "Ascarza 2016"} <= origins
    fixed = read_json(Path("offers/plan.json"))["fingerprint"]
    assert any(fixed in row[1] for row in points[1:])
    # Beside the sums, what they rest on.
    assert any("по предположениям" in row[1] for row in points[1:])


def raw_excel():
    return Path("offers/contact_list_for_excel.csv").read_bytes()


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("language", "decimal"), [("ru", ","), ("en", ".")])
def test_the_list_for_excel_opens_with_its_letters_columns_and_numbers(language, decimal):
    listed = run(language=language)
    assert raw_excel().startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw_excel()
    read = pd.read_csv(
        "offers/contact_list_for_excel.csv",
        sep=";",
        decimal=decimal,
        encoding="utf-8-sig",
        dtype={"customer_id": str},
    )
    pd.testing.assert_frame_equal(read, listed)
    line = raw_excel().decode("utf-8-sig").split("\n")[1].split(";")
    assert decimal in line[2]


@pytest.mark.usefixtures("shop")
def test_no_cell_of_a_list_is_a_formula():
    customers, scores = scored()
    ids = [f"={100 + k}" if k % 2 else f"+{100 + k}" for k in range(CUSTOMERS)]
    write_shop(customers.assign(customer_id=ids), scores.assign(customer_id=ids))
    titles = read_json(Path("data/check/titles.json"))
    for words in titles["ru"]["offers"].values():
        words["title"] = "@" + words["title"]
    write_json(Path("data/check/titles.json"), titles)
    listed = run()
    # Programs find the customers by their ids.
    assert set(listed["customer_id"]) <= set(ids)
    assert listed["reason_1"].str.startswith("'=").all()
    assert listed["offer_title"].str.startswith("'@").all()
    cells = pd.read_csv("offers/contact_list_for_excel.csv", sep=";", **AS_TEXT)
    for name in cells:
        dangerous = cells[name].str.match(r"[=+@\t\r]")
        assert not dangerous.any(), name
    assert book().worksheets[0]["B2"].value in ids
