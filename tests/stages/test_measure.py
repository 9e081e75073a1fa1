"""What is said of a campaign: verdict, page, figures, what was learnt; and what is refused."""

import pytest
import sent_campaign as sent
from shop import ROLES

from retention.campaign.measurement.learned import read_learned, write_learned
from retention.harness.errors import UserError
from retention.harness.files import read_json
from stages.measure import main


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def measured(folder, came_back=None, table=None, **changes):
    """Write a campaign, measure it, and return its figures and page."""
    table = sent.listed() if table is None else table
    sent.write(folder, table, sent.answers(table) if came_back is None else came_back)
    return again(folder, **changes)


def again(folder, **changes):
    main(sent.params(**changes))
    page = (folder / "campaign/measure.md").read_text("utf-8")
    return read_json(folder / "campaign/metrics/measure.json"), page


def test_an_offer_that_keeps_customers_pays(folder):
    figures, page = measured(folder)
    assert figures["verdict"]["verdict"] == "pays"
    assert figures["decline"]["adjusted"]["high"] < 0 < figures["net"]["adjusted"]["low"]
    assert figures["decline"]["width_ratio"] < 1
    lines = page.splitlines()
    assert lines[0] == "# What the campaign “spring” brought"
    assert lines[4] == "**The campaign pays.**"  # before everything else
    assert "![" in page
    assert (folder / "campaign/plots/measure/effects.png").stat().st_size > 10_000
    assert "{" not in page


def test_an_offer_that_does_harm_does_not_pay(folder):
    table = sent.listed()
    figures, page = measured(folder, sent.answers(table, kept=0, harm=0.6), table)
    assert figures["verdict"]["verdict"] == "does_not_pay"
    assert "**The campaign does not pay.**" in page


def test_an_offer_that_does_nothing_says_how_many_more_customers_would_tell(folder):
    table = sent.listed(300)
    figures, page = measured(folder, sent.answers(table, kept=0), table)
    assert figures["verdict"]["verdict"] == "cannot_tell"
    needed = int(figures["verdict"]["needed"])
    assert f"{needed} more customers" in page


def test_what_was_learnt_stands_beside_what_was_assumed(folder):
    _, page = measured(folder)
    learned = read_learned(folder / "campaign/learned.yaml")
    assert list(learned.offers) == ["discount", "premium"]
    offer = learned.offers["discount"]
    assert (offer.campaign, offer.date) == ("spring", "2027-03-01")
    assert offer.share_kept.assumption.origin == "campaign spring, 2027-03-01"
    assert offer.share_kept.after > offer.share_kept.before == 0.3
    assert f"30\u202f% → {100 * offer.share_kept.after:.1f}".rstrip("0").rstrip(".") in page
    assert offer.contacted + offer.control > 300


def test_offers_that_were_not_sent_keep_what_earlier_campaigns_taught(folder):
    measured(folder)
    before = read_learned(folder / "campaign/learned.yaml")
    old = before.offers["discount"].model_copy(update={"campaign": "winter"})
    kept = before.model_copy(update={"offers": {"warranty": old, "premium": old}})
    write_learned(folder / "offers/learned.yaml", kept)
    again(folder)
    after = read_learned(folder / "campaign/learned.yaml")
    assert after.offers["warranty"] == old
    assert after.offers["premium"] == before.offers["premium"]


def test_taking_in_what_was_learnt_measures_the_same_once_more(folder):
    measured(folder)
    learned = (folder / "campaign/learned.yaml").read_bytes()
    (folder / "offers/learned.yaml").write_bytes(learned)
    again(folder)
    assert (folder / "campaign/learned.yaml").read_bytes() == learned


def test_without_a_control_group_nothing_is_learnt_and_that_is_said(folder, capsys):
    table = sent.listed(share=0.0)
    figures, page = measured(folder, table=table)
    assert figures == {"listed": 900, "learns": False}
    assert "**Nothing can be learnt from this campaign" in page
    assert read_learned(folder / "campaign/learned.yaml").offers == {}
    assert "nobody was in control" in capsys.readouterr().err
    assert (folder / "campaign/plots/measure/effects.png").exists()


def test_a_plan_that_contacts_nobody_has_nothing_to_measure(folder):
    sent.write(folder, sent.listed().iloc[:0], None)
    figures, page = again(folder)
    assert figures == {"listed": 0, "learns": False}
    assert "**The plan contacts nobody" in page


