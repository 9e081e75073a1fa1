"""What the page tells of: what the stages wrote, and the assumptions behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from retention.campaign.measurement.learned import Learned


@dataclass(frozen=True)
class Results:
    """Metrics and tables by the stage that wrote them, and the parameters that a reader must know.

    `prepare`, `evaluate`, `segments`, `reasons`, `plan` and `expect` are the metrics of prepare,
    evaluate, segment, phrase, plan and expect; `campaign` is offers/plan.json, `learned` what
    earlier campaigns taught, `findings` data/prepare/findings.csv; `categories` and `risk_profit`
    are tables of segment, `cuts` and `rules_met` of cut, with rates, `discovered` of discover,
    `described` their words. `absent` are the roles that the contract names no column for.
    """

    demo: bool
    confidence: float
    prepare: Mapping[str, Any]
    findings: pd.DataFrame
    evaluate: Mapping[str, Any]
    segments: Mapping[str, Any]
    discovered: pd.DataFrame
    described: Sequence[str]
    cuts: pd.DataFrame
    rules_met: pd.DataFrame
    categories: pd.DataFrame
    risk_profit: pd.DataFrame
    reasons: Mapping[str, Any]
    plan: Mapping[str, Any]
    campaign: Mapping[str, Any]
    learned: Learned
    expect: Mapping[str, Any]
    least_reason: float
    absent: Sequence[str] = ()
