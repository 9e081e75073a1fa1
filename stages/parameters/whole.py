"""params.yaml as a whole: what no stage sees from its own part of it."""

import ast
import difflib
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import create_model

import stages.parameters
from retention.families import read_grid
from retention.harness.errors import UserError
from retention.harness.parameters import PARAMS_FILE, Section, declared, validate
from retention.harness.yaml12 import read_yaml
from retention.intake.values import known_values


def check_parameters(path: Path = PARAMS_FILE) -> dict[str, Any]:
    """Return the content of a parameters file.

    Raises UserError, one sentence a mistake, for anything wrong in it.
    """
    content = read_yaml(path)
    whole = validate(_whole_file(), content, str(path)).model_dump()
    for family, grid in whole["families"].items():
        read_grid(family, grid)
    for name in ("members", "insurance"):
        for family in whole["choose"][name]:
            if family not in whole["families"]:
                raise UserError(
                    f"{path}: 'choose.{name}' names '{family}', which isn't among 'families': use "
                    f"some of {', '.join(whole['families'])}."
                )
    twice = set(whole["choose"]["members"]) & set(whole["choose"]["insurance"])
    if twice:
        raise UserError(
            f"{path}: 'choose' names '{min(twice)}' among members and as an insurance: decide."
        )
    if not any(whole["choose"]["members"].values()):
        raise UserError(f"{path}: 'choose.members' has no share above 0: give one of them a share.")
    race, folds = whole["search"]["race"], whole["split"]["folds"]
    if race["folds"] > folds:
        raise UserError(
            f"{path}: 'search.race.folds' is {race['folds']}, but 'split.folds' is {folds}: a race "
            "ends with the last fold at the latest."
        )
    return whole


def _whole_file() -> type[Section]:
    """Return the type of the file: the sections of all stages together."""
    sections = {}
    for module in pkgutil.iter_modules(stages.parameters.__path__):
        params = getattr(
            importlib.import_module(f"stages.parameters.{module.name}"), "Params", None
        )
        if params is None:
            continue
        for name, path in declared(params).items():
            if name == path:  # a part of another stage's section is checked with that
                sections[name] = (params.model_fields[name].rebuild_annotation(), ...)
    return create_model("Parameters", __base__=Section, **sections)  # type: ignore[call-overload, no-any-return]


def rules_of_nobody(content: Mapping[str, Any]) -> list[str]:
    """Return a warning for each rule that names a value which no customer can have."""
    known = known_values(content["prepare"]["categories"])
    found = []
    for place, rule in _rules(content):
        for column, value in _compared(rule):
            if column in known and value not in known[column]:
                near = difflib.get_close_matches(value, known[column], n=1, cutoff=0.5)
                hint = f"; did you mean '{near[0]}'?" if near else ""
                found.append(f"{place}: no customer can have {column} '{value}'{hint}")
    return found


def _rules(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for section, key in (("cut", "reference"), ("segment", "rules")):
        for name, rule in content[section][key].items():
            yield f"{section}.{key}.{name}", rule
    yield "offer.contact", content["offer"]["contact"]
    for name, entry in content["offer"]["catalogue"].items():
        yield f"offer.catalogue.{name}.when", entry["when"]


def _compared(rule: str) -> Iterator[tuple[str, str]]:
    """Yield the columns of a rule with the texts that they are compared with."""
    for node in ast.walk(ast.parse(rule, mode="eval")):
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield node.left.id, part.value
