"""Typed sections of params.yaml, and sentences for what is wrong in it."""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from retention.harness.errors import UserError
from retention.harness.yaml12 import read_yaml

PARAMS_FILE = Path("params.yaml")

T = TypeVar("T")
S = TypeVar("S", bound="Section")


class Section(BaseModel):
    """A mapping in params.yaml: only known keys, no silent conversions."""

    model_config = ConfigDict(frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, data: Any) -> Any:
        if isinstance(data, dict):
            for key in data:
                if key not in cls.model_fields:
                    refuse_key(str(key), list(cls.model_fields))
        return data


def refuse_key(key: str, known: list[str]) -> None:
    """Raise the error for a key that isn't among `known`, with the nearest one as a hint."""
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"known here are {', '.join(known)}."
    raise PydanticCustomError(
        "unknown_key", "has the unknown key '{key}': {hint}", {"key": key, "hint": hint}
    )


def distinct(values: list[T]) -> list[T]:
    """Return the values. Raises an error where one is repeated."""
    if len({repr(value) for value in values}) < len(values):
        raise PydanticCustomError("repeated", "repeats a value: name each one once")
    return values


# The values of one hyperparameter in a grid, or any other list of choices.
Values = Annotated[list[T], Field(min_length=1), AfterValidator(distinct)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Share = Annotated[float, Field(gt=0, lt=1)]


@dataclass(frozen=True)
class At:
    """Marks a field of a stage's Params that isn't a top-level key of params.yaml.

    `path` is dotted; `{item}` stands for the item of a `foreach` stage. `contract.yaml:roles` is
    the key `roles` of another file.
    """

    path: str


def declared(params: type[Section], item: str = "") -> dict[str, str]:
    """Return field → dotted path in params.yaml: all that a stage with these Params reads.

    A path in another file begins with that file's name and a colon.
    """
    paths = {}
    for name, field in params.model_fields.items():
        at = [mark.path for mark in field.metadata if isinstance(mark, At)]
        paths[name] = at[0].format(item=item) if at else name
    return paths


def load(params: type[S], item: str = "", path: Path = PARAMS_FILE) -> S:
    """Read what `params` declares, and no more, from params.yaml and the files that it names.

    Raises UserError, one sentence a mistake, when something is missing or wrong.
    """
    paths = declared(params, item)
    contents: dict[Path, Any] = {}
    picked = {}
    for name, place in paths.items():
        other, _, dotted = place.rpartition(":")
        file = path.parent / other if other else path
        value = contents.setdefault(file, read_yaml(file))
        for key in dotted.split("."):
            if not isinstance(value, dict) or key not in value:
                raise UserError(f"{file} lacks '{dotted}': restore it from git.")
            value = value[key]
        picked[name] = value
    return validate(params, picked, str(path), paths=paths)


def validate(
    model: type[S],
    content: Any,
    file: str,
    prefix: str = "",
    paths: dict[str, str] | None = None,
) -> S:
    """Check `content` against `model`. Raises UserError, one sentence a mistake.

    The sentences name the keys as they stand in `file`: below `prefix`, and with the first part of
    a key (a field of a stage's Params) replaced by its place according to `paths`.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        sentences = [_sentence(details, file, prefix, paths or {}) for details in error.errors()]
        raise UserError("\n".join(sentences)) from error


def _sentence(details: ErrorDetails, file: str, prefix: str, paths: dict[str, str]) -> str:
    parts = [str(part) for part in details["loc"]]
    if parts:
        parts[0] = paths.get(parts[0], parts[0])
    key = ".".join([prefix, *parts]).strip(".")
    other, _, rest = key.rpartition(":")
    file, key = (other, rest) if other else (file, key)
    where = f"{file}: '{key}'" if key else file
    match details["type"]:
        case "missing":
            return f"{where} is missing: add it, or restore it from git."
        case "too_short":
            return f"{where} is empty: give at least one value."
        case "unknown_key":
            return f"{where} {details['msg']}"
        case _:
            message = details["msg"].removeprefix("Value error, ")
            message = message.removeprefix("Input ").removeprefix("String ")
            return f"{where} {message}, but it is {details['input']!r}: correct it."
