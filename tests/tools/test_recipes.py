"""The recipes of docs/experiments.md run, in its order, and do what the document says of them.

On a small store: what is looked at is which stages ran and what came of it, not the printed text.
Those in `LONG` build much of the pipeline anew: `pytest -m slow tests/tools/test_recipes.py` runs
all recipes one after the other, the suite the others alone.
"""

import re
from dataclasses import dataclass

import pytest
from pipeline import long_ones

from retention.harness.files import read_json
from tools.recipes import DOCUMENT, Recipe, recipes, run, tidy, written

TEXT = DOCUMENT.read_text(encoding="utf-8")
LONG = {"keep", "again", "own", "add", "month", "october"}


@dataclass(frozen=True)
class Told:
    """What a recipe printed, the stages that ran, and what was there after it."""

    output: str
    ran: list[str]
    changed: str
    roc_auc: float
    experiments: set[str]


PARAMS = [pytest.param(False, id="short"), pytest.param(True, id="all", marks=pytest.mark.slow)]


@pytest.fixture(scope="module", params=PARAMS)
def told(request, small_pipeline, tmp_path_factory):
    """Run the recipes, one after the other, in a clone that is built already."""
    clone = small_pipeline.copied(tmp_path_factory.mktemp("recipes") / "retention")
    for command in (
        ("config", "user.email", "someone@example.org"),
        ("config", "user.name", "Someone"),
        ("add", "--all"),
        ("commit", "--quiet", "-m", "Small"),
    ):
        clone.run_in(clone.folder, "git", *command)
    found = Recipes(clone)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOKY_MAX_CPU_COUNT", "1")  # as in Clone.run_in
        for recipe in recipes(TEXT):
            if request.param or recipe.name not in LONG:
                found.run(recipe)
    return found


class Recipes:
    """What each recipe did, by its name."""

    def __init__(self, clone):
        self.clone = clone
        self.folder = clone.folder
        self.roc_auc = read_json(self.folder / "metrics/headline.json")["roc_auc"]
        self.found = {}

    def run(self, recipe):
        """Run one, and keep what it did."""
        output = run(recipe, self.folder)
        self.found[recipe.name] = Told(
            output,
            re.findall(r"Running stage '([^']+)'", output),
            self.git("status", "--short"),
            read_json(self.folder / "metrics/headline.json")["roc_auc"],
            set(self.git("for-each-ref", "--format=%(refname:lstrip=4)", "refs/exps").split()),
        )

    def git(self, *arguments):
        """Run git in the clone, and return what it prints."""
        return self.clone.run_in(self.folder, "git", *arguments).stdout

    def __getitem__(self, name):
        """Return what a recipe did; a test of one that wasn't run is skipped."""
        if name not in self.found:
            pytest.skip(f"{name!r} is one of the long recipes")
        return self.found[name]


def test_a_second_run_runs_nothing(told):
    assert told["start"].ran == []
    assert told["start"].changed == ""


def test_a_changed_grid_runs_its_family_and_what_judges(told):
    assert long_ones(told["grid"].ran) == {"nest@svc", "tune@svc"}
    assert {"check", "choose", "evaluate"} <= set(told["grid"].ran)
    assert "train" not in told["grid"].ran


def test_the_way_back_is_clean(told):
    assert told["grid"].changed != ""
    for name in ("back", "families", "sweep", "queue"):
        assert told[name].changed == "", name
        assert told[name].roc_auc == told.roc_auc


def test_a_family_comes_and_goes_without_searching_others(told):
    assert long_ones(told["families"].ran) == {"nest@splines", "tune@splines"}


def test_a_sweep_leaves_an_experiment_a_value(told):
    assert {"pull-1", "pull-10000", "leaf-5", "leaf-19"} <= told["sweep"].experiments
    assert "nest@extra_trees" in told["sweep"].ran
    assert told["sweep"].ran.count("train") == 4


def test_the_queue_runs_beside_the_workspace(told):
    assert {"queued-1", "queued-2"} <= told["queue"].experiments
    assert told["queue"].changed == ""


def test_what_matters_fits_into_a_terminal(told):
    lines = told["show"].output.splitlines()
    assert max(len(line) for line in lines if not line.startswith("|")) <= 80
    assert any("pull-1" in line and "0." in line for line in lines if line.startswith("|"))
    assert re.search(r"^pull-10000,.*0\.\d+,10000", told["show"].output, re.MULTILINE)
    assert "roc_auc_low" in told["show"].output
    assert lines[-1] == "svc-wider: A wider grid of C"


def test_what_changed_fits_into_a_wide_terminal(told):
    assert not {"no-knn", "splines"} & told["changed"].experiments
    lines = told["changed"].output.splitlines()
    assert max(map(len, lines)) <= 120
    assert "…" not in told["changed"].output
    [head] = [line.split() for line in lines if "Experiment" in line]
    assert {"roc_auc", "train.pull", "families.svc.C"} <= set(head)


def test_comparing_names_the_setting_and_gives_verdicts(told):
    assert "train.pull: 100.0 → 1" in told["compare"].output
    assert re.search(r"ROC-AUC .*(within noise|better|worse|the same)", told["compare"].output)
    assert "Visible:" in told["compare"].output


