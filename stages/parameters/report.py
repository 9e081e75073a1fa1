"""Parameters of `report`."""

from typing import Annotated, Literal

from retention.harness.parameters import At, Section, Share
from stages.parameters.offer import KeptShare


class Report(Section):
    """`report`."""

    language: Literal["ru", "en"]


class Params(Section):
    """What the stage reads."""

    confidence: Share
    report: Report
    source: Annotated[str, At("data.source")]
    kept_share: Annotated[KeptShare, At("offer.kept_share")]
    horizon_months: Annotated[float, At("offer.horizon_months")]
    least_reason: Annotated[float, At("phrase.least_reason")]
