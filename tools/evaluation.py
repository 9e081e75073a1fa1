"""The figures in docs/evaluation.md and docs/audit.md, block by block."""

import csv
from collections.abc import Callable, Mapping
from typing import Any

from retention.harness.files import read_json
from tools.tables import ROOT, interval, number, table

ENDS = ("low", "high")
LEAKS = {
    "id_alone": "the id alone as a score",
    "id_as_feature": "the id among the features",
    "long_form": "long form, rows at random; right: a customer's rows together",
    "long_form_pivoted": "long form, rows at random; right: one row a customer",
    "shuffled_labels": "long form, labels dealt out at random",
    "training_customers": "training customers scored by their own model",
    "scaler_before_split": "scaler fitted before the split",
    "near_duplicates": "near-duplicates on both sides",
}


def _metrics(name: str) -> Any:
    return read_json(ROOT / "metrics" / f"{name}.json")


def audit() -> str:
    """Return what each guard protects from."""
    found = _metrics("audit")
    rows = [
        [words, *(number(found[name][key]) for key in ("wrong", "right", "difference"))]
        for name, words in LEAKS.items()
    ]
    optimism = interval(found["optimism"], 4)
    return (
        table(["leak", "wrong way", "right way", "difference"], rows)
        + f"\n\nOptimism from near-duplicates, paired by fold: {optimism}."
    )


def customers() -> str:
    """Return how many customers there are, and how many have a near-duplicate."""
    split = _metrics("split")
    near, largest = split["near_duplicates"], split["largest_group"]
    return (
        f"{split['customers']} customers, {split['declined']} of them declined, in "
        f"{split['groups']} groups ({near} customers have a near-duplicate; the largest group has "
        f"{largest})."
    )


def families() -> str:
    """Return the figures of the procedure and of each family."""
    found = _metrics("evaluate")
    ranked = sorted(found["families"].items(), key=lambda item: -item[1]["roc_auc"]["value"])
    header = ["", "ROC-AUC", "PR-AUC", "log loss", "Brier", "skill", "in the large", "slope"]
    header += ["ECE (of perfect)", "ICI (of perfect)"]
    return table(
        header,
        [_family(name, figures) for name, figures in [("**procedure**", found), *ranked]],
    )


def _family(name: str, figures: Mapping[str, Any]) -> list[str]:
    calibration = figures["calibration"]
    return [
        name,
        interval(figures["roc_auc"]),
        number(figures["pr_auc"]),
        number(figures["log_loss"]),
        number(figures["brier"]),
        number(figures["brier_skill"], 2),
        interval(calibration["in_the_large"], 2),
        interval(calibration["slope"], 2),
        f"{number(figures['ece'])} ({number(figures['ece_of_perfect'])})",
        f"{number(figures['ici'])} ({number(figures['ici_of_perfect'])})",
    ]


def against() -> str:
    """Return by how much the procedure is ahead of each family, and of the count of rules."""
    found = _metrics("evaluate")
    rows = [
        [
            name,
            interval({**line, "value": line["difference"]}, 4),
            number(line["p"], 4),
            number(line["smallest"], 4),
        ]
        for name, line in found["against"].items()
    ]
    for name, line in found["against_rules"].items():
        ahead = interval({**line, "value": line["difference"]}, 4)
        p = number(line["p"], 4) if "p" in line else ""
        smallest = number(line["smallest"], 4) if "smallest" in line else ""
        rows.append([f"count of {name} rules ({number(line['roc_auc'])})", ahead, p, smallest])
    return table(["against", "ahead by", "p (Holm)", "could have been seen"], rows)


