"""params.yaml and contract.yaml as wholes: what no stage sees from its own part of them."""

import difflib
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import create_model

import stages.parameters
from retention.contract.columns import CUSTOMER_ID, LEVELS
from retention.contract.schema import (
    CONTRACT_FILE,
    IMPUTED,
    LABELS,
    NUMBERS,
    Contract,
    read_contract,
)
from retention.families import read_grid
from retention.harness.errors import UserError
from retention.harness.parameters import PARAMS_FILE, Section, declared, validate
from retention.harness.yaml12 import read_yaml
from retention.intake.customers import exclusion_rules
from retention.intake.values import known_values
from retention.rules import Rule
from stages.parameters.cut import Cuts
from stages.parameters.offer import Offer
from stages.parameters.segment import Segment


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


def check_contract(content: Mapping[str, Any], path: Path = CONTRACT_FILE) -> Contract:
    """Return the contract, of which the `content` of params.yaml names columns.

    Raises UserError, one sentence a mistake, for anything wrong in it, for guesses that nobody has
    confirmed, and where one file names what the other doesn't have.
    """
    contract = read_contract(path)
    if contract.unconfirmed:
        raise UserError(
            f"{path}: nobody has confirmed {', '.join(contract.unconfirmed)}: look at each, "
            "correct it, and remove it from 'unconfirmed'."
        )
    mistakes = [
        f"{where} names '{name}', which isn't among {', '.join(known)}{_near(name, known)}."
        for where, names, known in (*_inside(contract, path), *_named(content, contract))
        for name in names
        if name not in known
    ]
    if mistakes:
        raise UserError("\n".join(mistakes))
    # Rules are checked as they are made.
    list(_exclusions(content, contract, path))
    list(_rules(content, contract))
    return contract


def rules_of_nobody(content: Mapping[str, Any], contract: Contract) -> list[str]:
    """Return a warning for each rule that names a value which no customer can have."""
    known = _labels(contract)
    return [
        f"{place}: no customer can have {column} '{value}'{_near(value, known[column])}"
        for place, rule in _rules(content, contract)
        for column, values in rule.compared().items()
        for value in values
        if column in known and value not in known[column]
    ]


def _labels(contract: Contract) -> dict[str, list[str]]:
    """Return the values of each column of words."""
    return {n: list(one.values or ()) for n, one in contract.columns.items() if one.kind in LABELS}


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else ""


def _inside(contract: Contract, path: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield place, names and what they may be, for what the contract names of itself."""
    columns = list(contract.columns)
    numbers = [name for name in columns if contract.columns[name].kind in NUMBERS]
    labels, written = _labels(contract), known_values(contract.tables)
    outcome, consent = contract.roles.outcome, contract.roles.consent
    others = [name for name in labels if name != outcome.column]
    allowed = {"outcome": list(labels), "consent": others, "category": others}
    for role, names in contract.roles.columns().items():
        yield f"{path}: 'roles.{role}'", names, allowed.get(role.split(".")[0], numbers)
    if outcome.column in labels:
        yield f"{path}: 'roles.outcome.decline'", [outcome.decline], labels[outcome.column]
    if consent and consent.column in labels:
        yield f"{path}: 'roles.consent.yes'", [consent.yes], labels[consent.column]
    for group, names in contract.groups.items():
        # A customer without an outcome would pass for one who stayed.
        allowed_here = [one for one in columns if (group, one) != (IMPUTED, outcome.column)]
        yield f"{path}: 'groups.{group}'", names, allowed_here
    for name, weights in contract.derived.items():
        yield f"{path}: 'derived.{name}'", list(weights), numbers
    for typo in contract.repairs:
        yield f"{path}: 'repairs'", [typo.column], list(written)
        yield f"{path}: 'repairs'", [typo.meant], written.get(typo.column, [typo.meant])
    for language, titles in contract.titles.items():
        for name, offer in titles.offers.items():
            gaps = [gap for text in (offer.title, offer.why) for gap in _gaps(text)]
            known = [one for one in columns if one != outcome.column]
            yield f"{path}: 'titles.{language}.offers.{name}'", gaps, known


def _gaps(text: str) -> list[str]:
    """Return what is to be filled in; a brace that belongs to no gap is among it."""
    return [gap or brace for gap, brace in re.findall(r"\{([^{}]*)\}|([{}])", text)]


def _named(
    content: Mapping[str, Any], contract: Contract
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield place, names and what they may be, for what params.yaml names of the contract."""
    numbers, labels = contract.features(NUMBERS), contract.features(LABELS)
    rules = content["segment"]["rules"]
    yield f"{PARAMS_FILE}: 'features.numbers'", content["features"]["numbers"], numbers
    yield f"{PARAMS_FILE}: 'features.categories'", content["features"]["categories"], labels
    for key in content["split"]["same_customer"]:
        yield f"{PARAMS_FILE}: 'split.same_customer'", key, [*numbers, *labels]
    for column, levels in content["phrase"]["controllable"].items():
        yield f"{PARAMS_FILE}: 'phrase.controllable'", [column], [*numbers, *labels]
        if column in numbers:
            yield f"{PARAMS_FILE}: 'phrase.controllable.{column}'", levels, list(LEVELS)
    for name, offer in content["offer"]["catalogue"].items():
        place = f"{PARAMS_FILE}: 'offer.catalogue.{name}.answers'"
        yield place, offer["answers"], [*numbers, *labels]
    yield f"{PARAMS_FILE}: 'decide.lists'", content["decide"]["lists"], list(rules)


def _exclusions(content: Mapping[str, Any], contract: Contract, path: Path) -> Iterator[Rule]:
    # Nobody knows the outcome of the customers that a list is for, and they are read the same way.
    outcome = contract.roles.outcome.column
    columns = [CUSTOMER_ID, *(name for name in contract.columns if name != outcome)]
    yield from exclusion_rules(contract.exclusions, content["prepare"], columns).values()
    for name, check in contract.checks.items():
        yield Rule(check.rule, columns, f"{path}: 'checks.{name}'")


def _rules(content: Mapping[str, Any], contract: Contract) -> Iterator[tuple[str, Rule]]:
    """Yield the rules of params.yaml by place, read with the columns that they may name."""
    columns = contract.rule_columns
    segment, offer = Segment(**content["segment"]), Offer(**content["offer"])
    reference = Cuts(**content["cut"]).rules(contract.features((*NUMBERS, *LABELS)))
    within = segment.within(columns)
    yield from ((f"cut.reference.{name}", rule) for name, rule in reference.items())
    yield from ((f"segment.rules.{name}", rule) for name, rule in segment.parsed(columns).items())
    if within:
        yield "segment.within_categories", within
    for place, rule in offer.rules(columns).items():
        yield f"offer.{place}", rule
