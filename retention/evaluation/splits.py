"""Figures of each outer split, of which differences between models are taken, pair by pair.

Shapes as in `retention.evaluation.outer`: (R, n) in, (J,) out, repeat by repeat, fold by fold.
"""

import numpy as np
from numpy.typing import NDArray

from retention.evaluation.calibration import in_the_large, log_odds
from retention.evaluation.outer import Floats, Integers, Outer
from retention.statistics.ranking import roc_auc


def probability_figures(probability: Floats, outer: Outer) -> dict[str, Floats]:
    """Return ROC-AUC, log loss, Brier score and calibration in the large on each split.

    The last is the offset of the log-odds at slope 1, 0 where all is well. Probabilities of 0 and 1
    count as the log-odds of `calibration.LEAST_PROBABILITY`.
    """
    return {
        "roc_auc": outer.by_split(roc_auc, probability),
        "log_loss": outer.by_split(_log_loss, probability),
        "brier": outer.by_split(_brier, probability),
        "in_the_large": outer.by_split(_offset, probability),
    }


def class_figures(predicted: NDArray[np.bool_], outer: Outer) -> dict[str, Floats]:
    """Return precision, recall, F1 and accuracy on each split, (J,); 0 where nobody is found."""
    rows = []
    for repeat, _, _, test in outer.splits():
        declined, called = outer.decline[test] == 1, predicted[repeat, test]
        hits = int((declined & called).sum())
        rows.append(
            (
                hits / max(int(called.sum()), 1),
                hits / max(int(declined.sum()), 1),
                2 * hits / max(int(declined.sum() + called.sum()), 1),
                float((declined == called).mean()),
            )
        )
    return dict(zip(("precision", "recall", "f1", "accuracy"), np.array(rows).T, strict=True))


def _log_loss(decline: Integers, probability: Floats) -> float:
    return float(np.logaddexp(0, (1 - 2 * decline) * log_odds(probability)).mean())


def _brier(decline: Integers, probability: Floats) -> float:
    return float(np.mean((probability - decline) ** 2))


def _offset(decline: Integers, probability: Floats) -> float:
    return in_the_large(decline, probability, np.arange(len(decline)), 0.95)["value"]
