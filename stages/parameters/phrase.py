"""Parameters of `phrase`."""

from typing import Annotated

from pydantic import AfterValidator, Field

from retention.contract.columns import CATEGORIES, LEVELS, NUMBERS
from retention.harness.parameters import Section, Values, refuse_key
from stages.parameters.report_language import Language


def _known(controllable: dict[str, list[str]]) -> dict[str, list[str]]:
    for column, levels in controllable.items():
        if column not in (*NUMBERS, *CATEGORIES):
            refuse_key(column, [*NUMBERS, *CATEGORIES])
        for level in levels:
            # The levels of a category are the shop's own words.
            if column in NUMBERS and level not in LEVELS:
                refuse_key(f"{column}.{level}", [f"{column}.{known}" for known in LEVELS])
    return controllable


class Phrase(Section):
    """`phrase`."""

    least_reason: Annotated[float, Field(ge=0)]
    controllable: Annotated[dict[str, Values[str]], AfterValidator(_known)]


class Params(Section):
    """What the stage reads."""

    phrase: Phrase
    language: Language
