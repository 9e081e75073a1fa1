"""Check params.yaml as a whole: `python -m stages.parameters`.

Every stage starts with this check, in a process of its own (retention/harness/stage.py), so that a
mistake anywhere in params.yaml stops the pipeline before anything runs.
"""

import importlib
import pkgutil
import sys
from pathlib import Path

from pydantic import create_model

import stages.parameters
from retention.families import known_families, read_grid
from retention.harness.errors import UserError
from retention.harness.parameters import PARAMS_FILE, Section, declared, validate
from retention.harness.yaml12 import read_yaml


def check(path: Path = PARAMS_FILE) -> None:
    """Raise UserError, one sentence a mistake, for anything wrong in a parameters file."""
    content = read_yaml(path)
    whole = validate(_whole_file(), content, str(path)).model_dump()
    for family, grid in whole["families"].items():
        read_grid(family, grid)
    # Families that were removed from `families` may stay in the order, misspelt ones may not.
    for family in whole["choose"]["simplest_first"]:
        if family not in known_families():
            raise UserError(
                f"{path}: 'choose.simplest_first' names '{family}', which is no known family: use "
                f"some of {', '.join(known_families())}."
            )
    chosen, families = whole["choose"], whole["families"]
    for family in chosen["members"]:
        if family not in families:
            raise UserError(
                f"{path}: 'choose.members' names '{family}', which isn't among 'families': use "
                f"some of {', '.join(families)}."
            )
    if chosen["rule"] == "blend" and len(chosen["members"]) < 2:
        raise UserError(
            f"{path}: 'choose.rule' is blend, but 'choose.members' names fewer than two families: "
            "name more, or use another rule."
        )


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


if __name__ == "__main__":
    try:
        check()
    except UserError as error:
        sys.exit(str(error))
