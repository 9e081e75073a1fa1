"""Write the page for marketing."""

from pathlib import Path

from retention.outputs import read_json, write_bytes
from retention.report import render
from retention.stage import run
from retention.texts import read_texts
from stages.parameters.report import Params

DEMO = Path("data/demo")
PLOTS = Path("plots")
PICTURES = {
    "segments": [
        PLOTS / "segments/decline_rates.png",
        PLOTS / "segments/risk_and_profit.png",
        PLOTS / "explore/favourite_category.png",
    ],
    "reasons": [PLOTS / "shap/bar.png", PLOTS / "shap/beeswarm.png"],
    "data": [PLOTS / "explore/portrait.png", PLOTS / "explore/numbers.png"],
}


def main(params: Params) -> None:
    """Write report/index.html."""
    metrics = Path("metrics")
    page = render(
        read_texts(params.report.language),
        params.report.language,
        demo=Path(params.source) == DEMO,
        confidence=params.confidence,
        quality=read_json(metrics / "data_quality.json"),
        evaluation=read_json(metrics / "evaluation.json"),
        segments=read_json(metrics / "segments.json"),
        offers=read_json(metrics / "offers.json"),
        kept=params.kept_share.model_dump(),
        months=params.horizon_months,
        pictures=PICTURES,
    )
    write_bytes(Path("report/index.html"), page.encode("utf-8"))


if __name__ == "__main__":
    run(main, Params)
