"""The procedure beside each family, and beside counting rules, on the same outer splits."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from retention.evaluation.figures import Setting
from retention.evaluation.outer import Floats, Integers, Outer
from retention.statistics.intervals import group_bootstrap_interval
from retention.statistics.paired import corrected_difference, smallest_seen
from retention.statistics.ranking import roc_auc, roc_aucs
from retention.statistics.significance import holm


def against_families(
    procedure: Floats, families: Mapping[str, Floats], outer: Outer, confidence: float
) -> dict[str, dict[str, float]]:
    """Return by how much the procedure's ROC-AUC is ahead of each family's, paired by split.

    Probabilities are (R, n). By family: `difference` with its corrected interval (`low`, `high`, of
    that one alone), `p` by the corrected resampled t-test and Holm's adjustment for so many
    families, and `smallest`, the difference that these splits would have shown with a power of
    80 %. Only the procedure is compared with the others: among all pairs, the adjustment would hide
    what there is to see.
    """
    own = outer.by_split(roc_auc, procedure)
    differences = {
        name: own - outer.by_split(roc_auc, probability) for name, probability in families.items()
    }
    found = {
        name: corrected_difference(values, outer.folds, confidence)
        for name, values in differences.items()
    }
    adjusted = holm(np.array([difference.p for difference in found.values()]))
    return {
        name: {
            "difference": difference.value,
            "low": difference.low,
            "high": difference.high,
            "p": float(p),
            "smallest": smallest_seen(differences[name], outer.folds, confidence, len(found)),
        }
        for (name, difference), p in zip(found.items(), adjusted, strict=True)
    }


def against_named(
    procedure: Floats, named: Integers, outer: Outer, confidence: float
) -> dict[str, float]:
    """Return by how much the procedure ranks better than a count of rules, paired by split.

    `named` (n,) is the number of rules met that somebody named beforehand; keys as above. Whoever
    named them may have seen these customers' outcomes, which flatters the rules.
    """
    count = np.tile(named.astype(np.float64), (len(procedure), 1))
    by_count = outer.by_split(roc_auc, count)
    differences = outer.by_split(roc_auc, procedure) - by_count
    found = corrected_difference(differences, outer.folds, confidence)
    return {
        "roc_auc": float(np.nanmean(by_count)),
        "difference": found.value,
        "low": found.low,
        "high": found.high,
        "p": found.p,
        "smallest": smallest_seen(differences, outer.folds, confidence),
    }


def against_found(
    procedure: Floats, counted: Integers, outer: Outer, setting: Setting
) -> dict[str, float]:
    """Return by how much the procedure ranks better than a count of rules that a search found.

    `counted` (n,) is the number of rules met, each found without the customer's fold, of which
    there is the first repeat alone. So both scores are pooled over its folds, and the interval is
    by a bootstrap over groups of near-duplicates: of other customers, not of other searches.
    """
    scores = np.column_stack([procedure[0], counted.astype(np.float64)])
    found = group_bootstrap_interval(
        _ahead,
        outer.decline,
        scores,
        outer.groups,
        samples=setting.samples,
        confidence=setting.confidence,
        seed=setting.seed,
    )
    return {
        "roc_auc": roc_auc(outer.decline, scores[:, 1]),
        "difference": found["value"],
        "low": found["low"],
        "high": found["high"],
    }


def comparison_table(
    figures: Mapping[str, dict[str, Any]], against: Mapping[str, dict[str, float]]
) -> pd.DataFrame:
    """Return a row per family, the best first: `roc_auc` with interval, and `procedure_ahead`."""
    rows = []
    for name, compared in against.items():
        own = figures[name]["roc_auc"]
        rows.append(
            {
                "family": name,
                "roc_auc": own["value"],
                "roc_auc_low": own["low"],
                "roc_auc_high": own["high"],
                "procedure_ahead": compared["difference"],
                **{key: compared[key] for key in ("low", "high", "p", "smallest")},
            }
        )
    return pd.DataFrame(rows).sort_values(
        "roc_auc", ascending=False, kind="stable", ignore_index=True
    )


def _ahead(decline: Integers, scores: Floats) -> float:
    first, second = roc_aucs(decline, scores.T)
    return float(first - second)
