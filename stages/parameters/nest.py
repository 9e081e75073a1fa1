"""Parameters of `nest`."""

from stages.parameters.search import SearchParams


class Params(SearchParams):
    """What the stage reads."""
