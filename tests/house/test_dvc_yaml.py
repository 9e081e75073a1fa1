"""Both dvc.yaml declare all that a stage imports and reads, and their locks are what that gave."""

import ast
import hashlib
import importlib
import inspect
import json
import textwrap
from pathlib import Path

import pytest
from imports import ROOT, deps_of, imported_files, local_files

from retention.harness.files import read_json
from retention.harness.parameters import Section, declared
from retention.harness.yaml12 import read_yaml

PIPELINE = read_yaml(ROOT / "dvc.yaml")
PARAMS = read_yaml(ROOT / "params.yaml")
CONTRACT = read_yaml(ROOT / "contract.yaml")
# A pipeline of its own, whose stages run in the root's folder too.
CAMPAIGN = read_yaml(ROOT / "campaign/dvc.yaml")
CAMPAIGN_PARAMS = read_yaml(ROOT / "campaign/params.yaml")
DEFINITIONS = {**PIPELINE["stages"], **CAMPAIGN["stages"]}
LOCK = {
    stage: entry
    for file in ("dvc.lock", "campaign/dvc.lock")
    for stage, entry in read_yaml(ROOT / file)["stages"].items()
}
STAGES = list(DEFINITIONS)
CODE = ("retention/", "stages/")


# Raw results only, which DVC's run cache brings back: nothing in git, and neither levels of
# intervals nor words.
LONG = {"audit", "confront", "cut", "discover", "explain", "learn", "nest", "tune"}


def body(stage):
    definition = DEFINITIONS[stage]
    return definition.get("do", definition)


def items(stage):
    """Return the items of a `foreach` stage, or one empty one."""
    match DEFINITIONS[stage].get("foreach", [""]):
        case str() as section:
            return list(PARAMS[section.strip("${}")])
        case listed:
            return listed


def params_of(stage):
    """Return the parameters that a stage declares, of other files as `file:key`."""
    found = []
    for entry in body(stage).get("params", []):
        match entry:
            case str():
                found.append(entry)
            case dict():
                found += [f"{file}:{key}" for file, keys in entry.items() for key in keys]
    return found


def script(stage):
    """Return the script that a stage runs: one may serve two stages whose outputs differ."""
    return body(stage)["cmd"].split()[2].removeprefix("stages.")


def of_script(name):
    return [stage for stage in STAGES if script(stage) == name]


def outs(stage):
    """Return the outputs with their settings, items standing for `${key}` and `${item}`."""
    found = {}
    for out in [*body(stage).get("outs", []), *body(stage).get("metrics", [])]:
        [(path, settings)] = [(out, {})] if isinstance(out, str) else out.items()
        for item in items(stage):
            found[path.replace("${key}", item).replace("${item}", item)] = settings
    return found


def scripts():
    return {path.stem for path in (ROOT / "stages").glob("*.py")} - {"__init__"}


def at(dotted, value):
    for key in dotted.split("."):
        value = value[key]
    return value


def test_every_script_is_a_stage_and_every_stage_a_script():
    assert scripts() == {script(stage) for stage in STAGES}


@pytest.mark.parametrize("stage", STAGES)
def test_stage_runs_the_script_of_its_name(stage):
    foreach = DEFINITIONS[stage].get("foreach")
    item = {str: " ${key}", list: " ${item}"}.get(type(foreach), "")
    name = "draw" if stage == "draw_short" else stage
    assert body(stage)["cmd"] == f"python -m stages.{name}{item}"
    assert body(stage)["desc"]
    assert body(stage).get("wdir") == (".." if stage in CAMPAIGN["stages"] else None)


def test_no_name_of_a_stage_is_taken_twice():
    assert len(DEFINITIONS) == len(PIPELINE["stages"]) + len(CAMPAIGN["stages"])


@pytest.mark.parametrize("stage", STAGES)
def test_deps_are_exactly_the_rooms_of_the_imported_modules(stage):
    code = {dep for dep in body(stage)["deps"] if dep.startswith(CODE)}
    assert code == deps_of(script(stage))


ROOMS = (
    ("harness",),
    ("contract",),
    ("statistics", "rules"),
    ("intake", "demo", "folds", "scores", "exploration", "texts"),
    ("models", "reasons", "segments", "discovery", "campaign", "report"),
    ("families", "explanation", "charts"),
    ("selection", "scoring"),
    ("evaluation",),
    ("revisions", "next_month"),
)
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}


def room(file):
    return Path(file).parts[1].removesuffix(".py")


def test_every_room_has_its_place_in_the_order():
    here = {path.stem for path in (ROOT / "retention").iterdir() if path.name[0] not in "_."}
    assert here == set(LEVEL)


