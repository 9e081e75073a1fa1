"""Parameters of `judge`."""

from retention.harness.parameters import Section, Share


class Params(Section):
    """What the stage reads."""

    confidence: Share
