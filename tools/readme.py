"""Write the figures in the READMEs: `python -m tools.readme`, after `dvc repro`.

The part of README.md and README.ru.md between the two marks is made from metrics/, so that no
figure there is typed by hand.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from retention.outputs import read_json, write_bytes
from retention.yaml12 import read_yaml

ROOT = Path(__file__).parent.parent
MARKS = ("<!-- figures -->\n", "<!-- /figures -->")

WORDS = {
    "README.md": {
        "source": "`data.source: {source}`, {customers} customers, {decline} of them declined",
        "family": "family",
        "candidates": "candidates",
        "roc_auc": "ROC-AUC, cross-validated (sd over folds)",
        "chosen": "chosen",
        "noise": (
            "Chosen: **{family}**; of the {others} other families, {tied} are within noise of it."
        ),
        "holdout": (
            "Hold-out of {customers} customers, touched once: ROC-AUC **{value}** "
            "[{low}; {high}], precision {precision} and recall {recall} at the threshold {cut}."
        ),
        "offers": (
            "Contact list: **{customers} customers**, expected profit {value} [{low}; {high}] "
            "thousand roubles under the assumptions in `params.yaml`."
        ),
    },
    "README.ru.md": {
        "source": (
            "`data.source: {source}`, покупателей: {customers}, активность снизилась у {decline}"
        ),
        "family": "семейство",
        "candidates": "вариантов",
        "roc_auc": "ROC-AUC на кросс-валидации (sd по фолдам)",
        "chosen": "выбрано",
        "noise": (
            "Выбрано: **{family}**; из остальных семейств ({others}) в пределах шума: {tied}."
        ),
        "holdout": (
            "Отложенная выборка, {customers} покупателей, использована один раз: ROC-AUC "
            "**{value}** [{low}; {high}], точность {precision} и полнота {recall} при пороге {cut}."
        ),
        "offers": (
            "Список контактов: **{customers} покупателей**, ожидаемая прибыль {value} "
            "[{low}; {high}] тыс. рублей при предположениях из `params.yaml`."
        ),
    },
}


def figures(words: Mapping[str, str]) -> str:
    """Return the block of figures in the language of `words`."""
    metrics = ROOT / "metrics"
    params = read_yaml(ROOT / "params.yaml")
    quality = read_json(metrics / "data_quality.json")
    choice = read_json(metrics / "choice.json")
    evaluation = read_json(metrics / "evaluation.json")
    offers = read_json(metrics / "offers.json")
    tuned = {name: read_json(metrics / f"tune/{name}.json") for name in params["families"]}
    holdout = evaluation["holdout"]
    lines = [
        words["source"].format(
            source=params["data"]["source"],
            customers=quality["customers"],
            decline=f"{quality['decline_rate']:.1%}",
        ),
        "",
        f"| {words['family']} | {words['candidates']} | {words['roc_auc']} | |",
        "|---|---:|---:|---|",
        *_families(tuned, choice["family"], words["chosen"]),
        "",
        words["noise"].format(
            family=choice["family"],
            others=choice["families"] - 1,
            tied=choice["within_noise_of_it"],
        ),
        "",
        words["holdout"].format(
            customers=holdout["customers"],
            **_interval(holdout["roc_auc"], 3),
            precision=f"{holdout['precision']:.2f}",
            recall=f"{holdout['recall']:.2f}",
            cut=f"{evaluation['threshold']:.2f}",
        ),
        "",
        words["offers"].format(
            customers=offers["customers"], **_interval(offers["expected_profit"], 0)
        ),
    ]
    return "\n".join(lines) + "\n"


def _families(tuned: Mapping[str, Any], chosen: str, mark: str) -> list[str]:
    ranked = sorted(tuned, key=lambda name: -tuned[name]["roc_auc"])
    return [
        f"| {name} | {tuned[name]['candidates']} | "
        f"{tuned[name]['roc_auc']:.3f} ({tuned[name]['sd']:.3f}) | "
        f"{mark if name == chosen else ''} |"
        for name in ranked
    ]


def _interval(figure: Mapping[str, float], digits: int) -> dict[str, str]:
    return {name: f"{value:.{digits}f}" for name, value in figure.items()}


def with_figures(text: str, words: Mapping[str, str]) -> str:
    """Return a README's text with the part between the marks made anew."""
    start, end = MARKS
    pattern = re.compile(f"{re.escape(start)}.*{re.escape(end)}", re.DOTALL)
    return pattern.sub(lambda _: start + figures(words) + end, text)


if __name__ == "__main__":
    for name, words in WORDS.items():
        file = ROOT / name
        write_bytes(file, with_figures(file.read_text(encoding="utf-8"), words).encode("utf-8"))
