"""The pipeline as a user runs it, on a small demo store in a clone of its own."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pipeline import long_ones, stages_run
from scipy.special import expit

from retention.campaign.measurement.returned import fingerprint
from retention.harness.files import read_json
from retention.harness.yaml12 import read_yaml
from retention.models.storage import load_model


@pytest.fixture(scope="module")
def built(small_pipeline, tmp_path_factory):
    return small_pipeline.copied(tmp_path_factory.mktemp("built") / "clone")


@pytest.fixture
def clone(built, tmp_path):
    """Give a built pipeline that a test may change."""
    return built.copied(tmp_path / "clone")


def test_every_output_is_there_and_nothing_is_left_to_run(built):
    outs = [
        out["path"]
        for stage in read_yaml(built.folder / "dvc.lock")["stages"].values()
        for out in stage["outs"]
    ]
    assert [out for out in outs if not (built.folder / out).exists()] == []
    assert stages_run(built.repro()) == []


def test_a_forced_run_gives_the_same_bytes(built):
    before = built.content("metrics", "plots"), (built.folder / "dvc.lock").read_bytes()
    ran = stages_run(built.repro("--force"))
    assert len(ran) == len(read_yaml(built.folder / "dvc.lock")["stages"])
    assert (built.content("metrics", "plots"), (built.folder / "dvc.lock").read_bytes()) == before


def test_scores_and_lists_are_of_the_customers_who_were_kept(built):
    data = built.folder / "data"
    customers = pd.read_parquet(data / "customers.parquet")
    scores = pd.read_parquet(data / "scores.parquet")
    values = pd.read_parquet(data / "explain" / "shap_values.parquet")
    excluded = pd.read_csv(data / "prepare" / "excluded.csv")
    contacts = pd.read_csv(built.folder / "offers" / "contact_list.csv", dtype={"customer_id": str})
    assert len(customers) + len(excluded) == 300
    assert scores["customer_id"].tolist() == customers["customer_id"].tolist()
    assert values["customer_id"].tolist() == customers["customer_id"].tolist()
    explained = values.drop(columns="customer_id").sum(axis=1)
    assert (expit(explained) - scores["probability"]).abs().max() < 1e-6
    coming = pd.read_parquet(data / "score" / "customers.parquet")
    assert set(contacts["customer_id"]) <= set(coming["customer_id"])
    assert "activity" not in coming
    refused = coming.loc[coming["allows_messages"] == "нет", "customer_id"]
    assert "message" not in set(contacts.loc[contacts["customer_id"].isin(refused), "channel"])
    assert contacts["customer_id"].is_unique
    assert set(contacts["group"]) == {"contact", "control"}
    assert (contacts.groupby("duplicates")["group"].nunique() == 1).all()


def test_figures_of_the_plan_are_those_of_the_list_that_went_out(built):
    file = built.folder / "offers" / "contact_list.csv"
    listed = pd.read_csv(file, dtype=str, keep_default_na=False)
    fixed = read_json(built.folder / "offers" / "plan.json")
    assert fingerprint(listed[fixed["fixed"]]) == fixed["fingerprint"]
    assert fixed["fingerprint"] in (built.folder / "offers" / "plan.md").read_text("utf-8")
    offered = read_json(built.folder / "metrics" / "offer.json")
    planned = read_json(built.folder / "metrics" / "plan.json")
    assert offered["customers"] == planned["customers"] == len(listed)
    for group, key in (("contact", "contacted"), ("control", "control")):
        assert offered[key] == (listed["group"] == group).sum()
    for name, line in offered["increment"].items():
        assert set(line) == {"value", "least", "most", "loss"}
        assert line["value"] == planned["over"][name]["value"]
        assert line["least"] < line["value"] < line["most"]
    # By what a plan maximises; by the outcomes that came it is another question.
    assert all(line["value"] >= -0.01 for line in planned["over"].values())
    decided = read_json(built.folder / "metrics" / "decide.json")["over"]
    assert decided.keys() == planned["over"].keys()
    assert decided["nobody"]["realised"]["low"] > 0


def test_scores_are_of_the_outer_models_that_did_not_see_the_customer(built):
    customers = pd.read_parquet(built.folder / "data" / "customers.parquet")
    scores = pd.read_parquet(built.folder / "data" / "scores.parquet")
    fold = pd.read_parquet(built.folder / "data" / "folds.parquet")["outer_1"]
    for number, model in enumerate(load_model(built.folder / "models" / "outer.skops")):
        rows = fold == number
        features = customers.loc[rows, model_features(built)]
        found = model.predict_proba(features)[:, 1]
        assert abs(found - scores.loc[rows, "probability"]).max() < 1e-9


def model_features(built):
    features = read_yaml(built.folder / "params.yaml")["features"]
    return [*features["numbers"], *features["categories"]]


def test_the_model_ranks_declines_first_and_says_how_sure_that_is(built):
    figures = read_json(built.folder / "metrics" / "evaluate.json")
    for found in (figures, *figures["families"].values()):
        interval = found["roc_auc"]
        assert 0.7 < interval["value"] < 1
        assert interval["low"] < interval["value"] < interval["high"]
    headline = read_json(built.folder / "metrics" / "headline.json")
    assert headline["roc_auc"] == figures["roc_auc"]["value"]
    shown = built.run_in(built.folder, "dvc", "metrics", "show").stdout
    assert len(shown.splitlines()) < 25
    assert "increment.everybody.value" in shown
    alone = built.run_in(built.folder, "dvc", "metrics", "show", "metrics/headline.json").stdout
    assert max(len(line) for line in alone.splitlines()) < 200


def test_a_change_of_one_grid_reruns_that_family_and_what_combines_and_judges(clone):
    clone.edit(lambda params: params["families"]["knn"].update(n_neighbors=[5, 15]))
    ran = stages_run(clone.repro())
    assert long_ones(ran) == {"nest@knn", "tune@knn"}
    assert {"check", "choose", "evaluate"} <= set(ran)
    assert not {"train", "segment", "phrase"} & set(ran)


@pytest.mark.slow
def test_values_a_b_a_take_the_third_run_from_the_cache(clone):
    file = clone.folder / "params.yaml"
    first = file.read_text("utf-8")
    clone.edit(lambda params: params["families"]["logistic"].update(C=[0.5, 2.0]))
    assert "nest@logistic" in stages_run(clone.repro())
    file.write_text(first, "utf-8")
    again = clone.repro()
    assert long_ones(stages_run(again)) == set()
    for stage in ("nest@logistic", "tune@logistic", "explain"):
        assert f"Stage '{stage}' is cached - skipping run" in again.stdout + again.stderr


@pytest.mark.slow
def test_a_word_a_level_and_a_language_rerun_no_long_stage(clone):
    for name, word, other in (
        ("texts/ru.yaml", "Покупателей", "Клиентов"),
        ("contract.yaml", "Страниц за визит", "Листов за визит"),
    ):
        file = clone.folder / name
        assert word in file.read_text("utf-8")
        file.write_text(file.read_text("utf-8").replace(word, other), "utf-8")
        ran = stages_run(clone.repro())
        assert "report" in ran
        assert long_ones(ran) == set()

    def change(params):
        params["confidence"] = 0.9
        params["report"]["language"] = "en"

    clone.edit(change)
    ran = stages_run(clone.repro())
    assert {"evaluate", "report", "draw@explain"} <= set(ran)
    assert long_ones(ran) == set()


def test_a_removed_family_is_out_of_everything_and_leaves_no_ghost(clone):
    clone.edit(lambda params: params["families"].pop("knn"))
    ran = stages_run(clone.repro())
    assert long_ones(ran) == set()
    assert "knn" not in read_json(clone.folder / "metrics" / "evaluate.json")["families"]
    assert [*clone.folder.glob("data/*/knn.*"), *clone.folder.glob("models/*/knn.*")] == []
    # A campaign that went out before isn't that of this plan.
    assert "up to date" in clone.run_in(clone.folder, "dvc", "status", "dvc.yaml").stdout


def test_the_shops_own_files_need_one_changed_parameter(clone):
    raw = clone.folder / "data" / "raw"
    raw.mkdir()
    for name in ("market_file", "market_money", "market_time", "money"):
        shutil.copy(clone.folder / "data" / "demo" / f"{name}.csv", raw)
    clone.edit(lambda params: params["data"].update(source="data/raw"))
    # The same customers as before, so nothing else has to learn. The demo's next month isn't
    # theirs: the list is made of themselves.
    ran = stages_run(clone.repro())
    assert {"check", "prepare", "score", "plan", "offer", "report"} <= set(ran)
    assert long_ones(ran) == {"confront"}
    assert read_json(clone.folder / "metrics" / "score.json")["known"] is True
    assert read_json(clone.folder / "metrics" / "expect.json") == {"known": True}
    assert read_json(clone.folder / "metrics" / "confront.json") == {"known": False}
    page = (clone.folder / "report" / "index.html").read_text("utf-8")
    assert "демонстрационных" not in page


@pytest.fixture(scope="module")
def coming(built):
    """Write next month's files: the demo's own, without an outcome, one id with zeros in front."""
    folder = built.folder / "data" / "coming"
    folder.mkdir()
    for file in (built.folder / "data" / "demo").glob("m*.csv"):
        text = file.read_text("utf-8")
        if file.name == "market_file.csv":
            table = pd.read_csv(file, dtype=str, keep_default_na=False)
            text = table.drop(columns="Покупательская активность").to_csv(index=False)
        (folder / file.name).write_text(text.replace("215348", "00215348"), "utf-8")
    return folder


@pytest.mark.usefixtures("coming")
def test_a_program_scores_customers_whose_outcome_nobody_knows(built):
    command = ("python", "-m", "stages.score", "--source", "data/coming", "--out")
    result = built.run_in(built.folder, *command, "scored.csv")
    assert result.returncode == 0, result.stderr
    scored = pd.read_csv(built.folder / "scored.csv", dtype={"customer_id": str})
    customers = pd.read_parquet(built.folder / "data" / "customers.parquet")
    assert "00215348" in set(scored["customer_id"])
    assert set(scored["customer_id"].str.removeprefix("00")) == set(customers["customer_id"])
    # By the model that ships, of the same features as in training.
    model = load_model(built.folder / "models" / "model.skops")
    expected = model.predict_proba(customers[model_features(built)])[:, 1]
    by_id = scored.assign(customer_id=scored["customer_id"].str.removeprefix("00"))
    found = by_id.set_index("customer_id")["probability"].loc[customers["customer_id"]]
    assert abs(found.to_numpy() - expected).max() < 1e-6
    assert scored["reason_1"].notna().mean() > 0.5
    again = built.run_in(built.folder, *command, "scored.csv")
    assert again.returncode == 1
    assert again.stderr.strip() == ("scored.csv is there already: name another file, or remove it.")


def test_a_model_of_other_features_scores_nobody(clone, coming):
    shutil.copytree(coming, clone.folder / "data" / "coming", dirs_exist_ok=True)
    clone.edit(lambda params: params["features"]["numbers"].remove("service_errors"))
    result = clone.run_in(
        clone.folder, "python", "-m", "stages.score", "--source", "data/coming", "--out", "x.csv"
    )
    assert result.returncode == 1
    assert "the model was made with features.numbers" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (clone.folder / "x.csv").exists()


def test_next_month_has_a_list_of_its_own(clone, coming):
    shutil.copytree(coming, clone.folder / "data" / "coming", dirs_exist_ok=True)
    clone.edit(lambda params: params["data"].update(next="data/coming"))
    result = clone.repro()
    ran = stages_run(result)
    assert result.returncode == 0, result.stderr
    assert long_ones(ran) == set()
    assert {"score", "expect", "phrase", "segment", "plan", "offer"} <= set(ran)
    found = read_json(clone.folder / "metrics" / "score.json")
    assert found["known"] is False
    assert found["customers"] - found["continuing"] == 1
    expect = read_json(clone.folder / "metrics" / "expect.json")
    assert expect["customers"] == found["customers"]
    # They are those of the demo, of whom nobody ages here.
    assert expect["drift"]["drifted"] == {}
    trained, scored = (
        pd.read_parquet(clone.folder / "data" / name)
        for name in ("customers.parquet", "score/customers.parquet")
    )
    # The same customer has the same features, whether trained on or scored.
    both = scored.merge(trained, on="customer_id", suffixes=("", "_trained"))
    assert len(both) == len(scored) - 1
    for name in model_features(clone):
        assert (both[name] == both[f"{name}_trained"]).all(), name
    contacts = pd.read_csv(clone.folder / "offers/contact_list.csv", dtype={"customer_id": str})
    assert set(contacts["customer_id"]) <= set(scored["customer_id"])
    assert len(contacts) > 0
    page = (clone.folder / "report" / "index.html").read_text("utf-8")
    assert "уже известна" not in page


def test_a_campaign_goes_out_comes_back_and_changes_the_next_plan(clone):
    campaign, offers = clone.folder / "campaign", clone.folder / "offers"
    result = clone.repro("campaign/dvc.yaml")
    assert result.returncode == 0, result.stdout + result.stderr
    assert stages_run(result) == ["campaign/dvc.yaml:answer", "campaign/dvc.yaml:measure"]
    assert stages_run(clone.repro("campaign/dvc.yaml")) == []
    figures = read_json(campaign / "metrics/measure.json")
    assert figures["verdict"]["verdict"] in ("pays", "does_not_pay", "cannot_tell")
    assert figures["compliance"]["measured"] < figures["compliance"]["listed"] == figures["listed"]
    assert (campaign / "measure.md").read_text("utf-8").startswith("# Что дала кампания «demo»")
    # What went out is kept; then the next plan takes in what was learnt.
    shutil.copytree(offers, campaign / "2026-11")
    before = (offers / "plan.json").read_bytes()
    adopt = (campaign / "learned.yaml").read_bytes()
    (offers / "learned.yaml").write_bytes(adopt)
    result = clone.repro()
    assert result.returncode == 0, result.stdout + result.stderr
    assert {"plan", "offer"} <= set(stages_run(result))
    assert long_ones(stages_run(result)) == set()
    after = read_json(offers / "plan.json")
    assert (offers / "plan.json").read_bytes() != before
    learned = read_yaml(campaign / "learned.yaml")["offers"]
    name = max(learned, key=lambda name: learned[name]["contacted"])
    kept = after["assumptions"]["offers"][name]["share_kept"]
    assert kept["origin"] == "campaign demo, 2026-11-01"
    share = kept["alpha"] / (kept["alpha"] + kept["beta"])
    assert abs(share - learned[name]["share_kept"]["after"]) < 0.001
    # The new list is another campaign's; the one that went out is measured as before.
    refused = clone.repro("campaign/dvc.yaml")
    assert refused.returncode != 0
    assert "was made with what the campaign 'demo' of 2026-11-01 taught" in refused.stderr
    assert (campaign / "learned.yaml").read_bytes() == adopt
    file = campaign / "params.yaml"
    text = file.read_text("utf-8").replace("list: offers", "list: campaign/2026-11")
    file.write_text(text, "utf-8")
    again = clone.repro("campaign/dvc.yaml")
    assert again.returncode == 0, again.stdout + again.stderr
    assert (campaign / "learned.yaml").read_bytes() == adopt
    assert read_json(campaign / "metrics/measure.json") == figures


def test_nobody_answers_the_offers_of_a_shops_own_list(clone):
    raw = clone.folder / "data" / "raw"
    raw.mkdir()
    for name in ("market_file", "market_money", "market_time", "money"):
        shutil.copy(clone.folder / "data" / "demo" / f"{name}.csv", raw)
    clone.edit(lambda params: params["data"].update(source="data/raw"))
    result = clone.repro("campaign/dvc.yaml:answer")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "nobody answers the offers of a shop's own list here" in result.stdout + result.stderr
    answers = (clone.folder / "campaign/answers.csv").read_text("utf-8")
    assert answers == "id,Связались,Покупательская активность,Прибыль\n"


def test_a_wrong_file_gives_one_sentence_and_keeps_earlier_results(clone):
    file = clone.folder / "data" / "demo" / "market_file.csv"
    lines = file.read_text("utf-8").split("\n")
    lines[4] = lines[4].replace("Прежний уровень", "Упала").replace("Снизилась", "Упала")
    file.write_text("\n".join(lines), "utf-8")
    before = clone.content("metrics", "plots", "data")
    result = clone.repro("--single-item", "prepare")
    assert result.returncode != 0
    assert "market_file.csv, line 5: 'Покупательская активность' is 'Упала'" in result.stderr
    assert "Traceback" not in result.stderr
    assert clone.content("metrics", "plots", "data") == before


@pytest.mark.parametrize(
    ("target", "section", "hint"),
    [
        ([], "offer", "'offer' has the unknown key 'sed'"),
        (["nest@knn"], None, "has the unknown key 'sed': did you mean 'seed'?"),
        (["report"], None, "has the unknown key 'sed': did you mean 'seed'?"),
    ],
)
def test_a_mistake_anywhere_in_the_parameters_stops_every_stage(clone, target, section, hint):
    clone.edit(lambda params: (params[section] if section else params).update(sed=43))
    result = clone.repro(*target)
    assert result.returncode != 0
    assert hint in result.stderr
    assert "Traceback" not in result.stderr
    assert stages_run(result) == ["check"]


def test_removing_a_parameter_says_which(clone):
    clone.edit(lambda params: params["split"].pop("folds"))
    result = clone.run_in(clone.folder, "python", "-m", "stages.split")
    assert result.returncode == 1
    assert result.stderr.strip() == (
        "params.yaml: 'split.folds' is missing: add it, or restore it from git."
    )


@pytest.fixture(scope="module")
def shuffled(built, tmp_path_factory):
    """Give the pipeline on the same store with outcomes that mean nothing."""
    other = built.copied(tmp_path_factory.mktemp("shuffled") / "clone")
    made = other.run_in(other.folder, "python", "-m", "tools.shuffle")
    assert made.returncode == 0, made.stderr
    other.edit(lambda params: params["data"].update(source="data/shuffled"))
    result = other.repro()
    assert result.returncode == 0, result.stdout + result.stderr
    return other


@pytest.mark.slow
def test_on_shuffled_outcomes_every_roc_auc_is_in_its_null_band(shuffled):
    figures = read_json(shuffled.folder / "metrics" / "evaluate.json")
    declined, stayed = figures["declined"], figures["customers"] - figures["declined"]
    # Mann and Whitney's: of a score that knows nothing.
    error = ((declined + stayed + 1) / (12 * declined * stayed)) ** 0.5
    for name, found in {"procedure": figures, **figures["families"]}.items():
        assert abs(found["roc_auc"]["value"] - 0.5) < 3 * error, name
        assert found["roc_auc"]["low"] < 0.5 < found["roc_auc"]["high"], name


@pytest.mark.slow
def test_on_shuffled_outcomes_nothing_holds_and_nobody_is_promised_money(shuffled):
    cuts = pd.read_csv(shuffled.folder / "data" / "cut" / "cuts.csv")
    found = pd.read_csv(shuffled.folder / "data" / "discover" / "found.csv")
    assert cuts["holds"].sum() == 0
    assert (found["holds"] == True).sum() == 0  # noqa: E712 - missing for clusters
    assert len(pd.read_csv(shuffled.folder / "offers" / "contact_list.csv")) == 0
    assert len(pd.read_csv(shuffled.folder / "offers" / "contact_list_for_excel.csv", sep=";")) == 0
    assert read_json(shuffled.folder / "metrics" / "plan.json")["ranks"] is False
    offered = read_json(shuffled.folder / "metrics" / "offer.json")
    assert (offered["customers"], offered["contacted"], offered["control"]) == (0, 0, 0)
    assert offered["control_costs"] == 0
    for line in offered["increment"].values():
        assert set(line.values()) == {0}
    page = (shuffled.folder / "report" / "index.html").read_text("utf-8")
    assert "никого нет" in " ".join(page.split())


@pytest.mark.slow
def test_on_shuffled_outcomes_a_plan_brings_nothing_over_not_knowing_who_will_decline(shuffled):
    over = read_json(shuffled.folder / "metrics" / "decide.json")["over"]["uninformed"]
    assert over["realised"]["low"] <= 0 <= over["realised"]["high"]
    # Though it promises something: what is said of outcomes doesn't rest on the probabilities.
    assert over["expected"] > 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_a_build_elsewhere_that_is_killed_ten_times_ends_with_the_same_lock(built, tmp_path):
    """In a clone with line ends of Windows, under another name, hash seed, time zone and locale."""
    origin, clone = tmp_path / "origin", tmp_path / "путь с пробелом"
    made = ("tmp", "cache", "data", "models", "report", "metrics", "plots", "dvc.lock")
    kept = {built.folder: made, built.folder / ".dvc": ("tmp", "cache")}
    shutil.copytree(
        built.folder,
        origin,
        ignore=lambda folder, names: [name for name in names if name in kept.get(Path(folder), ())],
    )
    as_someone = ["-c", "user.name=Someone", "-c", "user.email=someone@example.org"]
    built.run_in(origin, "git", "add", "--all")
    built.run_in(origin, "git", *as_someone, "commit", "--quiet", "-m", "Small")
    built.run_in(tmp_path, "git", "clone", "-c", "core.autocrlf=true", str(origin), str(clone))
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    elsewhere = {"PYTHONHASHSEED": "7", "TZ": "Asia/Kamchatka", "LC_ALL": "C", "PATH": path}
    random = np.random.default_rng(0)
    with (tmp_path / "said.txt").open("wb") as said:
        for moment in [*random.uniform(2, 10, 10), None]:
            # As `make repro` does: a kill while DVC writes dvc.lock leaves half of it.
            built.run_in(clone, sys.executable, "-m", "tools.mend_lock")
            dvc = subprocess.Popen(
                ["dvc", "repro"],
                cwd=clone,
                env={**os.environ, **elsewhere},
                stdout=said,
                stderr=subprocess.STDOUT,
            )
            try:
                dvc.wait(moment)
            except subprocess.TimeoutExpired:
                dvc.kill()
                dvc.wait()
                time.sleep(1.5)  # in which the stage ends
    assert dvc.returncode == 0, (tmp_path / "said.txt").read_text("utf-8")[-2000:]
    assert (clone / "dvc.lock").read_bytes() == (built.folder / "dvc.lock").read_bytes()
    assert [*clone.rglob(".*.new*"), *clone.rglob(".*.old*")] == []
