"""params.yaml: experiments leave it as it is but for the value, and its comments tell the truth."""

import re
import shutil

import pytest
from dvc.utils.hydra import apply_overrides
from imports import ROOT

from retention.harness.yaml12 import read_yaml

FILE = ROOT / "params.yaml"
CAMPAIGN_FILE = ROOT / "campaign/params.yaml"
STAGES = read_yaml(ROOT / "dvc.yaml")["stages"]
CAMPAIGN = read_yaml(ROOT / "campaign/dvc.yaml")["stages"]


def lines(path):
    return path.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def changed(tmp_path):
    """Return what DVC writes for `-S`, as the lines that are gone and those that are new."""

    def change(override):
        copy = tmp_path / "params.yaml"
        shutil.copy(FILE, copy)
        apply_overrides(copy, [override])
        before, after = lines(FILE), lines(copy)
        gone = [line for line in before if before.count(line) > after.count(line)]
        new = [line for line in after if after.count(line) > before.count(line)]
        return gone, new, before, after

    return change


@pytest.mark.parametrize(
    ("override", "gone", "new"),
    [
        ("confidence=0.9", "confidence: 0.95", "confidence: 0.9"),
        ("offer.horizon_months=6", "  horizon_months: 3", "  horizon_months: 6"),
        ("offer.budget=20", "  budget:", "  budget: 20"),
        (
            "offer.share_lost.low=0.2",
            "  share_lost: {distribution: uniform, low: 0.3, high: 0.7, origin: a guess}",
            "  share_lost: {distribution: uniform, low: 0.2, high: 0.7, origin: a guess}",
        ),
        ("choose.insurance.logistic=20", "    logistic: 10", "    logistic: 20"),
        ("families.knn.answer=best", "    answer: average", "    answer: best"),
        ("data.source=data/raw", "  source: data/demo", "  source: data/raw"),
    ],
)
def test_a_changed_value_changes_its_line_alone(changed, override, gone, new):
    was, found, before, after = changed(override)
    assert set(was) <= {gone}
    assert set(found) <= {new}
    assert len(after) == len(before)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


@pytest.mark.parametrize(
    "override",
    ["families.knn.n_neighbors=[5]", "~families.knn", "segment.risk_cuts=[0.5]", "+train.more=1"],
)
def test_no_comment_is_lost_with_lists_and_families(changed, override):
    gone, *_ = changed(override)
    # The comment on a list that is replaced goes with the list.
    kept = [line for line in gone if line.strip().startswith("#") and "bands of risk" not in line]
    assert [line for line in kept if "over all customers" not in line] == []


def test_the_last_insurance_can_be_taken_away(tmp_path):
    copy = tmp_path / "params.yaml"
    shutil.copy(FILE, copy)
    apply_overrides(copy, ["~choose.insurance.logistic"])
    assert read_yaml(copy)["choose"]["insurance"] == {}


def readers(section):
    """Return the stages that read a section of params.yaml, or a part of it."""
    found = set()
    for stage, definition in STAGES.items():
        for name in definition.get("do", definition).get("params", []):
            if isinstance(name, str) and name.split(".")[0] == section:
                found.add(stage)
    return found


def readers_of_campaign(section):
    """Return the stages that read a section of campaign/params.yaml."""
    return {
        stage
        for stage, definition in CAMPAIGN.items()
        for entry in definition["params"]
        if isinstance(entry, dict) and section in entry.get("campaign/params.yaml", [])
    }


def blocks(path):
    """Return section → its text, comments included."""
    parts = re.split(r"(?m)^(?=[a-z_]+:)", path.read_text(encoding="utf-8"))
    return {part.split(":", 1)[0]: part for part in parts[1:]}


def named(path, section, stages):
    """Return the stages that the comment of a section names."""
    text = " ".join(line.strip().lstrip("# ") for line in blocks(path)[section].splitlines())
    sentence = re.search(r"Re-runs: ([^.]*)\.", text)
    assert sentence, f"'{section}' lacks 'Re-runs: …'"
    return set(re.findall(r"[a-z_]+", sentence[1])) & set(stages)


@pytest.mark.parametrize("section", list(read_yaml(FILE)))
def test_the_comment_names_the_stages_that_a_change_reruns(section):
    assert named(FILE, section, STAGES) == readers(section)


@pytest.mark.parametrize("section", list(read_yaml(CAMPAIGN_FILE)))
def test_the_comment_of_a_campaign_names_the_stages_that_a_change_reruns(section):
    assert named(CAMPAIGN_FILE, section, CAMPAIGN) == readers_of_campaign(section)


@pytest.mark.parametrize("override", ["campaign=spring", "sent=2027-01-31", "list=campaign/spring"])
def test_a_changed_value_of_a_campaign_changes_its_line_alone(tmp_path, override):
    copy = tmp_path / "params.yaml"
    shutil.copy(CAMPAIGN_FILE, copy)
    apply_overrides(copy, [override])
    before, after = lines(CAMPAIGN_FILE), lines(copy)
    assert len(after) == len(before)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1
    key, _, value = override.partition("=")
    assert read_yaml(copy)[key] == value