def test_dvc_shows_both_numbers_and_the_page_is_there(told):
    assert re.search(r"train\.pull +100\.0 +1", told["diff"].output)
    assert (told.folder / "dvc_plots/index.html").is_file()


def test_an_experiment_becomes_a_branch_or_the_workspace(told):
    assert "nest@extra_trees" not in told["keep"].ran, "it had run already"
    assert "wider" in told.git("branch", "--format=%(refname:short)").split()
    assert "- 3.0" in told.git("show", "wider:params.yaml")
    assert {"explain", "report"} <= set(told["keep"].ran)
    assert told["keep"].changed == ""


def test_asking_why_runs_nothing(told):
    assert {"check", "train"} <= set(told["why"].ran)  # as --dry says
    assert told["why"].output.count("> python -m stages.") == len(told["why"].ran)
    assert told["why"].changed == ""
    assert re.search(r"train:\n\tchanged deps:\n\t\tparams\.yaml:", told["why"].output)


def test_only_what_is_needed_runs(told):
    assert told["only"].ran == ["draw@cut"]
    assert told["only"].changed == ""


def test_after_an_interruption_the_same_command_goes_on(told):
    output = told["again"].output
    assert "Traceback" not in output
    [failed] = re.findall(r"failed to reproduce '([^']+)'|interrupted by the user", output)
    after = output.split("ERROR", 1)[1]
    # It runs again, or what it gave in an earlier run comes from the cache.
    assert not failed or re.search(f"Running stage '{failed}'|Stage '{failed}' is cached", after)
    assert "ERROR" not in after
    assert told["again"].changed == ""


def test_half_a_lock_is_told_and_mended(told):
    before, after = told["mend"].output.split("dvc.lock was cut off by a build that was killed")
    assert "validation failed" in before
    assert "the last committed one is back" in after
    assert told["mend"].ran == []
    assert told["mend"].changed == ""


def test_two_branches_meet_and_nothing_is_left_to_run(told):
    output = told["merge"].output
    assert "dvc.lock: merged stage by stage" in output
    assert "CONFLICT" not in output
    assert output.rstrip().endswith("Data and pipelines are up to date.")


def test_a_remote_gives_a_colleague_everything(told):
    output = told["remote"].output
    assert "no default remote set" in output.replace("\n", " ")
    assert told["remote"].ran == []
    assert output.rstrip().endswith("Data and pipelines are up to date.")


def test_a_colleague_makes_the_same_of_an_experiment(told):
    assert told["colleague"].ran == ["train"]
    assert told["colleague"].output.rstrip().endswith("Data and pipelines are up to date.")


def test_own_files_are_refused_where_they_cannot_be_seen(told):
    assert "data/raw is neither in git nor in DVC" in told["own"].output
    assert "run `dvc add data/raw`, commit data/raw.dvc" in told["own"].output
    assert "prepare" in told["own"].ran


def test_own_files_go_into_experiments_once_they_are_added(told):
    assert "own-files" in told["add"].experiments
    assert "train" in told["add"].ran
    assert told["add"].changed == ""


def test_next_month_is_compared_and_going_back_is_clean(told):
    assert {"prepare", "nest@knn", "evaluate", "report"} <= set(told["month"].ran)
    assert "Other customers" in told["month"].output
    assert told["october"].output.strip().endswith("Data and pipelines are up to date.")
    assert told["october"].roc_auc == told["own"].roc_auc != told["month"].roc_auc
    assert told["october"].changed == ""


def test_every_recipe_shows_its_output():
    shown = re.findall(r"<!-- run (\S+) -->\n```sh\n.*?```\n\n```text\n(.*?)```", TEXT, re.DOTALL)
    silent = {"back", "add"}
    assert {name for name, _ in shown} >= {one.name for one in recipes(TEXT)} - silent


def test_outputs_are_cleaned_of_what_no_two_runs_have_alike(tmp_path):
    raw = (
        "tune:  10%|█ | 1/10 [00:01]\rtune: 100%|██| 10/10 [00:02]\n"
        f"Stage 'a' didn't change, skipping\nStage 'b' didn't change, skipping\n{tmp_path}/x\n"
        + "".join(f"Running stage '{n}':\n> python -m stages.{n}\n" for n in range(9))
        + "[main 1f2e3d4] A word decade\n"
    )
    assert tidy(raw, tmp_path / "retention") == (
        "(2 stages didn't change)\n~/x\nRunning stage '0':\nRunning stage '1':\n"
        "Running stage '2':\n… 4 more …\nRunning stage '7':\nRunning stage '8':\n"
        "[main 1a2b3c4] A word decade\n"
    )


def test_writing_outputs_again_changes_nothing():
    text = "a\n<!-- run x -->\n```sh\nls\n```\n<!-- /run -->\nb\n"
    assert recipes(text) == [Recipe("x", "ls\n")]
    once = written(text, {"x": "out\n"})
    assert "```text\nout\n```\n<!-- /run -->" in once
    assert written(once, {"x": "out\n"}) == written(once, {}) == once
    assert written(once, {"x": ""}) == text
