"""Parameters of `tune`."""

from stages.parameters.search import SearchParams


class Params(SearchParams):
    """What the stage reads."""