@pytest.mark.parametrize(
    "file", sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "retention").rglob("*.py"))
)
def test_rooms_import_only_from_rooms_before_them(file):
    """Among rooms of one level, no two import each other, which no circle of modules shows."""
    own = room(file)
    others = {room(other) for other in imported_files(file)} - {own, "__init__"}
    assert [other for other in others if LEVEL[other] > LEVEL[own]] == []
    level = {other for other in others if LEVEL[other] == LEVEL[own]}
    for other in level:
        back = {
            room(name)
            for path in (ROOT / "retention").rglob("*.py")
            if room(path.relative_to(ROOT)) == other
            for name in imported_files(path.relative_to(ROOT).as_posix())
        }
        assert own not in back, f"{own} and {other} import each other"


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "check"])
def test_params_are_exactly_what_the_stage_reads(stage):
    types = importlib.import_module(f"stages.parameters.{script(stage)}").Params
    assert set(params_of(stage)) == set(declared(types, "${key}").values())


@pytest.mark.parametrize("stage", sorted(scripts() - {"check"}))
def test_every_field_of_params_is_used(stage):
    """A field is used by the script, or by a method of the parameters that the script calls."""
    types = importlib.import_module(f"stages.parameters.{stage}").Params
    text = (ROOT / "stages" / f"{stage}.py").read_text(encoding="utf-8")
    left, seen = attributes(text, "params"), set()
    while left:
        name = left.pop()
        seen.add(name)
        if name not in types.model_fields and name not in dir(Section):
            method = getattr(types, name)
            source = inspect.getsource(getattr(method, "fget", method))
            left |= attributes(textwrap.dedent(source), "self") - seen
    assert seen & set(types.model_fields) == set(types.model_fields)


def attributes(text, of):
    """Return the attributes of a variable that a text names."""
    return {
        node.attr
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == of
    }


@pytest.mark.parametrize("stage", sorted(scripts()))
def test_every_file_that_the_script_names_is_declared(stage):
    """File names in a script (f-strings with their parts as `*`) are deps or outs of its stages."""
    declared_files = [file for name in of_script(stage) for file in files(name)]
    tree = ast.parse((ROOT / "stages" / f"{stage}.py").read_text(encoding="utf-8"))
    named = {
        text
        for text in (text_of(node) for node in ast.walk(tree))
        if text
        and Path(text).suffix in {".csv", ".parquet", ".json", ".skops", ".html", ".xlsx"}
        and "/" in text
        and not text.startswith("logs/")
        and " " not in text
    }
    for name in named:
        assert any(matches(name, file) for file in declared_files), f"{stage}: {name}"


def files(stage):
    deps = [dep.replace("${item}", item) for dep in body(stage)["deps"] for item in items(stage)]
    return [*deps, *outs(stage)]


def text_of(node):
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=values):
            return "".join(part.value if isinstance(part, ast.Constant) else "*" for part in values)
    return None


def matches(name, file):
    """Return whether a file, or a folder that holds it, may be meant; `*` stands for any part."""
    file = file.replace("${key}", "*")
    return Path(name).match(file) or Path(file).match(name) or Path(name).parent == Path(file)


@pytest.mark.parametrize("stage", STAGES)
def test_plots_and_metrics_live_in_git_and_only_checked_input_persists(stage):
    for path, settings in outs(stage).items():
        in_git = path.startswith(("metrics/", "plots/", "campaign/"))
        assert settings.get("cache", True) is not in_git, path
        # Elsewhere it would cost the run cache.
        assert settings.get("persist", False) is (stage in {"check", "prepare", "measure"}), path


@pytest.mark.parametrize("stage", sorted(LONG))
def test_long_stages_write_raw_results_and_are_cached(stage):
    assert all(path.startswith(("data/", "models/")) for path in outs(stage))
    assert not any(outs(stage).values())
    words = {"confidence", "report.language"}
    assert not words & set(params_of(stage))
    assert not [dep for dep in body(stage)["deps"] if "texts" in dep or "charts" in dep]


def test_only_pictures_and_the_customers_to_act_on_are_a_folder():
    for stage in STAGES:
        for path in outs(stage):
            assert (
                Path(path).suffix or script(stage) in {"draw", "judge"} or path == "data/score"
            ), path


def test_what_is_shown_is_made_by_a_stage():
    made = {path for stage in STAGES for path in outs(stage)}
    shown = set(PIPELINE["metrics"])
    for plot in PIPELINE["plots"]:
        [(name, settings)] = plot.items()
        shown |= set(settings["y"]) if settings else {name}
    shown |= {artifact["path"] for artifact in PIPELINE["artifacts"].values()}
    shown |= {f"campaign/{name}" for plot in CAMPAIGN["plots"] for name in plot}
    assert [path for path in shown if not {path, Path(path).parent.as_posix()} & made] == []


def locked():
    return [
        (stage, dep["path"], dep["md5"])
        for stage, entry in LOCK.items()
        for dep in entry.get("deps", [])
        if dep["path"].startswith((*CODE, "texts/", "templates/"))
    ] + [
        (stage, out["path"], out["md5"])
        for stage, entry in LOCK.items()
        for out in entry["outs"]
        if out["path"].startswith(("metrics/", "plots/", "campaign/"))
    ]


