"""Write the page for marketing."""

from pathlib import Path

import pandas as pd

from retention.campaign.measurement.learned import read_learned
from retention.contract.columns import ID_AS_TEXT
from retention.discovery.rates import with_rates, with_sides
from retention.discovery.words import descriptions
from retention.harness.files import read_json, write_bytes
from retention.harness.stage import run
from retention.report.page import render
from retention.report.results import Results
from retention.texts import read_texts
from stages.parameters.data import DEMO
from stages.parameters.report import Params

PLOTS = Path("plots")
# By section of the page; the keys of what they show stand in texts/.
PICTURES = {
    "what_to_do": {"curve": PLOTS / "plan/curve.png", "tornado": PLOTS / "plan/tornado.png"},
    "expect": {"drift": PLOTS / "expect/drift.png"},
    "segments": {
        "decline_rates": PLOTS / "segment/decline_rates.png",
        "risk_and_profit": PLOTS / "segment/risk_and_profit.png",
        "segment_reasons": PLOTS / "segment/reasons.png",
    },
    "thresholds": {
        "thresholds": PLOTS / "cut/thresholds.png",
        "rules_met": PLOTS / "cut/rules_met.png",
    },
    "categories": {
        "categories": PLOTS / "segment/categories.png",
        "within_categories": PLOTS / "segment/within_categories.png",
        "matrix": PLOTS / "segment/matrix.png",
    },
    "reasons": {
        "shap_bar": PLOTS / "explain/bar.png",
        "shap_beeswarm": PLOTS / "explain/beeswarm.png",
        "shap_dependence": PLOTS / "explain/dependence.png",
        "shap_heatmap": PLOTS / "explain/heatmap.png",
        "shap_customers": PLOTS / "explain/customers.png",
    },
    "plots": {
        "portrait": PLOTS / "explore/portrait.png",
        "numbers": PLOTS / "explore/numbers.png",
    },
}


def main(params: Params) -> None:
    """Write report/index.html."""
    language, confidence = params.report.language, params.confidence
    texts = read_texts(language, read_json(Path("data/check/titles.json")))
    found = pd.read_csv("data/discover/found.csv")
    reasons = pd.read_csv("data/discover/reasons.csv")
    results = Results(
        demo=Path(params.source) == DEMO,
        confidence=confidence,
        prepare=read_json(Path("metrics/prepare.json")),
        findings=pd.read_csv("data/prepare/findings.csv", dtype=ID_AS_TEXT),
        evaluate=read_json(Path("metrics/evaluate.json")),
        segments=read_json(Path("metrics/segment.json")),
        discovered=with_rates(with_rates(found, confidence), confidence, "unseen_"),
        described=descriptions(found, reasons, texts),
        cuts=with_sides(pd.read_csv("data/cut/cuts.csv"), confidence, "unseen_"),
        rules_met=pd.read_csv("data/cut/rules_met.csv"),
        categories=pd.read_csv("data/segment/categories.csv"),
        risk_profit=pd.read_csv("data/segment/risk_profit.csv"),
        reasons=read_json(Path("metrics/phrase.json")),
        plan=read_json(Path("metrics/plan.json")),
        campaign=read_json(Path("offers/plan.json")),
        learned=read_learned(Path("offers/learned.yaml")),
        expect=read_json(Path("metrics/expect.json")),
        least_reason=params.least_reason,
        absent=params.absent,
    )
    page = render(results, PICTURES, texts, language)
    write_bytes(Path("report/index.html"), page.encode("utf-8"))


if __name__ == "__main__":
    run(main, Params)