def classes() -> str:
    """Return precision, recall, F1 and accuracy at the learnt thresholds, beside a dummy."""
    found = _metrics("evaluate")
    dummy, counts = found["all_decline"], found["confusion"]
    names = {"precision": "precision", "recall": "recall", "f1": "F1", "accuracy": "accuracy"}
    rows = [[words, interval(found[name]), number(dummy[name])] for name, words in names.items()]
    ahead = interval({**dummy["ahead"], "value": dummy["ahead"]["difference"]})
    spread = found["threshold_spread"]
    return (
        table(["figure", "procedure", "everybody called declining"], rows)
        + f"\n\nF1 is ahead of the dummy by {ahead}. In the first repeat "
        f"{counts['declined_found']} decliners are found and {counts['declined_missed']} missed, "
        f"{counts['stayed_called']} who stayed are called declining and {counts['stayed_left']} "
        f"are not. The threshold that ships is {number(found['threshold'], 2)}; over the outer "
        f"training parts it was between {number(spread['least'], 2)} and "
        f"{number(spread['largest'], 2)}, half of them below {number(spread['median'], 2)}."
    )


def calibrators() -> str:
    """Return the Brier score of each family by calibrator."""
    found = _metrics("evaluate")["calibrators"]
    methods = [name for name in next(iter(found.values())) if name != "best"]
    rows = [
        [name, *(number(line[method], 4) for method in methods), line["best"]]
        for name, line in found.items()
    ]
    return table(["family", *methods, "best"], rows)


def confront() -> str:
    """Return how near the models come to the truth behind the demo store."""
    found = _metrics("confront")
    if not found["known"]:
        return "The truth behind this store is not known."
    parts = {"own customers": found["own"], "fresh customers": found["fresh"]}
    rows = [
        [
            name,
            str(part["customers"]),
            interval(part["bayes"]["roc_auc"]),
            interval(part["model"]["roc_auc"]),
            f"{part['share_of_bayes']:.1%}",
            number(part["probability_error"]),
        ]
        for name, part in parts.items()
    ]
    header = ["", "customers", "truth's ROC-AUC", "model's", "share of the distance", "error in p"]
    bias = [
        [band, *(_bias(part["bias"].get(band)) for part in parts.values())]
        for band in found["own"]["bias"]
    ]
    return (
        table(header, rows)
        + "\n\nBias by band: predicted minus true probability, in percentage points.\n\n"
        + table(["predicted", *parts], bias)
    )


def _bias(line: Mapping[str, Any] | None) -> str:
    if line is None or line["value"] is None:
        return "–"
    return interval({key: 100 * line[key] for key in ("value", "low", "high")}, 1)


def learn() -> str:
    """Return the learning curve, and what the last doubling of customers brought."""
    with (ROOT / "plots/learn/curve.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            [
                row["customers"],
                interval({"value": float(row["roc_auc"])} | {end: float(row[end]) for end in ENDS}),
            ]
            for row in csv.DictReader(file)
        ]
    curve = table(["customers learnt from", "ROC-AUC"], rows)
    line = _metrics("learn")["last_doubling"]
    if line is None:
        return f"{curve}\n\nThere is no share that the last doubling could start from."
    gain = interval({**line, "value": line["gain"]}, 4)
    return (
        f"{curve}\n\nFrom {line['from']} to {line['to']} customers it gains {gain}; a gain of "
        f"{number(line['smallest'], 3)} would have been seen with a power of 80 %."
    )


def decide() -> str:
    """Return precision at a budget and the expected maximum profit."""
    found = _metrics("decide")
    rows = [
        [
            f"Beta({line['alpha']:g}, {line['beta']:g})",
            interval(line),
            number(line["none"]),
            interval(line["ahead"]),
        ]
        for line in found["empc"]
    ]
    header = ["share kept", "EMPC with the model", "with no model", "ahead by"]
    worse = ", ".join(f"{threshold:g}" for threshold in found["worse_than_all_or_nobody_at"])
    return (
        "Of the tenth of customers with the highest probabilities, "
        f"{interval(found['precision_at_tenth'])} declined. The expected increment is highest when "
        f"the best {found['best_share']:.0%} are contacted.\n\n{table(header, rows)}\n\n"
        "Thresholds at which the net benefit is surely below that of contacting all or nobody: "
        f"{worse or 'none'}."
    )


BLOCKS: dict[str, Callable[[], str]] = {
    "customers": customers,
    "families": families,
    "against": against,
    "classes": classes,
    "calibrators": calibrators,
    "confront": confront,
    "learn": learn,
    "decide": decide,
}
