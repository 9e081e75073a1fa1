"""`make outcome`: what came beside what was expected, and sentences for wrong files."""

import re

import numpy as np
import pytest
from coming import write_months

from retention.harness.files import read_json, write_json
from retention.harness.parameters import load
from stages.expect import main as expect
from stages.parameters.expect import Params
from tools.outcome import main

ID, OUTCOME = "id", "Покупательская активность"
WORDS = np.array(["Прежний уровень", "Снизилась"])


@pytest.fixture
def month(tmp_path, monkeypatch):
    """Return next month's customers, of whom something was expected."""
    monkeypatch.chdir(tmp_path)
    found = write_months(tmp_path)
    expect(load(Params))
    return found


def write(folder, month, decline=None, **more):
    """Write the shop's file with the outcome."""
    folder.mkdir(exist_ok=True)
    decline = month["decline"] if decline is None else decline
    table = month[["customer_id"]].rename(columns={"customer_id": ID})
    table.assign(**{OUTCOME: WORDS[decline]}, **more).to_csv(
        folder / "market_file.csv", index=False
    )
    return folder


def compared(capsys, folder):
    main([str(folder), "--out", str(folder / "out")])
    assert (folder / "out/outcome.png").stat().st_size > 1000
    return read_json(folder / "out/outcome.json"), capsys.readouterr().out


def refused(capsys, folder):
    with pytest.raises(SystemExit) as end:
        main([str(folder), "--out", str(folder / "out")])
    assert not (folder / "out").exists()
    capsys.readouterr()
    return str(end.value.code)


def test_a_month_as_expected_keeps_the_model(tmp_path, month, capsys):
    found, said = compared(capsys, write(tmp_path / "came", month, Тип=1))
    assert found["verdict"] == "keep"
    assert found["declined"] == month["decline"].sum()
    assert "Keep the model" in said
    told = read_json(tmp_path / "metrics/expect.json")["expected"]
    for name, figure in found["figures"].items():
        assert figure["expected"] == told[name]
    assert re.search(r"Probability 0.9 to 1.0: \d+ customers", said)


def test_a_relation_that_is_gone_calls_for_learning_anew(tmp_path, month, capsys):
    shuffled = np.random.default_rng(1).permutation(month["decline"])
    found, said = compared(capsys, write(tmp_path / "came", month, shuffled))
    assert found["verdict"] == "anew"
    assert found["questions"]["ranking"]["alarm"]
    assert "time to learn anew" in said
    assert "ROC-AUC: 0.5" in said


def test_the_demos_truth_stands_for_its_outcome(tmp_path, month, capsys):
    folder = tmp_path / "data/demo_next"
    folder.mkdir()
    month[["customer_id", "probability", "decline"]].to_csv(folder / "truth.csv", index=False)
    main(["data/demo_next"])
    found = read_json(tmp_path / "outcome/outcome.json")
    assert found["declined"] == month["decline"].sum()
    assert "Keep the model" in capsys.readouterr().out


def test_who_has_no_outcome_yet_is_counted_and_strangers_are_left_out(tmp_path, month, capsys):
    few = month.iloc[50:].copy()
    stranger = few.iloc[:1].assign(customer_id="999999999")
    folder = write(tmp_path / "came", few)
    with (folder / "market_file.csv").open("a", encoding="utf-8") as file:
        file.write(f"{stranger['customer_id'].iloc[0]},Снизилась\n")
    found, said = compared(capsys, folder)
    assert (found["customers"], found["without_outcome"]) == (len(month) - 50, 50)
    assert "50 of those scored have no outcome" in said


def test_too_few_declines_are_no_verdict(tmp_path, month, capsys):
    rare = np.zeros(len(month), dtype=int)
    rare[:4] = 1
    found, said = compared(capsys, write(tmp_path / "came", month, rare))
    assert found["verdict"] == "too_few"
    assert "too few" in said
    assert "nan" not in said


def test_wrong_files_get_a_sentence(tmp_path, month, capsys):
    assert "missing" in refused(capsys, tmp_path / "nowhere")
    folder = write(tmp_path / "came", month)
    file = folder / "market_file.csv"
    text = file.read_text("utf-8")
    file.write_text(text.replace(OUTCOME, "Другое"), "utf-8")
    assert OUTCOME in refused(capsys, folder)
    file.write_text(text.replace("Снизилась", "Упала"), "utf-8")
    assert "Упала" in refused(capsys, folder)
    write(folder, month.assign(customer_id=[f"{n}" for n in range(len(month))]))
    assert "none of its customers is among those" in refused(capsys, folder)


def test_where_outcomes_were_known_nothing_was_expected(tmp_path, month, capsys):
    write_json(tmp_path / "metrics/expect.json", {"known": True})
    assert "data.next" in refused(capsys, write(tmp_path / "came", month))
