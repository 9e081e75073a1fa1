"""The figures at the head of README.md and README.ru.md."""

from collections.abc import Mapping
from typing import Any

from retention.harness.files import read_json
from retention.harness.yaml12 import read_yaml
from tools.tables import ROOT

WORDS = {
    "README.md": {
        "source": "`data.source: {source}`, {customers} customers, {decline} of them declined",
        "family": "family",
        "candidates": "candidates",
        "roc_auc": "ROC-AUC, cross-validated (sd over folds)",
        "nested": "nested ROC-AUC",
        "noise": "Chosen: **{family}**; {tied} of the {others} others are within noise of it.",
        "procedure": (
            "Search, choice and calibration as a whole, by nested cross-validation with "
            "near-duplicates kept together: ROC-AUC **{mean}** [{low}; {high}], calibration error "
            "{ece}. With near-duplicates torn apart it would read {random}."
        ),
        "audit": (
            "A leak, rebuilt (`audit`): a decision tree reads {wrong} when the rows of a long-form "
            "join are split at random, and {right} with one row per customer."
        ),
        "holdout": (
            "Hold-out of {customers} customers, apart from tuning and choice: ROC-AUC **{value}** "
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
        "nested": "вложенная ROC-AUC",
        "noise": "Выбрано: **{family}**; из остальных ({others}) в пределах шума: {tied}.",
        "procedure": (
            "Поиск, выбор и калибровка целиком, на вложенной кросс-валидации, почти одинаковые "
            "покупатели вместе: ROC-AUC **{mean}** [{low}; {high}], ошибка калибровки {ece}. "
            "С разделёнными двойниками получилось бы {random}."
        ),
        "audit": (
            "Утечка, воспроизведённая (`audit`): дерево решений показывает {wrong}, если делить "
            "случайно строки длинной таблицы, и {right} при одной строке на покупателя."
        ),
        "holdout": (
            "Отложенная выборка, {customers} покупателей, вне подбора и выбора: ROC-AUC "
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
    assessment = read_json(metrics / "assessment.json")
    audit = read_json(metrics / "audit.json")
    tuned = {name: read_json(metrics / f"tune/{name}.json") for name in params["families"]}
    holdout = evaluation["holdout"]
    lines = [
        words["source"].format(
            source=params["data"]["source"],
            customers=quality["customers"],
            decline=f"{quality['decline_rate']:.1%}",
        ),
        "",
        f"| {words['family']} | {words['candidates']} | {words['roc_auc']} | {words['nested']} |",
        "|---|---:|---:|---:|",
        *_families(tuned, assessment["grouped"]["families"]),
        "",
        words["noise"].format(
            family=choice["family"],
            others=choice["others"],
            tied=choice["others_within_noise"],
        ),
        "",
        words["procedure"].format(
            **_interval(assessment["grouped"]["roc_auc"], 3),
            ece=f"{assessment['grouped']['ece']:.3f}",
            random=f"{assessment['random']['roc_auc']['mean']:.3f}",
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
        words["audit"].format(**_interval(audit["long_form_pivoted"], 3)),
        "",
        words["offers"].format(
            customers=offers["customers"], **_interval(offers["expected_profit"], 0)
        ),
    ]
    return "\n".join(lines) + "\n"


def _families(tuned: Mapping[str, Any], assessed: Mapping[str, Any]) -> list[str]:
    nested = {name: figures["roc_auc"]["mean"] for name, figures in assessed.items()}
    ranked = sorted(nested, key=lambda name: -nested[name])
    rows = []
    for name in ranked:
        found = tuned.get(name)  # the blend has no grid of its own
        searched = f"{found['roc_auc']:.3f} ({found['sd']:.3f})" if found else ""
        candidates = found["candidates"] if found else ""
        rows.append(f"| {name} | {candidates} | {searched} | {nested[name]:.3f} |")
    return rows


def _interval(figure: Mapping[str, float], digits: int) -> dict[str, str]:
    return {name: f"{value:.{digits}f}" for name, value in figure.items()}
