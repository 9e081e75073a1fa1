"""What the lines of the audit say: how much each leak flatters, and what is more than noise."""

from typing import Any

import pandas as pd

from retention.statistics.paired import corrected_difference

NEAR_DUPLICATES = "near_duplicates"


def leaks(lines: pd.DataFrame, confidence: float) -> dict[str, Any]:
    """Return for each line `wrong`, `right` and their `difference`, all means over the folds.

    `lines` is data/audit/lines.csv. `optimism` is by how much folds that tear near-duplicates apart
    flatter a flexible model, with the corrected interval over all folds of all draws: its two ways
    test the same customers by models of equally many, so that they are paired. Where no customer
    has a near-duplicate, both are the same.
    """
    found: dict[str, Any] = {}
    for name, rows in lines.groupby("line", sort=False):
        wrong, right = rows["wrong"].mean(), rows["right"].mean()
        found[str(name)] = {"wrong": wrong, "right": right, "difference": wrong - right}
    paired = lines[lines["line"] == NEAR_DUPLICATES]
    optimism = corrected_difference(
        (paired["wrong"] - paired["right"]).to_numpy(), lines["fold"].nunique(), confidence
    )
    found["optimism"] = {
        "value": optimism.value,
        "low": optimism.low,
        "high": optimism.high,
        "p": optimism.p,
    }
    return found


def leak_bars(found: dict[str, Any]) -> pd.DataFrame:
    """Return what `leaks` found as bars: `leak`, and the ROC-AUC that it `adds`, most first."""
    rows = [(name, line["difference"]) for name, line in found.items() if "difference" in line]
    table = pd.DataFrame(rows, columns=["leak", "adds"])
    return table.sort_values("adds", ascending=False, kind="stable", ignore_index=True)