def test_a_shop_without_profit_reads_of_declines_alone(folder):
    table = sent.listed().assign(profit="")
    came_back = sent.answers(sent.listed()).drop(columns="Прибыль")
    roles = ROLES.model_copy(update={"profit": None})
    figures, page = measured(folder, came_back, table, roles=roles)
    assert figures["verdict"] is None
    assert "net" not in figures
    assert "**The campaign keeps customers. Whether that pays" in page
    assert "₽" not in page
    assert read_learned(folder / "campaign/learned.yaml").offers["discount"].share_kept.after > 0.3


def test_who_is_missing_and_who_was_contacted_by_mistake_is_told(folder):
    table = sent.listed()
    came_back = sent.answers(table, reached=0.9)
    control = (table["group"] == "control").to_numpy()
    came_back.loc[control.nonzero()[0][:5], "Связались"] = "да"
    came_back = came_back.drop(index=control.nonzero()[0][20:60])
    figures, page = measured(folder, came_back, table)
    found = figures["compliance"]
    assert (found["missing_contact"], found["missing_control"]) == (0, 40)
    assert 0 < found["contaminated"]["value"] < 0.05
    assert found["reached"]["value"] == pytest.approx(0.9, abs=0.03)
    assert "more uneven than chance" in page


def test_the_page_is_in_the_language_of_the_report(folder):
    _, page = measured(folder, language="ru")
    assert "**Кампания окупается.**" in page
    assert "{" not in page


def refused(folder, sentence, **changes):
    with pytest.raises(UserError, match=sentence):
        again(folder, **changes)
    assert not (folder / "campaign/measure.md").exists()


def test_a_list_that_was_changed_is_refused(folder):
    table = sent.listed()
    sent.write(folder, table, sent.answers(table))
    file = folder / "offers/contact_list.csv"
    file.write_text(file.read_text("utf-8").replace(",control,", ",contact,", 1), "utf-8")
    refused(folder, r"contact_list\.csv isn't the list that offers/plan\.json was fixed for")


def test_the_file_of_another_list_is_refused(folder):
    table = sent.listed()
    other = sent.answers(table).assign(id=[f"{900_000 + k}" for k in range(len(table))])
    sent.write(folder, table, other)
    refused(folder, r"answers\.csv has only 0 of the 900 customers of offers/contact_list\.csv")


def test_a_control_group_that_was_contacted_too_is_refused(folder):
    table = sent.listed()
    sent.write(folder, table, sent.answers(table).assign(Связались="да"))
    refused(folder, r"both are treated alike nothing can be compared, so check its column 'Связ")


def test_nobody_contacted_is_refused(folder):
    table = sent.listed()
    sent.write(folder, table, sent.answers(table).assign(Связались="нет"))
    refused(folder, r"that 0 of \d+ customers were contacted of those who were to be, and 0 of")


def test_a_missing_file_is_told_with_its_columns(folder):
    sent.write(folder, sent.listed(), None)
    refused(folder, r"answers\.csv is missing: put .* 'id', 'Связались', 'Покупательская")


def test_a_value_that_the_contract_does_not_know_is_refused(folder):
    table = sent.listed()
    came_back = sent.answers(table)
    came_back.loc[3, "Покупательская активность"] = "Выросла"
    sent.write(folder, table, came_back)
    refused(folder, r"answers\.csv, line 5: .*Выросла")


def test_a_campaign_teaches_once(folder):
    measured(folder)
    learned = (folder / "campaign/learned.yaml").read_text("utf-8")
    plan = folder / "offers/plan.json"
    taught = plan.read_text("utf-8").replace('"a guess"', '"campaign spring, 2027-03-01"', 1)
    plan.write_text(taught, "utf-8")
    with pytest.raises(UserError, match="was made with what the campaign 'spring' of 2027-03-01"):
        again(folder)
    assert (folder / "campaign/learned.yaml").read_text("utf-8") == learned
    again(folder, campaign="summer", sent="2027-06-01")


@pytest.mark.parametrize("name", ["contact_list.csv", "plan.json"])
def test_what_went_out_has_to_be_there(folder, name):
    table = sent.listed()
    sent.write(folder, table, sent.answers(table))
    (folder / "offers" / name).unlink()
    refused(folder, rf"{name} is missing: `dvc repro` makes it in offers/")
