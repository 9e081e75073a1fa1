"""Write the page for marketing."""

from pathlib import Path

import pandas as pd

from retention.harness.files import read_json, write_bytes
from retention.harness.stage import run
from retention.report.page import render
from retention.texts import read_texts
from stages.parameters.report import Params

DEMO = Path("data/demo")
PLOTS = Path("plots")
# By section of the page; the keys of what they show stand in texts/.
PICTURES = {
    "segments": {
        "decline_rates": PLOTS / "segments/decline_rates.png",
        "risk_and_profit": PLOTS / "segments/risk_and_profit.png",
        "segment_reasons": PLOTS / "segments/reasons.png",
    },
    "thresholds": {
        "thresholds": PLOTS / "cuts/thresholds.png",
        "rules_met": PLOTS / "cuts/rules_met.png",
    },
    "categories": {
        "categories": PLOTS / "segments/categories.png",
        "category_promo": PLOTS / "segments/category_promo.png",
        "matrix": PLOTS / "segments/matrix.png",
    },
    "reasons": {
        "shap_bar": PLOTS / "shap/bar.png",
        "shap_beeswarm": PLOTS / "shap/beeswarm.png",
        "shap_dependence": PLOTS / "shap/dependence.png",
        "shap_heatmap": PLOTS / "shap/heatmap.png",
        "shap_customers": PLOTS / "shap/customers.png",
    },
    "plots": {
        "portrait": PLOTS / "explore/portrait.png",
        "numbers": PLOTS / "explore/numbers.png",
    },
}


def main(params: Params) -> None:
    """Write report/index.html."""
    metrics, data = Path("metrics"), Path("data")
    page = render(
        read_texts(params.report.language),
        params.report.language,
        demo=Path(params.source) == DEMO,
        confidence=params.confidence,
        quality=read_json(metrics / "data_quality.json"),
        evaluation=read_json(metrics / "evaluation.json"),
        segments=read_json(metrics / "segments.json"),
        discovered=pd.read_csv(data / "discovered.csv"),
        cuts=pd.read_csv(data / "cuts.csv"),
        rules_met=pd.read_csv(data / "rules_met.csv"),
        rules_met_roc_auc=read_json(metrics / "cuts.json")["rules_met"]["out_of_fold"]["roc_auc"],
        categories=pd.read_csv(data / "category_segments.csv"),
        risk_profit=pd.read_csv(data / "risk_profit.csv"),
        reasons=read_json(metrics / "reasons.json"),
        offers=read_json(metrics / "offers.json"),
        least_reason=params.least_reason,
        kept=params.kept_share.model_dump(),
        months=params.horizon_months,
        pictures=PICTURES,
    )
    write_bytes(Path("report/index.html"), page.encode("utf-8"))


if __name__ == "__main__":
    run(main, Params)
