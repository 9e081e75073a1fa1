"""Choosing among the families' best candidates, by cross-validation alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from retention.comparison import corrected_difference
from retention.yaml12 import parse_scalar


def compare_families(
    candidates: Mapping[str, pd.DataFrame], folds: int, confidence: float
) -> pd.DataFrame:
    """Rank families by their mean ROC-AUC over the same splits.

    Parameters
    ----------
    candidates
        Family → its candidates, the best first, with ROC-AUC on each split in `split_1` …
    folds, confidence
        As in `corrected_difference`.

    Returns
    -------
    One row a family, the best first: `family`, `roc_auc`, `sd`, and by how much the best one is
    ahead of it: `behind`, `low`, `high`, `p`, `within_noise`.

    """
    roc_auc = {
        family: table.filter(like="split_").iloc[0].to_numpy(dtype=np.float64)
        for family, table in candidates.items()
    }
    # sorted() is stable: of equal means the family that params.yaml names first wins.
    ranked = sorted(roc_auc, key=lambda family: -round(float(roc_auc[family].mean()), 10))
    best = roc_auc[ranked[0]]
    rows = []
    for family in ranked:
        behind = corrected_difference(best - roc_auc[family], folds, confidence)
        rows.append(
            {
                "family": family,
                "roc_auc": roc_auc[family].mean(),
                "sd": roc_auc[family].std(ddof=1),
                "behind": behind.value,
                "low": behind.low,
                "high": behind.high,
                "p": behind.p,
                "within_noise": behind.within_noise,
            }
        )
    return pd.DataFrame(rows)


def read_candidates(path: Path) -> pd.DataFrame:
    """Read a family's candidates as text, so that 2 stays 2 and 2.0 stays 2.0."""
    return pd.read_csv(path, dtype=str)


def hyperparameters(candidates: pd.DataFrame) -> dict[str, Any]:
    """Return the hyperparameters of a family's best candidate, those that it uses."""
    row = candidates.drop(columns=["mean", "sd"]).iloc[0].dropna()
    return {
        str(name): parse_scalar(str(value))
        for name, value in row.items()
        if not str(name).startswith("split_")
    }
