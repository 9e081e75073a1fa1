"""The matrix of risk and profit, worked out by hand."""

import pandas as pd
import pytest

from retention.segments.bands import risk_profit_matrix
from retention.statistics.intervals import rate_interval

TABLE = pd.DataFrame(
    {
        "decline": [0, 1, 0, 1, 1, 1],
        "probability": [0.1, 0.3, 0.3, 0.5, 0.7, 0.9],
        "profit": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],  # the median is 3.5
    }
)


def test_the_cells_are_those_of_their_own_customers():
    found = risk_profit_matrix(TABLE, [0.3, 0.7], [0.5], 0.95)
    assert found["risk"].tolist() == ["0..0.3"] * 2 + ["0.3..0.7"] * 2 + ["0.7..1"] * 2
    assert found["profit_quantile"].tolist() == ["0..0.5", "0.5..1"] * 3
    assert found["profit_from"].tolist() == [1, 3.5] * 3
    assert found["profit_to"].tolist() == [3.5, 6] * 3
    # A probability on a cut counts in the band above.
    assert found["customers"].tolist() == [1, 0, 2, 1, 0, 2]
    assert found["profit"].tolist() == [1, 0, 5, 4, 0, 11]
    assert found["profit_at_risk"].tolist() == pytest.approx([0.1, 0, 1.5, 2, 0, 8.9])
    middle = found.iloc[2]
    assert middle["probability"] == pytest.approx(0.3)
    rate = {"value": middle["decline_rate"], "low": middle["low"], "high": middle["high"]}
    assert rate == rate_interval(1, 2, 0.95)
    assert found.iloc[1][["probability", "decline_rate", "low", "high"]].isna().all()


def test_nobody_is_lost_or_counted_twice():
    found = risk_profit_matrix(TABLE, [0.2, 0.4, 0.9], [0.1, 0.25, 0.9], 0.9)
    assert found["customers"].sum() == len(TABLE)
    assert found["profit"].sum() == TABLE["profit"].sum()


def test_a_profit_on_a_quantile_is_above_it_as_in_rules():
    table = TABLE.iloc[:5]  # the median is 3
    found = risk_profit_matrix(table, [0.99], [0.5], 0.95).set_index("profit_quantile")
    assert found.loc["0.5..1", "customers"].tolist() == [3, 0]


def test_the_same_profit_everywhere_is_one_band():
    found = risk_profit_matrix(TABLE.assign(profit=2.0), [0.5], [0.25, 0.5, 0.75], 0.95)
    by_band = found.groupby("profit_quantile", sort=False)["customers"].sum()
    assert by_band.tolist() == [0, 0, 0, 6]
