"""The page for marketing: one HTML file with everything in it."""

import base64
from collections.abc import Mapping
from pathlib import Path

import jinja2

from retention.report.results import Results
from retention.report.sentences import between, say, sentences
from retention.report.tables import (
    Table,
    categories_table,
    cuts_table,
    discovered_table,
    learned_table,
    offers_table,
    segments_table,
)
from retention.texts import Texts

TEMPLATE = Path("templates/report.html.j2")
# Headings of the page, in its order; the parts of texts/ have the same names.
SECTIONS = (
    "summary",
    "what_to_do",
    "expect",
    "measurement",
    "prediction",
    "segments",
    "discovered",
    "thresholds",
    "categories",
    "reasons",
    "plots",
    "caveats",
)


def render(
    results: Results, pictures: Mapping[str, Mapping[str, Path]], texts: Texts, language: str
) -> str:
    """Return the page.

    `pictures` has the pictures of each section by the key of what they are called without sight.
    """
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        t=lambda key: texts.get("report", key),
        shop=texts.shop,
        language=language,
        sections=SECTIONS,
        demo=results.demo,
        tiles=_tiles(results, texts),
        sentences=sentences(results, texts),
        tables=_tables(results, texts),
        caveats=[*texts.items("report", "caveats_items"), *texts.caveats],
        pictures={
            # A shop without a role has no picture of it.
            section: [_picture(name, path, texts) for name, path in paths.items() if path.exists()]
            for section, paths in pictures.items()
        },
    )


def _tiles(results: Results, texts: Texts) -> list[dict[str, str]]:
    roc_auc = results.evaluate["roc_auc"]
    interval = between(roc_auc, texts)
    level = texts.percent(results.confidence)
    note = say("interval", texts, confidence=level, interval=interval) if interval else ""
    shown = {
        "customers": str(results.prepare["customers"]),
        "decline_rate": texts.percent(results.prepare["decline_rate"]),
        "quality": texts.number(roc_auc["value"], 3),
        "contacts": str(results.plan["customers"]),
    }
    return [
        {
            "label": texts.get("report", key),
            "value": value,
            "note": note if key == "quality" else "",
        }
        for key, value in shown.items()
    ]


def _tables(results: Results, texts: Texts) -> dict[str, Table]:
    return {
        "what_to_do": offers_table(results.plan["by_offer"], texts),
        "measurement": learned_table(results.learned, texts),
        "segments": segments_table(results.segments, results.least_reason, texts, results.absent),
        "discovered": discovered_table(results.discovered, results.described, texts),
        "thresholds": cuts_table(results.cuts, texts),
        "categories": categories_table(results.categories, texts, results.absent),
    }


def _picture(name: str, path: Path, texts: Texts) -> dict[str, str]:
    return {
        "alt": texts.get("report", "pictures", name),
        "data": base64.b64encode(path.read_bytes()).decode("ascii"),
    }
