"""Parameters of `draw`."""

from retention.harness.parameters import Section, Share
from stages.parameters.report_language import Language


class Params(Section):
    """What the stage reads."""

    confidence: Share
    language: Language
