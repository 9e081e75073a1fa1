"""Assumptions are distributions: their means and ranges, and what is refused."""

import numpy as np
import pytest
from campaigns import CONTENT, assumptions, beta, fixed, lognormal
from scipy import integrate

from retention.campaign.assumptions import Assumptions
from retention.harness.errors import UserError
from retention.harness.parameters import validate

UNIFORM = {"distribution": "uniform", "low": 0.2, "high": 0.6, "origin": "a guess"}
EACH = [beta(0.3), lognormal(2.0, 3.0), UNIFORM, fixed(0.4)]


def with_fatigue(value):
    return {**CONTENT, "fatigue": value}


@pytest.mark.parametrize("content", EACH[:3], ids=lambda content: content["distribution"])
def test_mean_quantiles_and_density_agree(content):
    found = Assumptions.model_validate({**CONTENT, "horizon_months": content}).horizon_months
    values = found.quantile(np.linspace(0.0005, 0.9995, 1000))
    assert values.mean() == pytest.approx(found.mean, rel=0.01)
    grid = np.linspace(values[0] * 0.2, values[-1] * 2, 200_001)
    density = np.exp(found.log_density(grid))
    assert integrate.trapezoid(density, grid) == pytest.approx(1, abs=0.01)
    assert values.std() == pytest.approx(found.deviation, rel=0.05)


def test_worked_out_by_hand():
    found = assumptions()
    assert found.offers["discount"].share_kept.mean == pytest.approx(0.3)
    # 90 % of a lognormal amount lie within its factor of the median.
    ends = found.offers["discount"].cost.quantile(np.array([0.05, 0.5, 0.95]))
    assert ends == pytest.approx([0.4 / 1.5, 0.4, 0.4 * 1.5])
    assert found.horizon_months.quantile(np.array([0.1, 0.9])).tolist() == [3, 3]


def test_every_assumption_has_a_name():
    names = list(assumptions().by_name())
    assert names[:3] == ["share_lost", "horizon_months", "fatigue"]
    assert "offers.reminder.harm" in names
    assert "channels.on_site.reach" in names
    assert len(names) == 3 + 4 * 4 + 2 * 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lognormal(0.5), "should be a share"),
        ({**UNIFORM, "high": 1.2}, "should be a share"),
        (fixed(-0.1), "should be a share"),
        ({**UNIFORM, "low": 0.6}, "should have low < high"),
        ({**beta(0.3), "distribution": "gamma"}, "'beta', 'lognormal', 'uniform', 'fixed'"),
        ({**fixed(0.2), "origin": ""}, "origin"),
        ({"distribution": "fixed", "value": 0.2}, "origin' is missing"),
        ({**fixed(0.2), "valu": 3}, "did you mean 'value'"),
    ],
)
def test_an_unfit_assumption_is_refused_with_its_key(content, words):
    with pytest.raises(UserError) as error:
        validate(Assumptions, with_fatigue(content), "params.yaml", "offer")
    assert words in str(error.value)
    assert "params.yaml: 'offer.fatigue" in str(error.value)


def test_a_cost_below_zero_is_refused():
    content = {**CONTENT, "horizon_months": fixed(-1)}
    with pytest.raises(UserError, match="nowhere below 0"):
        validate(Assumptions, content, "params.yaml")
