"""The figures of docs/evaluation.md and docs/audit.md, from metrics/ and plots/."""

import csv
from collections.abc import Callable
from typing import Any

from retention.harness.files import read_json
from retention.harness.yaml12 import read_yaml
from tools.tables import ROOT, interval, number, table

AUDIT_LINES = {
    "id_alone": "the id alone as a score",
    "id_as_feature": "the id among the features",
    "long_form": "long form, rows at random; right: a customer's rows together",
    "long_form_pivoted": "long form, rows at random; right: one row a customer",
    "shuffled_labels": "long form, labels dealt out at random",
    "training_customers": "training customers scored by their own model",
    "scaler_before_split": "scaler fitted before the split",
    "near_duplicates": "near-duplicates on both sides",
}
FIGURES = {"pr_auc": "PR-AUC", "log_loss": "log loss", "brier": "Brier score", "ece": "ECE"}


def _metrics(name: str) -> Any:
    return read_json(ROOT / f"metrics/{name}.json")


def audit() -> str:
    """Return the leaks: the wrong way, the right way, the difference."""
    lines = _metrics("audit")
    rows = [
        [words, *(number(lines[name][way]) for way in ("wrong", "right", "difference"))]
        for name, words in AUDIT_LINES.items()
    ]
    return table(["leak", "wrong", "right", "difference"], rows)


def customers() -> str:
    """Return what is judged on what."""
    split, quality = _metrics("split"), _metrics("data_quality")
    source = read_yaml(ROOT / "params.yaml")["data"]["source"]
    return (
        f"`data.source: {source}`: {quality['customers']} customers in {split['groups']} groups "
        f"({split['near_duplicates']} customers have a near-duplicate); "
        f"{split['training']['customers']} for training, {split['holdout']['customers']} held out."
    )


def nested() -> str:
    """Return the nested assessment of the whole procedure, both schemes."""
    found = _metrics("assessment")
    schemes = {"grouped": "near-duplicates together", "random": "plain random folds"}
    rows = [["ROC-AUC", *(interval(found[scheme]["roc_auc"]) for scheme in schemes)]]
    rows += [
        [words, *(number(found[scheme][name]) for scheme in schemes)]
        for name, words in FIGURES.items()
    ]
    optimism = f"Optimism from near-duplicates: {number(found['optimism'], 4)}."
    return table(["figure", *schemes.values()], rows) + "\n\n" + optimism


def families() -> str:
    """Return the nested figures by family."""
    found = _metrics("assessment")
    grouped, random = found["grouped"]["families"], found["random"]["families"]
    ranked = sorted(grouped, key=lambda name: -grouped[name]["roc_auc"]["mean"])
    rows = [
        [
            name,
            interval(grouped[name]["roc_auc"]),
            number(random[name]["roc_auc"]["mean"]),
            number(grouped[name]["brier"]),
            number(grouped[name]["ece"]),
            found["grouped"]["won"].get(name, 0),
            found["grouped"]["chosen"].get(name, 0),
        ]
        for name in ranked
    ]
    header = [
        "family",
        "ROC-AUC, grouped",
        "random",
        "Brier score",
        "ECE",
        "best single family, times",
        "chosen, times",
    ]
    return table(header, rows)


def choice() -> str:
    """Return what was chosen, and by how much it leads."""
    found = _metrics("choice")
    rule = read_yaml(ROOT / "params.yaml")["choose"]["rule"]
    lead = found["ahead_of_best_other"]
    ahead = {**lead, "value": lead["ahead"]}
    return (
        f"`choose.rule: {rule}` took **{found['family']}**. It is ahead of the best other by "
        f"{interval(ahead, 4)} (p = {number(lead['p'], 2)}); {found['others_within_noise']} of the "
        f"{found['others']} others are within noise of it."
    )


