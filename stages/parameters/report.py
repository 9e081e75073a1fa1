"""Parameters of `report`."""

from typing import Annotated, Literal

from retention.harness.parameters import At, Section, Share


class Report(Section):
    """`report`."""

    language: Literal["ru", "en"]


class Params(Section):
    """What the stage reads."""

    confidence: Share
    report: Report
    source: Annotated[str, At("data.source")]
    least_reason: Annotated[float, At("phrase.least_reason")]
