"""Which columns the model may see."""

from retention.harness.parameters import Section, Values


class Features(Section):
    """`features`: names of contract.yaml, which the stage `check` holds them to.

    Neither the id (the shop's file is sorted by class), nor the target, nor the profit (a result of
    the purchases) can be named here.
    """

    numbers: Values[str]
    categories: list[str]

    @property
    def all(self) -> list[str]:
        """Numbers, then categories: the order of columns everywhere."""
        return [*self.numbers, *self.categories]
