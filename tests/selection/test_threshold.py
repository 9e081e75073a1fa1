"""The threshold: counted one by one."""

import numpy as np
import pytest

from retention.selection.threshold import threshold


def gains(decline: np.ndarray, probability: np.ndarray, rule: str) -> dict[float, float]:
    """Return the gain at every cut, counted one by one."""
    found = {}
    for cut in np.unique(probability).tolist():
        predicted = probability >= cut
        hits = (predicted & (decline == 1)).sum()
        false_alarms = (predicted & (decline == 0)).sum()
        misses = (~predicted & (decline == 1)).sum()
        if rule == "f1":
            found[cut] = 2 * hits / (2 * hits + false_alarms + misses)
        else:
            found[cut] = hits / (decline == 1).sum() - false_alarms / (decline == 0).sum()
    return found


@pytest.mark.parametrize("digits", [1, 2, 8])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rule", ["f1", "youden"])
def test_the_threshold_is_the_highest_of_the_best_cuts(rule, seed, digits):
    random = np.random.default_rng(seed)
    decline = random.permutation(np.arange(40) % 2)
    probability = np.clip(random.normal(0.4 + 0.2 * decline, 0.2), 0, 1).round(digits)
    by_cut = gains(decline, probability, rule)
    best = [cut for cut, gain in by_cut.items() if gain > max(by_cut.values()) - 1e-9]
    assert threshold(decline, probability, rule) == max(best)


def test_f1_and_youden_are_different_rules():
    decline = np.array([1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    probability = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
    assert threshold(decline, probability, "f1") == 0.9
    assert threshold(decline, probability, "youden") == 0.6
