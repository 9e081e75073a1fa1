"""When next month's outcomes are there: what was expected, what came, and what to do about it.

Three questions are put to the outcomes, of which each would call for learning anew: do the scores
rank worse than expected (`ranking`: the ROC-AUC, below only); do more or fewer decline (`level`);
do declines by band of risk differ from what the probabilities say (`bands`: Σ (came −
expected)²/variance). Each is held against the same outcomes as `retention.next_month.expected`
draws, that is, against months in which the relation between columns and decline is the training
customers' and only chance, and what isn't known of the calibration, moves the figures. Their
p-values are adjusted together, so that the chance of *any* false alarm in a month is at most the
level. An alarm must also be worth a new model: differences below `least` are let go, however sure.

No alarm isn't proof: `smallest` says what such a month would have shown with a power of 80 %.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from retention.evaluation.calibration import in_the_large, slope
from retention.next_month.expected import FIGURES, Figures, Scored, Simulation, expected, simulate
from retention.next_month.permutation import westfall_young
from retention.next_month.recalibration import Known, Recalibration
from retention.statistics.intervals import TOO_FEW, Interval, fewest_groups, rate_interval
from retention.statistics.paired import POWER
from retention.statistics.ranking import delong_interval

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Members = NDArray[np.bool_]

QUESTIONS = ("ranking", "level", "bands")
CUTS = (0.1, 0.3, 0.5, 0.7, 0.9)
LEAST = 0.01
KEEP, ANEW, TOO_FEW_CAME = "keep", "anew", "too_few"


def outcome(
    scored: Scored,
    decline: Integers,
    known: Known,
    setting: Simulation,
    *,
    cuts: Sequence[float] = CUTS,
    least: float = LEAST,
) -> dict[str, Any]:
    """Compare the outcomes `decline` (m,) of scored customers with what was to be expected.

    Parameters
    ----------
    scored, known, setting
        As in `expected`, of the same month; the level of the alarm is 1 − `setting.confidence`.
    decline
        1 for a decline, 0 else, in the order of `scored`.
    cuts
        Where bands of risk end, between 0 and 1.
    least
        The smallest difference, in ROC-AUC or as a share of customers, that is worth a new model.

    Returns
    -------
    `customers`, `declined`; `figures`, by name {`expected`, `came`, `inside`}, where `inside` is
    None if the interval can't be told; `calibration` of what came; `questions`, by name {`size`,
    `p`, `p_adjusted`, `smallest`, `alarm`}; `bands`, the rows of `by_band`; and the `verdict`:
    "keep", "anew", or "too_few" where fewer than `TOO_FEW` of a class came, or were known.

    """
    groups = np.arange(len(decline)) if scored.groups is None else scored.groups
    figures, before = _came(scored, decline, setting.confidence), expected(scored, known, setting)
    enough = known.enough and fewest_groups(decline, groups) >= TOO_FEW
    questions = _questions(scored, decline, known, setting, cuts, least) if enough else {}
    alarm = any(question["alarm"] for question in questions.values())
    return {
        "customers": len(decline),
        "declined": int(decline.sum()),
        "figures": {
            name: {
                "expected": before[name],
                "came": figures[name],
                "inside": _inside(figures[name]["value"], before[name]),
            }
            for name in FIGURES
        },
        "calibration": {
            "in_the_large": in_the_large(decline, scored.probability, groups, setting.confidence),
            "slope": slope(decline, scored.probability, groups, setting.confidence),
        },
        "questions": questions,
        "bands": by_band(scored, decline, known, setting, cuts).to_dict("records"),
        "verdict": (ANEW if alarm else KEEP) if enough else TOO_FEW_CAME,
    }


def _inside(value: float, interval: Interval) -> bool | None:
    if np.isnan([value, interval["low"]]).any():
        return None
    return bool(interval["low"] <= value <= interval["high"])


def by_band(
    scored: Scored, decline: Integers, known: Known, setting: Simulation, cuts: Sequence[float]
) -> pd.DataFrame:
    """Return the rate of declines by band of risk, as expected and as it came.

    Columns: `from`, `to` (a customer on a border is in the band above it), `customers`, `expected`
    with `expected_low` and `expected_high` (for the rate that comes), `came` with Wilson's `low`
    and `high`. Bands without customers are left out.
    """
    band, edges = _bands(scored.probability, cuts)
    inside = np.eye(len(edges) - 1)[band]
    size = inside.sum(axis=0)
    with np.errstate(invalid="ignore"):
        drawn = simulate(
            lambda outcomes: outcomes @ inside / size, scored, Recalibration(known), setting
        )
    tail = (1 - setting.confidence) / 2
    rows = []
    for place, (low, high) in enumerate(pairwise(edges)):
        if not size[place]:
            continue
        came = rate_interval(
            float(decline[band == place].sum()), int(size[place]), setting.confidence
        )
        between = [
            float(np.quantile(drawn[:, place], level, method=method))  # type: ignore[call-overload]
            for level, method in ((tail, "lower"), (1 - tail, "higher"))
        ]
        rows.append(
            {
                "from": low,
                "to": high,
                "customers": int(size[place]),
                "expected": float(drawn[:, place].mean()),
                "expected_low": between[0],
                "expected_high": between[1],
                "came": came["value"],
                "low": came["low"],
                "high": came["high"],
            }
        )
    return pd.DataFrame(rows)


def _came(scored: Scored, decline: Integers, confidence: float) -> dict[str, Interval]:
    """Return the figures of the outcomes, with DeLong's interval and Wilson's."""
    hits = int(decline[scored.called].sum())
    declined, called = int(decline.sum()), int(scored.called.sum())
    return {
        "roc_auc": delong_interval(decline, scored.probability, confidence, scored.groups),
        "precision": rate_interval(hits, called, confidence),
        "recall": rate_interval(hits, declined, confidence),
        "decline_rate": rate_interval(declined, len(decline), confidence),
    }


def _questions(
    scored: Scored,
    decline: Integers,
    known: Known,
    setting: Simulation,
    cuts: Sequence[float],
    least: float,
) -> dict[str, dict[str, Any]]:
    """Return the answer to each of `QUESTIONS`."""
    curve = Recalibration(known)
    asked = _Asked(scored, curve.probability(scored.probability), cuts)
    drawn = simulate(asked, scored, curve, setting)
    came = asked((decline == 1)[None, :])
    mean = drawn.mean(axis=0)
    # Roc-auc and rate are held against their mean, bands against none: they are distances.
    far = np.concatenate([came, drawn])
    far = np.column_stack([mean[0] - far[:, 0], np.abs(far[:, 1] - mean[1]), far[:, 2]])
    p, adjusted = westfall_young(far.round(12))
    level = 1 - setting.confidence
    sizes = (mean[0] - came[0, 0], came[0, 1] - mean[1], max(0.0, came[0, 3] - mean[3]))
    # The strictest step of Holm's, one-sided for the ranking.
    steps = ndtri(1 - level / len(QUESTIONS) / np.array([1, 2])) + ndtri(POWER)
    smallest = (*(steps * drawn[:, :2].std(axis=0)).tolist(), np.nan)
    return {
        name: {
            "size": float(sizes[place]),
            "p": float(p[place]),
            "p_adjusted": float(adjusted[place]),
            "smallest": float(smallest[place]),
            "alarm": bool(adjusted[place] <= level and abs(sizes[place]) >= least),
        }
        for place, name in enumerate(QUESTIONS)
    }


class _Asked:
    """What is asked of outcomes (k, m): ROC-AUC, rate, distance and mean gap by band, (k, 4)."""

    def __init__(self, scored: Scored, probability: Floats, cuts: Sequence[float]) -> None:
        self._figures = Figures(scored)
        band, edges = _bands(scored.probability, cuts)
        inside = np.eye(len(edges) - 1)[band]
        self._inside = inside[:, inside.any(axis=0)]
        self._expected = probability @ self._inside
        self._variance = (probability * (1 - probability)) @ self._inside

    def __call__(self, outcomes: Members) -> Floats:
        """Return what the outcomes answer."""
        figures = self._figures(outcomes)
        gaps = outcomes @ self._inside - self._expected
        return np.column_stack(
            [
                np.nan_to_num(figures[:, 0], nan=0.5),
                figures[:, FIGURES.index("decline_rate")],
                (gaps**2 / self._variance).sum(axis=1),
                np.abs(gaps).sum(axis=1) / outcomes.shape[1],
            ]
        )


def _bands(probability: Floats, cuts: Sequence[float]) -> tuple[NDArray[np.intp], list[float]]:
    """Return the number of each customer's band (m,), and the edges of the bands."""
    edges = [0.0, *sorted(cuts), 1.0]
    return np.searchsorted(edges[1:-1], probability, side="right"), edges
