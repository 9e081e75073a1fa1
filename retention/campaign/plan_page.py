"""The plan of measurement: what is fixed before anything is sent (offers/plan.md)."""

import math
from collections.abc import Mapping
from typing import Any

from retention.texts import Texts


def plan_lines(
    figures: Mapping[str, Any],
    prospects: Mapping[str, Any],
    *,
    fingerprint: str,
    months: float,
    confidence: float,
    texts: Texts,
) -> list[tuple[str, str]]:
    """Return heading and text of each point of the plan.

    Parameters
    ----------
    figures
        metrics/plan.json.
    prospects
        What the campaign can find out (`measurement.control.prospects`).
    fingerprint
        Of the list that the plan is for.
    months, confidence
        Horizon, and level of the intervals.
    texts
        In the reader's language.

    """

    def point(key: str, **values: str) -> tuple[str, str]:
        return texts.get("plan", f"{key}_title"), texts.get("plan", key).format(**values)

    level = texts.percent(confidence)
    smallest, adjusted = (
        _points(prospects[name], texts) for name in ("smallest", "smallest_adjusted")
    )
    nobody, everybody = (expected(figures["over"][name], texts) for name in ("nobody", "everybody"))
    gives_up = expected(figures["control_costs"], texts)
    brings = "brings" if figures["in_money"] else "brings_kept"
    learns, profit = _learns(prospects), prospects["smallest_profit"]
    seen = []
    if learns == "power" and profit is not None:
        promised = figures["over"]["nobody"]["value"] / figures["customers"]
        found = {"smallest": texts.number(profit, 2), "promised": texts.number(promised, 2)}
        seen = [point("profit" if promised >= profit else "profit_unseen", **found)]
    return [
        point("list", fingerprint=fingerprint),
        point(
            "arms",
            contacted=str(prospects["contacted"]),
            control=str(prospects["control"]),
        ),
        point("outcome" if figures["in_money"] else "outcome_kept", months=texts.number(months)),
        point("analysis", confidence=level),
        point(
            learns,
            rate=texts.percent(prospects["rate"]),
            smallest=smallest,
            adjusted=adjusted,
        ),
        *seen,
        point(brings, nobody=nobody, everybody=everybody, gives_up=gives_up),
        point("back" if figures["in_money"] else "back_kept"),
    ]


def plan_text(lines: list[tuple[str, str]], texts: Texts) -> str:
    """Return the plan as Markdown."""
    points = [f"**{heading}.** {text}" for heading, text in lines]
    return "\n\n".join([f"# {texts.get('plan', 'title')}", texts.get("plan", "intro"), *points, ""])


def _learns(prospects: Mapping[str, Any]) -> str:
    """Return which text says what the campaign can find out."""
    if not prospects["contacted"]:
        return "nobody"
    if not prospects["learns"]:
        return "no_control"
    smallest = [prospects[name] for name in ("smallest", "smallest_adjusted")]
    return "too_few" if any(one is None or math.isnan(one) for one in smallest) else "power"


def _points(share: float | None, texts: Texts) -> str:
    """Return a difference of shares in percentage points."""
    return texts.number(None if share is None else 100 * share, 1)


def expected(line: Mapping[str, float], texts: Texts) -> str:
    """Return what is expected over another policy, and how far the assumptions let it be off.

    In another notation than intervals: "120 (from 30 to 260)".
    """
    value, least, most = (texts.number(line[key], 1) for key in ("value", "least", "most"))
    return texts.get("plan", "range").format(value=value, least=least, most=most)
