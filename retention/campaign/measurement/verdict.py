"""What a campaign's interval says about money: it pays, it doesn't, or it can't be told yet."""

from typing import Any

import numpy as np

from retention.campaign.measurement.effect import Effect, seen_with_power, size_for

PAYS, DOES_NOT_PAY, CANNOT_TELL = "pays", "does_not_pay", "cannot_tell"


def verdict(net: Effect, expected: float, confidence: float) -> dict[str, Any]:
    """Return what the effect on profit net of costs, per customer on the list, amounts to.

    "pays" where the whole interval lies above 0, "does_not_pay" where it lies below, "cannot_tell"
    otherwise: that isn't "no effect". A true effect of 0 or less is called paying with a
    probability of half of 1 − confidence at most.

    Parameters
    ----------
    net
        Effect on profit net of costs.
    expected
        What the plan expected of a customer: `needed` is how many customers more, split as these,
        would show an effect of this size with a power of 80 % (at least 1; nan where nothing was
        expected, or nobody was compared). The effect that was seen can't stand in its place: where
        nothing could be told, it is mostly noise.
    confidence
        Level of the interval.

    """
    if net.low > 0:
        words = PAYS
    elif net.high < 0:
        words = DOES_NOT_PAY
    else:
        words = CANNOT_TELL
    customers = net.contacted + net.control
    smallest = seen_with_power(net.error, confidence)
    needed = size_for(smallest, abs(expected), customers) - customers
    return {
        "verdict": words,
        "needed": float(np.fmax(needed, 1)) if words == CANNOT_TELL and needed == needed else None,
        "smallest": smallest,
        "expected": expected,
    }
