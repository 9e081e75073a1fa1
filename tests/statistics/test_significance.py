"""Adjusted p-values, by hand."""

import numpy as np

from retention.statistics.significance import benjamini_hochberg, holm


def test_holm_by_hand():
    found = holm(np.array([0.04, np.nan, 0.01, 0.03, 0.6]))
    # 0.01·4; 0.03·3; 0.04·2 would be less than the step before; 0.6·1.
    np.testing.assert_allclose(found, [0.09, np.nan, 0.04, 0.09, 0.6])
    assert holm(np.array([0.7, 0.8])).tolist() == [1, 1]
    assert holm(np.array([])).tolist() == []


def test_benjamini_hochberg_by_hand():
    found = benjamini_hochberg(np.array([0.04, np.nan, 0.01, 0.03, 0.6]))
    np.testing.assert_allclose(found, [0.16 / 3, np.nan, 0.04, 0.16 / 3, 0.6])
