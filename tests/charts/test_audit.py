"""The lines of the audit as figures."""

import numpy as np
import pandas as pd
import pytest

from retention.charts.audit import leak_bars, leaks
from retention.statistics.paired import corrected_difference


def lines(**ways):
    rows = [
        (line, number // 3, number % 3, wrong, right)
        for line, pairs in ways.items()
        for number, (wrong, right) in enumerate(pairs)
    ]
    return pd.DataFrame(rows, columns=["line", "draw", "fold", "wrong", "right"])


def test_a_line_is_the_mean_over_folds_and_draws():
    found = leaks(lines(a_leak=[(0.9, 0.7), (1.0, 0.8)], near_duplicates=[(0.9, 0.9)]), 0.95)
    assert found["a_leak"] == pytest.approx({"wrong": 0.95, "right": 0.75, "difference": 0.2})
    assert [*found] == ["a_leak", "near_duplicates", "optimism"]


def test_optimism_is_paired_by_fold():
    pairs = [(0.93, 0.91), (0.80, 0.79), (0.97, 0.97), (0.90, 0.88), (0.85, 0.86), (0.9, 0.89)]
    found = leaks(lines(near_duplicates=pairs), 0.9)["optimism"]
    expected = corrected_difference(np.array([w - r for w, r in pairs]), 3, 0.9)
    assert (found["value"], found["low"], found["high"], found["p"]) == pytest.approx(
        (expected.value, expected.low, expected.high, expected.p)
    )
    assert found["high"] - found["low"] < 0.05  # though the folds are far apart


def test_the_bars_are_the_lines_most_first():
    found = leaks(
        lines(small=[(0.9, 0.89)], large=[(0.9, 0.6)], near_duplicates=[(0.9, 0.9)]), 0.95
    )
    bars = leak_bars(found)
    assert bars["leak"].tolist() == ["large", "small", "near_duplicates"]
    assert bars["adds"].tolist() == pytest.approx([0.3, 0.01, 0])


def test_groups_that_leave_nobody_to_learn_from_have_no_optimism():
    found = leaks(lines(near_duplicates=[(np.nan, np.nan)]), 0.95)["optimism"]
    assert all(np.isnan(value) for value in found.values())
