"""The figures at the head of README.md and README.ru.md."""

from collections.abc import Mapping
from typing import Any

from retention.families import read_grid
from retention.harness.files import read_json
from retention.harness.yaml12 import read_yaml
from tools.tables import ROOT, interval, number

WORDS = {
    "README.md": {
        "source": "`data.source: {source}`, {customers} customers, {decline} of them declined",
        "family": "family",
        "answer": "answers with",
        "best": "the best of {count}",
        "average": "the average of {count}",
        "roc_auc": "nested ROC-AUC",
        "brier": "Brier score",
        "procedure": "**the whole procedure**",
        "nested": (
            "Every figure is of customers whom the model, its search, weights, calibration and "
            "threshold never saw: {folds} grouped folds, drawn {repeats} times. ROC-AUC "
            "**{roc_auc}**, calibration in the large {large} and slope {slope}; declines are found "
            "with precision {precision} and recall {recall}."
        ),
        "rules": (
            "Is the model worth it? Counting how many of five simple rules a customer meets has "
            "{rules}; the model is ahead by {ahead}."
        ),
        "audit": (
            "A leak, rebuilt (`audit`): a decision tree reads {wrong} when the rows of a long-form "
            "join are split at random, and {right} with one row per customer."
        ),
        "offers": (
            "Plan for the customers to act on: **{customers} customers**, {control} of them the "
            "control group. It is expected to bring {nobody} thousand roubles over contacting "
            "nobody and {everybody} over contacting everybody: by the assumptions in "
            "`params.yaml`, not measured. On customers whose outcome is known, such a plan would "
            "have brought {realised} more than contacting everybody by the same assumptions."
        ),
        "range": "{value} (assumptions: {least} to {most})",
    },
    "README.ru.md": {
        "source": (
            "`data.source: {source}`, покупателей: {customers}, активность снизилась у {decline}"
        ),
        "family": "семейство",
        "answer": "отвечает",
        "best": "лучшим из {count}",
        "average": "средним из {count}",
        "roc_auc": "вложенная ROC-AUC",
        "brier": "оценка Брайера",
        "procedure": "**вся процедура**",
        "nested": (
            "Каждая цифра — о покупателях, которых не видели ни модель, ни её подбор, веса, "
            "калибровка и порог: {folds} групповых фолдов, разбитых {repeats} раз. ROC-AUC "
            "**{roc_auc}**, калибровка в среднем {large}, наклон {slope}; точность {precision}, "
            "полнота {recall}."
        ),
        "rules": (
            "Стоит ли модель того? Счёт того, сколько из пяти простых правил выполнено, даёт "
            "{rules}; модель впереди на {ahead}."
        ),
        "audit": (
            "Утечка, воспроизведённая (`audit`): дерево решений показывает {wrong}, если делить "
            "случайно строки длинной таблицы, и {right} при одной строке на покупателя."
        ),
        "offers": (
            "План для тех, кому предлагать: **{customers} покупателей**, из них {control} — "
            "контрольная группа. Ожидаемый прирост: {nobody} тыс. рублей по сравнению с «никому» "
            "и {everybody} по сравнению со «всем» — по предположениям из `params.yaml`, не по "
            "измерениям. На покупателях с известным исходом такой план принёс бы при тех же "
            "предположениях на {realised} больше, чем предложение всем."
        ),
        "range": "{value} (предположения: от {least} до {most})",
    },
}


def figures(words: Mapping[str, str]) -> str:
    """Return the block of figures in the language of `words`."""
    metrics = ROOT / "metrics"
    params = read_yaml(ROOT / "params.yaml")
    prepare, evaluate, decide, offer, audit = (
        read_json(metrics / f"{name}.json")
        for name in ("prepare", "evaluate", "decide", "offer", "audit")
    )
    found, leak = evaluate["against_rules"]["found"], audit["long_form_pivoted"]
    calibration = evaluate["calibration"]
    header = (words["family"], words["answer"], words["roc_auc"], words["brier"])
    lines = [
        words["source"].format(
            source=params["data"]["source"],
            customers=prepare["customers"],
            decline=f"{prepare['decline_rate']:.1%}",
        ),
        "",
        f"| {' | '.join(header)} |",
        "|---|---|---:|---:|",
        f"| {words['procedure']} |  | **{interval(evaluate['roc_auc'])}** | {_brier(evaluate)} |",
        *_families(evaluate["families"], params["families"], words),
        "",
        words["nested"].format(
            folds=evaluate["folds"],
            repeats=evaluate["repeats"],
            roc_auc=interval(evaluate["roc_auc"]),
            large=interval(calibration["in_the_large"], 2),
            slope=interval(calibration["slope"], 2),
            precision=interval(evaluate["precision"], 2),
            recall=interval(evaluate["recall"], 2),
        ),
        "",
        words["rules"].format(
            rules=f"{found['roc_auc']:.3f}", ahead=interval({**found, "value": found["difference"]})
        ),
        "",
        words["audit"].format(wrong=f"{leak['wrong']:.3f}", right=f"{leak['right']:.3f}"),
        "",
        words["offers"].format(
            customers=offer["customers"],
            control=offer["control"],
            realised=interval(decide["over"]["everybody"]["realised"], 1),
            **{name: _range(line, words) for name, line in offer["increment"].items()},
        ),
    ]
    return "\n".join(lines) + "\n"


def _range(line: Mapping[str, float], words: Mapping[str, str]) -> str:
    """Return what is expected, and how far the assumptions let it be off: no interval."""
    shown = {name: number(line[name], 1) for name in ("value", "least", "most")}
    return words["range"].format(**shown)


def _families(
    judged: Mapping[str, Any], grids: Mapping[str, Any], words: Mapping[str, str]
) -> list[str]:
    rows = []
    for name in sorted(judged, key=lambda name: -judged[name]["roc_auc"]["value"]):
        grid = read_grid(name, grids[name])
        answer = words[grid.answer].format(count=len(grid.candidates()))
        roc_auc = interval(judged[name]["roc_auc"])
        rows.append(f"| {name} | {answer} | {roc_auc} | {_brier(judged[name])} |")
    return rows


def _brier(figures: Mapping[str, Any]) -> str:
    return f"{figures['brier']:.3f}"
