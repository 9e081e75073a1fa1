"""What a contact is worth, worked out by hand."""

import numpy as np
import pytest

from retention.campaign.money import break_even, expected_profit


@pytest.mark.parametrize(
    ("p", "value", "offer", "contact", "kept", "expected"),
    [
        # 0.5·[0.3·(10 − 1) − 0.1] − 0.5·(1 + 0.1) = 1.3 − 0.55
        (0.5, 10, 1, 0.1, 0.3, 0.75),
        # A sure decliner: 0.3·(10 − 1) − 0.1.
        (1, 10, 1, 0.1, 0.3, 2.6),
        # Who stays anyway takes the discount: −(1 + 0.1).
        (0, 10, 1, 0.1, 0.3, -1.1),
        # A reminder that costs nothing loses nothing.
        (0, 10, 0, 0, 0.3, 0),
        (0.4, 12, 0, 0, 0.5, 2.4),
    ],
)
def test_expected_profit(p, value, offer, contact, kept, expected):
    amounts = (np.array([float(x)]) for x in (p, value, offer, contact))
    assert expected_profit(*amounts, kept).tolist() == pytest.approx([expected])


def test_every_customer_has_amounts_of_their_own():
    p, value = np.array([1.0, 0.0]), np.array([10.0, 20.0])
    offer, contact = np.array([1.0, 2.0]), np.array([0.1, 0.0])
    assert expected_profit(p, value, offer, contact, 0.5).tolist() == pytest.approx([4.4, -2])


def test_break_even_worked_out_by_hand():
    # (1 + 0.1) / (0.3·9 + 1)
    found = break_even(np.array([10.0]), np.array([1.0]), np.array([0.1]), 0.3)
    assert found.tolist() == pytest.approx([1.1 / 3.7])


@pytest.mark.parametrize("kept", [0.05, 0.3, 1.0])
def test_at_break_even_a_contact_neither_pays_nor_costs(kept):
    random = np.random.default_rng(2)
    value, offer = random.uniform(3, 20, 50), random.uniform(0, 1, 50)
    contact = random.uniform(0, 0.1, 50)
    at = break_even(value, offer, contact, kept)
    np.testing.assert_allclose(expected_profit(at, value, offer, contact, kept), 0, atol=1e-12)
    assert (expected_profit(at + 0.01, value, offer, contact, kept) > 0).all()
    assert (expected_profit(at - 0.01, value, offer, contact, kept) < 0).all()
