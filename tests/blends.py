"""A fitted blend in one call, as the stages put it together in parts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from retention.folds import splits
from retention.models.blend import Blend, decision

PULL = 100.0


def fitted_blend(
    members: Mapping[str, Any],
    features: pd.DataFrame,
    decline: NDArray[np.int64],
    fold: NDArray[np.int64],
    pull: float = PULL,
) -> Blend:
    """Return the blend of unfitted members of equal shares, taught by scores of unseen rows."""
    unseen = np.full((len(members), len(features)), np.nan)
    for train, test in splits(fold):
        for row, member in enumerate(members.values()):
            model = clone(member).fit(features.iloc[train], decline[train])
            unseen[row, test] = decision(model, features.iloc[test])
    fitted = {name: clone(member).fit(features, decline) for name, member in members.items()}
    blend = Blend(dict.fromkeys(members, 1.0), pull).fit_weights(unseen, decline)
    return blend.with_members(fitted)
