"""Families of models: one module each, named as in `families` of params.yaml.

A module has a `Grid`, the types of the family's hyperparameters, and `estimator(seed,
**hyperparameters)`. Where that saves work, it may also have `decisions(seed, members, train,
<<<<<<< HEAD
decline, test)`, the scores of many candidates at once, and `average(seed, members)`, an unfitted
classifier whose score is the mean of theirs. To add a family, add its module here and its
=======
decline, test)`, the scores of many candidates at once, and `average(seed, members)`, the unfitted
classifier whose score is the mean over candidates. To add a family, add its module here and its
>>>>>>> e
grid to params.yaml. A module imports scikit-learn inside its functions: the check of params.yaml
needs the grids alone, and has to stay fast.
"""

import importlib
import itertools
import pkgutil
from typing import Any, Literal, Protocol, Self, cast

from pydantic import Field, model_validator

from retention.harness.errors import UserError
from retention.harness.parameters import PARAMS_FILE, Section, Values, validate

Encoder = Literal["one-hot", "ordinal"]
Scaler = Literal["standard", "min-max", "robust"]
Subset = Literal["all", "behavioural", "engineered"]
Answer = Literal["best", "average"]  # of all candidates: the best one, or the mean of their scores
Candidate = dict[str, Any]


def _all_columns() -> list[Subset]:
    return ["all"]


class Grid(Section):
    """Values to try for each hyperparameter; encoder, scaler and subset of columns are three."""

    encoder: Values[Encoder]
    scaler: Values[Scaler]
    subset: Values[Subset] = Field(default_factory=_all_columns)
    answer: Answer = "best"

    @model_validator(mode="after")
    def _check_average(self) -> Self:
        together = len(self.encoder) == len(self.scaler) == len(self.subset) == 1
        if self.answer == "average" and not together:
            raise ValueError("should have one encoder, one scaler and one subset to be averaged")
        return self

    def candidates(self) -> list[Candidate]:
        """Return every combination, the last hyperparameter changing fastest."""
        values = self.model_dump(exclude={"answer"})
        return [
            dict(zip(values, point, strict=True)) for point in itertools.product(*values.values())
        ]


class Family(Protocol):
    """What each module of this package offers."""

    Grid: type[Grid]

    def estimator(self, seed: int, **hyperparameters: Any) -> Any:
        """Return the unfitted scikit-learn classifier."""


def known_families() -> list[str]:
    """Return the names of the modules here."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def find_family(name: str) -> Family:
    """Return the module of a family. Raises UserError for an unknown name."""
    if name not in known_families():
        raise UserError(
            f"{PARAMS_FILE}: 'families.{name}' is no known family: use one of "
            f"{', '.join(known_families())}, or add retention/families/{name}.py."
        )
    return cast(Family, importlib.import_module(f"{__name__}.{name}"))


def read_grid(name: str, content: Any) -> Grid:
    """Check a family's part of params.yaml. Raises UserError when it is wrong."""
    return validate(find_family(name).Grid, content, str(PARAMS_FILE), prefix=f"families.{name}")
