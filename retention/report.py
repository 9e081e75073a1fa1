"""The page for marketing: one HTML file with everything in it."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from retention.texts import Texts

TEMPLATE = Path("templates/report.html.j2")


def render(
    texts: Texts,
    language: str,
    *,
    demo: bool,
    confidence: float,
    quality: Mapping[str, Any],
    evaluation: Mapping[str, Any],
    segments: Mapping[str, Any],
    offers: Mapping[str, Any],
    kept: Mapping[str, float],
    months: float,
    pictures: Mapping[str, Sequence[Path]],
) -> str:
    """Return the page. The mappings are the metrics of the stages of the same names."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    roc_auc = evaluation["holdout"]["roc_auc"]
    return template.render(
        t=lambda key: texts.get("report", key),
        language=language,
        demo=demo,
        tiles=[
            _tile(texts, "customers", str(quality["customers"])),
            _tile(texts, "decline_rate", texts.percent(quality["decline_rate"])),
            _tile(
                texts,
                "quality",
                texts.number(roc_auc["value"], 3),
                _interval(texts, roc_auc, confidence),
            ),
            _tile(texts, "contacts", str(offers["customers"])),
        ],
        what_to_do=texts.get("report", "what_to_do_text").format(contacts=offers["customers"]),
        offers=[
            {"title": texts.get("offers", name, "name"), "customers": count}
            for name, count in sorted(offers["by_offer"].items(), key=lambda item: -item[1])
        ],
        expected=_range(texts, offers["expected_profit"]),
        expected_text=texts.get("report", "expected_text").format(
            low_kept=texts.percent(kept["low"]),
            high_kept=texts.percent(kept["high"]),
            kept=texts.percent(kept["expected"]),
            months=texts.number(months),
        ),
        segments=[_segment(texts, name, segment) for name, segment in segments.items()],
        caveats=texts.items("report", "caveats_items"),
        pictures={
            part: [base64.b64encode(path.read_bytes()).decode("ascii") for path in paths]
            for part, paths in pictures.items()
        },
    )


def _tile(texts: Texts, key: str, value: str, note: str = "") -> dict[str, str]:
    return {"label": texts.get("report", key), "value": value, "note": note}


def _interval(texts: Texts, figure: Mapping[str, float], confidence: float) -> str:
    return texts.get("report", "interval").format(
        confidence=texts.percent(confidence),
        low=texts.number(figure["low"], 3),
        high=texts.number(figure["high"], 3),
    )


def _range(texts: Texts, figure: Mapping[str, float]) -> str:
    value, low, high = (texts.number(figure[key], 0) for key in ("value", "low", "high"))
    return f"{value} ({low} … {high})"


def _segment(texts: Texts, name: str, segment: Mapping[str, Any]) -> dict[str, str]:
    shown = {"title": texts.segment(name), "customers": str(segment["customers"])}
    if not segment["customers"]:
        return {
            **dict.fromkeys(["probability", "decline", "profit", "share"], "–"),
            **shown,
            "interval": "",
        }
    rate = segment["decline_rate"]
    return {
        **shown,
        "probability": texts.percent(segment["probability"]),
        "decline": texts.percent(rate["value"]),
        "interval": f"{texts.percent(rate['low'])} … {texts.percent(rate['high'])}",
        "profit": texts.number(segment["profit"], 0),
        "share": texts.percent(segment["profit_share"]),
    }