def holdout() -> str:
    """Return the figures on the hold-out beside those out of fold and those of a dummy."""
    found = _metrics("evaluation")
    parts = [found["holdout"], found["cross_validation"]]
    rows = [
        [
            "ROC-AUC",
            *(interval(part["roc_auc"]) for part in parts),
            number(found["dummy"]["roc_auc"]),
        ]
    ]
    for name, words in {
        "pr_auc": "PR-AUC",
        "log_loss": "log loss",
        "brier": "Brier score",
        "precision": "precision",
        "recall": "recall",
    }.items():
        rows.append([words, *(number(part[name]) for part in [*parts, found["dummy"]])])
    rows.append(["Brier skill", *(number(part["brier_skill"]) for part in parts), ""])
    rows.append(["ECE", *(interval(part["ece"]) for part in parts), ""])
    rows.append(["ECE of perfect ones", *(number(part["ece_of_perfect"]) for part in parts), ""])
    rows.append(
        ["calibration slope", *(number(part["calibration"]["slope"], 2) for part in parts), ""]
    )
    note = f"Precision and recall at the threshold {number(found['threshold'], 2)}."
    header = ["figure", "hold-out", "out of fold, training customers", "dummy, hold-out"]
    return table(header, rows) + "\n\n" + note


def calibration() -> str:
    """Return the figures before and after calibration."""
    found = _metrics("calibration")
    rows = [
        [
            name,
            *(number(by_method[method]["log_loss"]) for method in ("none", "sigmoid", "isotonic")),
            *(number(by_method[method]["ece"]["value"]) for method in ("none", "sigmoid")),
            by_method["best"],
        ]
        for name, by_method in found.items()
    ]
    header = [
        "model",
        "log loss, none",
        "sigmoid",
        "isotonic",
        "ECE, none",
        "sigmoid",
        "least log loss",
    ]
    return table(header, rows)


def ceiling() -> str:
    """Return the model beside the truth, where it is known."""
    found = _metrics("ceiling")
    if not found["known"]:
        return "The truth behind the shop's own customers isn't known."
    titles = {
        "own": "the demo's customers, out of fold and held out",
        "fresh": "fresh customers",
        "in_sample": "training customers by their own model",
    }
    rows = [
        [
            f"{title} ({part['customers']})",
            number(part["bayes"]["roc_auc"]["value"]),
            interval(part["model"]["roc_auc"]),
            f"{part['share_of_bayes']:.1%}",
            f"{number(part['bayes']['brier'])} / {number(part['model']['brier'])}",
            f"{number(part['bayes']['log_loss'])} / {number(part['model']['log_loss'])}",
        ]
        for title, part in ((title, found[name]) for name, title in titles.items())
    ]
    header = [
        "customers",
        "ROC-AUC of the truth",
        "of the model",
        "share of the distance from 0.5",
        "Brier, truth / model",
        "log loss, truth / model",
    ]
    return table(header, rows)


def learning_curve() -> str:
    """Return the ROC-AUC by the number of customers learnt from."""
    with (ROOT / "plots/learning_curve.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            [
                row["customers"],
                interval(
                    {key: float(row[key]) for key in ("low", "high")}
                    | {"value": float(row["roc_auc"])}
                ),
                number(float(row["in_sample"])),
            ]
            for row in csv.DictReader(file)
        ]
    lines = [table(["customers learnt from", "ROC-AUC", "on those customers themselves"], rows)]
    doubling = _metrics("learning_curve")["last_doubling"]
    if doubling:
        verdict = "within noise" if doubling["within_noise"] else "beyond noise"
        gain = interval({**doubling, "value": doubling["gain"]}, 4)
        lines.append(
            f"From {doubling['from']} to {doubling['to']} customers it gains {gain}: {verdict}."
        )
    return "\n\n".join(lines)


def decisions() -> str:
    """Return precision at a budget and the expected maximum profit."""
    found = _metrics("decisions")
    profit = found["empc"]
    return (
        f"Of the tenth of customers with the highest probabilities, "
        f"{interval(found['precision_at_tenth'])} declined. Expected profit is highest when the "
        f"best {found['best_share']:.0%} are contacted. Expected maximum profit per customer "
        f"(EMPC, thousand roubles): {number(profit['model'])} with the model, "
        f"{number(profit['none'])} with no model, {number(profit['perfect'])} with perfect "
        "foresight."
    )


BLOCKS: dict[str, Callable[[], str]] = {
    "customers": customers,
    "nested": nested,
    "families": families,
    "choice": choice,
    "holdout": holdout,
    "calibration": calibration,
    "ceiling": ceiling,
    "learning_curve": learning_curve,
    "decisions": decisions,
}