def digest(path):
    """Return what DVC has for a file, or for a folder: that of the list of its files."""
    if path.is_file():
        return hashlib.md5(path.read_bytes()).hexdigest()
    files = [
        {"md5": digest(file), "relpath": file.relative_to(path).as_posix()}
        for file in path.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    ]
    listed = json.dumps(sorted(files, key=lambda file: file["relpath"]), sort_keys=True)
    return hashlib.md5(listed.encode()).hexdigest() + ".dir"


@pytest.mark.parametrize("stage", list(LOCK))
def test_lock_is_what_the_committed_files_gave(stage):
    """Fails when code, texts or params changed without `dvc repro` and a commit of its results."""
    for name, path, md5 in locked():
        if name == stage:
            assert digest(ROOT / path) == md5, f"{path} changed: run `dvc repro`"
    files = {
        "params.yaml": PARAMS,
        "contract.yaml": CONTRACT,
        "campaign/params.yaml": CAMPAIGN_PARAMS,
    }
    for file, content in files.items():
        for dotted, value in LOCK[stage].get("params", {}).get(file, {}).items():
            assert at(dotted, content) == value, f"{file}: {dotted} changed: run `dvc repro`"


@pytest.mark.parametrize("stage", list(LOCK))
def test_lock_has_the_params_that_are_declared(stage):
    name, _, item = stage.partition("@")
    expected = {path.replace("${key}", item) for path in params_of(name)}
    files = LOCK[stage].get("params", {})
    found = {
        path if file == "params.yaml" else f"{file}:{path}"
        for file, values in files.items()
        for path in values
    }
    assert found == expected


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_is_declared_twice(stage):
    listed = [*body(stage).get("outs", []), *body(stage).get("metrics", [])]
    paths = [one if isinstance(one, str) else next(iter(one)) for one in listed]
    for names in (paths, body(stage)["deps"], params_of(stage)):
        assert len(names) == len(set(names))


def test_lock_has_the_stages_of_the_pipeline():
    expected = {f"{stage}@{item}".rstrip("@") for stage in STAGES for item in items(stage)}
    assert set(LOCK) == expected


# The stages that write the truth behind the demo store, hold the finished model against it, and let
# its customers answer offers.
TRUTH = {"simulate", "confront", "answer"}


def test_only_the_confrontation_reads_the_truth_behind_the_demo():
    for stage in scripts() - TRUTH:
        deps = [dep for name in of_script(stage) for dep in body(name)["deps"]]
        assert not [dep for dep in deps if "truth" in dep], stage
        text = (ROOT / "stages" / f"{stage}.py").read_text(encoding="utf-8")
        assert "truth.csv" not in text or stage == "judge", stage
        imported = local_files(f"stages.{stage}")
        assert not imported & {"retention/demo/store.py", "retention/demo/truth.py"}, stage


def test_nothing_that_trains_tunes_or_chooses_depends_on_the_truth():
    learning = {"split", "audit", "tune", "nest", "choose", "train"}
    before = set().union(*(upstream(stage) for stage in learning))
    assert {"prepare", "tune", "nest", "choose"} <= before
    assert not {"confront", "answer", "measure"} & before
    files_used = {dep for stage in before | learning for dep in body(stage)["deps"]}
    assert not [file for file in files_used if "truth" in file or "confront" in file]


def upstream(stage):
    """Return the stages whose outputs, or a folder of them, the stage needs, over all levels."""
    deps = {matchable(dep) for dep in files(stage)} - set(outs(stage))
    makers = {
        maker
        for maker in STAGES
        for path in map(Path, outs(maker))
        if maker != stage and {path.as_posix(), path.parent.as_posix()} & deps
    }
    return makers.union(*(upstream(maker) for maker in makers))


def matchable(path):
    source, coming = PARAMS["data"]["source"], PARAMS["data"]["next"]
    for name, value in {
        "${data.source}": source,
        "${data.next}": coming,
        "${list}": CAMPAIGN_PARAMS["list"],
        "${returned.file}": CAMPAIGN_PARAMS["returned"]["file"],
    }.items():
        path = path.replace(name, value)
    return path


def test_the_root_pipeline_needs_no_campaign():
    for stage in PIPELINE["stages"]:
        assert not [file for file in files(stage) if file.startswith("campaign/")], stage


def test_every_key_of_a_campaigns_parameters_is_read():
    read = {
        path.partition(":")[2].split(".")[0]
        for stage in CAMPAIGN["stages"]
        for path in params_of(stage)
        if path.startswith("campaign/params.yaml:")
    }
    assert read == set(CAMPAIGN_PARAMS)


def keys(content):
    for key, value in content.items() if isinstance(content, dict) else ():
        yield key
        yield from keys(value)


def test_metrics_have_names_that_every_terminal_can_show():
    files = sorted((ROOT / "metrics").rglob("*.json"))
    assert files
    for file in files:
        assert [key for key in keys(read_json(file)) if not key.isascii()] == [], file.name
