"""YAML as DVC writes it: version 1.2, whose numbers and booleans PyYAML (1.1) reads otherwise.

DVC writes `lr: 1e-05`, which PyYAML's own loader returns as a string, and `no`, which it returns
as False. The core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema) is short
enough to state.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from retention.harness.errors import UserError


class _CoreSchemaLoader(yaml.SafeLoader):
    """PyYAML's safe loader with the implicit types of YAML 1.2 and no duplicate keys."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the name and type are PyYAML's

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for (key, _), name in zip(node.value, keys, strict=True):
            if keys.count(name) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {name!r} stands twice", key.start_mark
                )
        return super().construct_mapping(node, deep=deep)


for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    (
        "float",
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)"
        r"|\.(?:nan|NaN|NAN))$",
        list("-+.0123456789"),
    ),
):
    _CoreSchemaLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first
    )


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    # PyYAML would read 010 as octal; in YAML 1.2 it is ten.
    return int(loader.construct_scalar(node))


_CoreSchemaLoader.add_constructor("tag:yaml.org,2002:int", _decimal)


def parse_scalar(text: str) -> Any:
    """Return a single value as YAML reads it: a number, a boolean, null or a text."""
    return yaml.load(text, Loader=_CoreSchemaLoader)  # noqa: S506 - a subclass of SafeLoader


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML 1.2 file.

    Raises UserError when the file is missing, isn't YAML or repeats a key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing: restore it with `git checkout {path}`.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8: save it again as UTF-8.") from error
    try:
        return yaml.load(text, Loader=_CoreSchemaLoader)  # noqa: S506 - a subclass of SafeLoader
    except yaml.YAMLError as error:
        raise UserError(f"{path} is not valid YAML: {' '.join(str(error).split())}.") from error
