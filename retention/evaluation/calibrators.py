"""Which calibration suits a family's scores: learnt on inner unseen scores, judged on outer ones.

`none` takes the scores as they are: probabilities, or log-odds, for which an SVC's are taken too.
`sigmoid` is Platt's, as the pipeline calibrates. `isotonic` is a rising step function (Zadrozny &
Elkan 2002, https://doi.org/10.1145/775047.775151). `bounded` is a sigmoid whose ends are free, for
outcomes that no score makes certain: p = low + (high − low)·sigmoid.

They are judged by the Brier score. The log loss of steps, which give 0 and 1, depends on where it
is cut off, and with it the winner.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from retention.evaluation.outer import (
    Calibrator,
    Floats,
    Integers,
    Outer,
    sigmoid,
    unseen_probability,
)


def compare_calibrators(families: Mapping[str, pd.DataFrame], outer: Outer) -> dict[str, Any]:
    """Return for each family the Brier score by each method, and `best`, the one with the lowest.

    `families` are the tables data/nest/<family>.parquet, their rows those of `outer`.
    """
    judged = {}
    for name, scores in families.items():
        methods: dict[str, Calibrator] = {
            "none": _as_probability if _are_probabilities(scores) else _as_log_odds,
            "sigmoid": sigmoid,
            "isotonic": isotonic,
            "bounded": bounded,
        }
        brier = {
            method: float(
                np.mean((unseen_probability(scores, outer, calibrator) - outer.decline) ** 2)
            )
            for method, calibrator in methods.items()
        }
        judged[name] = {**brier, "best": min(brier, key=lambda method: brier[method])}
    return judged


def isotonic(scores: Floats, decline: Integers, tested: Floats) -> Floats:
    """Return probabilities of the tested scores by a rising step function of the others, (t,)."""
    steps = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    return np.asarray(steps.fit(scores, decline).predict(tested), dtype=np.float64)


def bounded(scores: Floats, decline: Integers, tested: Floats) -> Floats:
    """Return probabilities of the tested scores by a sigmoid with free ends, (t,).

    low + (high − low)·expit(slope·score + shift), by maximum likelihood with half a customer of
    each class added at both ends.
    """
    centre, spread = scores.mean(), scores.std() or 1.0
    x = (scores - centre) / spread

    def parts(point: Floats) -> tuple[Floats, float, float]:
        slope, shift, low, high = point
        return expit(slope * x + shift), low, high

    def loss(point: Floats) -> tuple[float, Floats]:
        curve, low, high = parts(point)
        p = np.clip(low + (high - low) * curve, 1e-9, 1 - 1e-9)
        pull = (p - decline) / (p * (1 - p))
        inner = pull * (high - low) * curve * (1 - curve)
        ends = -0.5 * (np.log(1 - low) + np.log(high) + np.log(low) + np.log(1 - high))
        value = -np.log(np.where(decline == 1, p, 1 - p)).sum() + ends
        gradient = np.array(
            [
                inner @ x,
                inner.sum(),
                pull @ (1 - curve) + 0.5 / (1 - low) - 0.5 / low,
                pull @ curve - 0.5 / high + 0.5 / (1 - high),
            ]
        )
        return float(value), gradient

    bounds: Any = [(0, None), (None, None), (1e-4, 0.4), (0.6, 1 - 1e-4)]
    start = np.array([1.0, 0.0, 0.01, 0.99])
    slope, shift, low, high = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    found: Floats = low + (high - low) * expit(slope * (tested - centre) / spread + shift)
    return found


def _are_probabilities(scores: pd.DataFrame) -> bool:
    """Tell scores of `predict_proba` from decision values, of which some are always below 0."""
    values = scores.filter(like="split_").to_numpy()
    return bool(values.min() >= 0 and values.max() <= 1)


def _as_probability(_scores: Floats, _decline: Integers, tested: Floats) -> Floats:
    return tested


def _as_log_odds(_scores: Floats, _decline: Integers, tested: Floats) -> Floats:
    probability: Floats = expit(tested)
    return probability
