"""Which columns the model may see."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator

from retention.contract.columns import CATEGORIES, NUMBERS
from retention.harness.parameters import Section, Values


def one_of(known: Sequence[str]) -> Any:
    """Return a check that a name is one of the known ones."""

    def check(name: str) -> str:
        if name not in known:
            raise ValueError(f"should be one of {', '.join(known)}")
        return name

    return AfterValidator(check)


Feature = Annotated[str, one_of((*NUMBERS, *CATEGORIES))]


class Features(Section):
    """`features`.

    Neither the id (the shop's file is sorted by class), nor the target, nor the profit (a result of
    the purchases) can be named here.
    """

    numbers: Values[Annotated[str, one_of(NUMBERS)]]
    categories: Values[Annotated[str, one_of(CATEGORIES)]]

    @property
    def all(self) -> list[str]:
        """Numbers, then categories: the order of columns everywhere."""
        return [*self.numbers, *self.categories]
