"""Decision curves: from which threshold on a model is better than contacting all, or nobody.

A contact at a threshold t says that t/(1 − t) needless contacts are as bad as one decliner who is
missed. In decliners per customer,

    net benefit(t) = TP/n − FP/n · t/(1 − t)

where TP and FP count the decliners and the others whose probability is t or more (Vickers & Elkin
2006, https://doi.org/10.1177/0272989X06295361). Contacting nobody has 0.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.statistics.intervals import group_bootstrap_interval

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def net_benefit(decline: Integers, probability: Floats, threshold: float) -> float:
    """Return the net benefit of contacting whose probability is `threshold` or more."""
    contacted = probability >= threshold
    true = float((decline[contacted] == 1).sum())
    odds = threshold / (1 - threshold)
    return (true - (int(contacted.sum()) - true) * odds) / len(decline)


def decision_curve(
    decline: Integers,
    probability: Floats,
    thresholds: Floats,
    groups: NDArray[np.intp],
    *,
    samples: int,
    confidence: float,
    seed: int,
) -> pd.DataFrame:
    """Return the net benefit at each threshold (0 < t < 1), one row each.

    Columns: `threshold`; `model`, `all` (contacting everybody); `ahead`, of the model over the
    better one of all and nobody, with `low` and `high` over resampled groups of near-duplicates;
    `worse`, whether that interval lies below 0.
    """
    rows = []
    for threshold in thresholds.tolist():
        everybody = net_benefit(decline, np.ones_like(probability), threshold)

        def ahead(
            outcome: Integers, score: Floats, at: float = threshold, all_pay: bool = everybody > 0
        ) -> float:
            other = net_benefit(outcome, np.ones_like(score), at) if all_pay else 0.0
            return net_benefit(outcome, score, at) - other

        found = group_bootstrap_interval(
            ahead, decline, probability, groups, samples=samples, confidence=confidence, seed=seed
        )
        rows.append(
            {
                "threshold": threshold,
                "model": net_benefit(decline, probability, threshold),
                "all": everybody,
                "ahead": found["value"],
                "low": found["low"],
                "high": found["high"],
                "worse": bool(found["high"] < 0),
            }
        )
    return pd.DataFrame(rows)
