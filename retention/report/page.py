"""The page for marketing: one HTML file with everything in it."""

import base64
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from retention.report.tables import (
    categories_table,
    cuts_table,
    discovered_table,
    offers_table,
    segments_table,
)
from retention.texts import Texts

TEMPLATE = Path("templates/report.html.j2")
# Headings of the page, in its order; the parts of texts/ have the same names.
SECTIONS = (
    "summary",
    "what_to_do",
    "segments",
    "discovered",
    "thresholds",
    "categories",
    "reasons",
    "plots",
    "caveats",
)


def render(
    texts: Texts,
    language: str,
    *,
    demo: bool,
    confidence: float,
    quality: Mapping[str, Any],
    evaluation: Mapping[str, Any],
    segments: Mapping[str, Any],
    discovered: pd.DataFrame,
    cuts: pd.DataFrame,
    rules_met: pd.DataFrame,
    rules_met_roc_auc: Mapping[str, float | None],
    categories: pd.DataFrame,
    risk_profit: pd.DataFrame,
    reasons: Mapping[str, Any],
    offers: Mapping[str, Any],
    least_reason: float,
    kept: Mapping[str, float],
    months: float,
    pictures: Mapping[str, Mapping[str, Path]],
) -> str:
    """Return the page.

    The mappings are the metrics of the stages that the READMEs name, the tables those in data/.
    `pictures` has the pictures of each section by the key of what they are called without sight.
    """
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    roc_auc = evaluation["holdout"]["roc_auc"]
    level = texts.percent(confidence)
    return template.render(
        t=lambda key: texts.get("report", key),
        language=language,
        sections=SECTIONS,
        demo=demo,
        tiles=[
            _tile("customers", str(quality["customers"]), texts),
            _tile("decline_rate", texts.percent(quality["decline_rate"]), texts),
            _tile(
                "quality",
                texts.number(roc_auc["value"], 3),
                texts,
                _interval(roc_auc, level, texts),
            ),
            _tile("contacts", str(offers["customers"]), texts),
        ],
        sentences={
            "summary": [texts.get("report", "summary_text")],
            "what_to_do": [_say("what_to_do_text", texts, contacts=offers["customers"])],
            "segments": [
                _say(
                    "segments_text",
                    texts,
                    confidence=level,
                    least=texts.number(least_reason),
                ),
                *_flattery(segments, texts),
            ],
            "discovered": [
                texts.get("report", "discovered_text"),
                _say(
                    "discovered_hold",
                    texts,
                    hold=int(discovered["holds"].sum()),
                    segments=len(discovered),
                ),
            ],
            "thresholds": [
                _say("thresholds_text", texts, confidence=level),
                *_rules_met(rules_met, rules_met_roc_auc, level, texts),
            ],
            "categories": [
                _say(
                    "categories_text",
                    texts,
                    resilient=int(categories["resilient"].sum()),
                    categories=len(categories),
                    confidence=level,
                ),
                *_most_at_stake(risk_profit, texts),
            ],
            "reasons": [
                _say(
                    "reasons_text",
                    texts,
                    least=texts.number(least_reason),
                    raised=texts.percent(round(1 / (1 + math.exp(-least_reason)), 2)),
                ),
                _say(
                    "reasons_counts",
                    texts,
                    known=reasons["at_least"]["1"],
                    customers=reasons["customers"],
                    controllable=texts.percent(reasons["controllable"]),
                ),
            ],
        },
        tables={
            "what_to_do": offers_table(offers["by_offer"], texts),
            "segments": segments_table(segments, least_reason, texts),
            "discovered": discovered_table(discovered, texts),
            "thresholds": cuts_table(cuts, texts),
            "categories": categories_table(categories, texts),
        },
        expected=_range(offers["expected_profit"], texts),
        expected_text=_say(
            "expected_text",
            texts,
            low_kept=texts.percent(kept["low"]),
            high_kept=texts.percent(kept["high"]),
            kept=texts.percent(kept["expected"]),
            months=texts.number(months),
        ),
        caveats=texts.items("report", "caveats_items"),
        pictures={
            section: [
                {
                    "alt": texts.get("report", "pictures", name),
                    "data": base64.b64encode(path.read_bytes()).decode("ascii"),
                }
                for name, path in paths.items()
            ]
            for section, paths in pictures.items()
        },
    )


def _say(key: str, texts: Texts, **figures: object) -> str:
    return texts.get("report", key).format(**figures)


def _tile(key: str, value: str, texts: Texts, note: str = "") -> dict[str, str]:
    return {"label": texts.get("report", key), "value": value, "note": note}


def _interval(figure: Mapping[str, float | None], level: str, texts: Texts) -> str:
    low, high = (texts.number(figure[limit], 3) for limit in ("low", "high"))
    return _say("interval", texts, confidence=level, low=low, high=high)


def _range(figure: Mapping[str, float], texts: Texts) -> str:
    value, low, high = (texts.number(figure[key], 0) for key in ("value", "low", "high"))
    return f"{value} ({low} … {high})"


def _flattery(segments: Mapping[str, Any], texts: Texts) -> list[str]:
    """Return by how much scores of training customers by their own model would flatter, at most.

    Nothing when no segment would look better by a whole percentage point.
    """
    gains = {
        name: segment["in_sample"]["decline_rate"]["value"] - segment["decline_rate"]["value"]
        for name, segment in segments.items()
        if segment["customers"] and segment["in_sample"]["customers"]
    }
    name = max(gains, key=lambda name: gains[name], default="")
    if not name or gains[name] < 0.01:
        return []
    return [
        _say(
            "segments_flattered",
            texts,
            segment=texts.segment(name),
            flattered=texts.percent(segments[name]["in_sample"]["decline_rate"]["value"]),
            declined=texts.percent(segments[name]["decline_rate"]["value"]),
        )
    ]


def _rules_met(
    rules_met: pd.DataFrame, roc_auc: Mapping[str, float | None], level: str, texts: Texts
) -> list[str]:
    """Return declines of those who meet the fewest and the most rules, found without them.

    Nothing when all meet the same number.
    """
    unseen = rules_met[(rules_met["counted"] == "out_of_fold") & (rules_met["customers"] > 0)]
    if len(unseen) < 2:
        return []
    ends = unseen.sort_values("rules_met").iloc[[0, -1]].to_dict("records")
    rates = [
        f"{texts.percent(end['rate'])} ({texts.percent(end['low'])} … {texts.percent(end['high'])})"
        for end in ends
    ]
    return [
        _say(
            "rules_met_text",
            texts,
            fewest=ends[0]["rules_met"],
            fewest_rate=rates[0],
            most=ends[-1]["rules_met"],
            most_rate=rates[-1],
            value=texts.number(roc_auc["value"], 3),
            interval=_interval(roc_auc, level, texts),
        )
    ]


def _most_at_stake(risk_profit: pd.DataFrame, texts: Texts) -> list[str]:
    """Return what is at risk where the highest bands of risk and profit meet, if anything."""
    cell = risk_profit.iloc[-1]
    if not cell["customers"]:
        return []
    risk, quantile = (float(cell[band].split("..")[0]) for band in ("risk", "profit_quantile"))
    return [
        _say(
            "most_at_stake",
            texts,
            risk=texts.percent(risk),
            top=texts.percent(1 - quantile),
            customers=cell["customers"],
            at_risk=texts.number(cell["profit_at_risk"], 0),
        )
    ]
