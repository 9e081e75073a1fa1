"""The increment of a contact: by hand, against the special case, and against simulation."""

import numpy as np
import pytest
from campaigns import OPTIONS, assumptions, customers

from retention.campaign.ranges import draw
from retention.campaign.worth import Option, break_even, worth

OPTION = Option("gift", "mail")
VALUES = {
    "share_lost": 0.5,
    "horizon_months": 3.0,
    "fatigue": 0.5,
    "offers.gift.share_kept": 0.4,
    "offers.gift.take_up": 0.6,
    "offers.gift.harm": 0.02,
    "offers.gift.cost": 0.5,
    "channels.mail.reach": 0.8,
    "channels.mail.cost": 0.1,
}


def of_one(p, profit, tired=False, **changed):
    names = {
        "kept": "offers.gift.share_kept",
        "take_up": "offers.gift.take_up",
        "harm": "offers.gift.harm",
        "cost": "offers.gift.cost",
        "reach": "channels.mail.reach",
        "contact": "channels.mail.cost",
    }
    values = {**VALUES, **{names.get(key, key): value for key, value in changed.items()}}
    increment, spent = worth(
        np.array([float(p)]), np.array([float(profit)]), np.array([tired]), [OPTION], values
    )
    return increment[0, 0], spent[0, 0]


@pytest.mark.parametrize(
    ("p", "profit", "tired", "changed", "increment", "spent"),
    [
        # A decline takes 0.5·3·4 = 6. Brought 0.8·0.4·6, spent 0.1 + 0.8·0.5·0.4.
        (1, 4, False, {}, 1.92 - 0.26, 0.26),
        # Who would have stayed: harmed 0.8·0.02·6; spent 0.1 + 0.8·0.5·0.98·0.6.
        (0, 4, False, {}, -0.096 - 0.3352, 0.3352),
        (0.5, 4, False, {}, (1.66 - 0.4312) / 2, (0.26 + 0.3352) / 2),
        # Half as many of the tired notice it.
        (1, 4, True, {}, 0.96 - 0.18, 0.18),
        # Without costs or harm nobody is lost on.
        (0, 4, False, {"cost": 0.0, "contact": 0.0, "harm": 0.0}, 0, 0),
        # An offer that keeps nobody only does harm.
        (0, 4, False, {"cost": 0.0, "contact": 0.0, "kept": 0.0}, -0.096, 0),
    ],
)
def test_worked_out_by_hand(p, profit, tired, changed, increment, spent):
    found = of_one(p, profit, tired, **changed)
    assert found == pytest.approx((increment, spent))


def test_the_usual_formula_is_a_special_case():
    random = np.random.default_rng(3)
    p, profit = random.random(40), random.uniform(1, 7, 40)
    usual = {"share_lost": 1.0, "offers.gift.take_up": 1.0, "offers.gift.harm": 0.0}
    values = {**VALUES, **usual, "channels.mail.reach": 1.0}
    found, _ = worth(p, profit, np.zeros(40, dtype=bool), [OPTION], values)
    # Neslin et al. 2006: p·[γ(V − d) − f] − (1 − p)(d + f)
    expected = p * (0.4 * (3 * profit - 0.5) - 0.1) - (1 - p) * (0.5 + 0.1)
    np.testing.assert_allclose(found[:, 0], expected)


def test_the_formula_is_the_mean_over_simulated_customers():
    random = np.random.default_rng(4)
    n, p, profit = 400_000, 0.3, 4.0
    declines = random.random(n) < p
    notices = random.random(n) < 0.8
    kept = notices & declines & (random.random(n) < 0.4)
    harmed = notices & ~declines & (random.random(n) < 0.02)
    stays = notices & ~declines & ~harmed & (random.random(n) < 0.6)
    after = (declines & ~kept) | harmed
    money = 0.5 * 3 * profit * (declines.astype(float) - after) - 0.1 - 0.5 * (kept | stays)
    assert of_one(p, profit)[0] == pytest.approx(money.mean(), abs=0.01)


def test_the_expectation_over_assumptions_is_the_formula_at_their_means():
    known = assumptions()
    data = customers(5, 1)
    drawn = draw(known, 2000, 0)
    draws = [{name: values[k] for name, values in drawn.items()} for k in range(2000)]
    mean = np.mean([worth(**data, options=OPTIONS, values=values)[0] for values in draws], axis=0)
    at_means, _ = worth(**data, options=OPTIONS, values=known.means())
    np.testing.assert_allclose(mean, at_means, atol=0.03)


@pytest.mark.parametrize("tired", [False, True])
def test_at_break_even_a_contact_neither_pays_nor_costs(tired):
    profit = np.linspace(1, 8, 30)
    state = np.full(30, tired)
    at = break_even(profit, state, OPTION, VALUES)
    pays = np.isfinite(at)
    assert pays.sum() > 20
    found, _ = worth(at[pays], profit[pays], state[pays], [OPTION], VALUES)
    np.testing.assert_allclose(found, 0, atol=1e-12)
    # Where it pays at no probability, it doesn't at the highest.
    worst, _ = worth(np.ones((~pays).sum()), profit[~pays], state[~pays], [OPTION], VALUES)
    assert (worst < 0).all()


@pytest.mark.parametrize(
    ("name", "sign"),
    [("kept", 1), ("take_up", -1), ("harm", -1), ("cost", -1), ("contact", -1)],
)
def test_which_way_an_assumption_moves_the_increment(name, sign):
    low, high = (of_one(0.4, 4, **{name: value})[0] for value in (0.1, 0.2))
    assert np.sign(high - low) == sign
