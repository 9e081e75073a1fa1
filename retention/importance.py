"""Which columns matter to the model: SHAP and permutation importance side by side."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.inspection import permutation_importance

from retention.estimators.blend import Blend


def importance(
    shap_values: pd.DataFrame,
    model: Blend,
    rows: pd.DataFrame,
    decline: NDArray[np.int64],
    *,
    repeats: int,
    seed: int,
) -> dict[str, dict[str, float]]:
    """Return, by column, the most important first, mean |SHAP| and the loss of ROC-AUC.

    Parameters
    ----------
    shap_values
        One column a feature, in units of probability.
    model, rows, decline
        Permutation importance: by how much the ROC-AUC on these rows, which the model must not
        have seen, falls when a column is shuffled.
    repeats, seed
        The loss is the mean over so many shuffles, drawn from the seed.

    """
    shuffled = permutation_importance(
        model, rows, decline, scoring="roc_auc", n_repeats=repeats, random_state=seed
    )
    strength = shap_values.abs().mean().sort_values(ascending=False, kind="stable")
    position = {column: number for number, column in enumerate(rows.columns)}
    return {
        str(column): {
            "shap": mean,
            "permutation": shuffled.importances_mean[position[str(column)]],
        }
        for column, mean in strength.items()
    }
