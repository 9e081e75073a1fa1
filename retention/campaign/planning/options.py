"""The ways to contact a customer, and which of them are allowed."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retention.campaign.worth import Option

Flags = NDArray[np.bool_]


def options(
    channels: Mapping[str, Sequence[str]], excluded: Collection[Option] = ()
) -> list[Option]:
    """Return each offer by each of its channels, without the excluded combinations.

    In the order of the catalogue: the first of options that are worth the same is taken.
    """
    found = [Option(offer, channel) for offer, names in channels.items() for channel in names]
    return [option for option in found if option not in excluded]


def allowed(
    options: Sequence[Option],
    fits: Mapping[str, Flags],
    consent: Flags,
    needs_consent: Collection[str],
) -> Flags:
    """Return which option may be used for which customer, (n, m).

    Parameters
    ----------
    options
        The m options.
    fits
        For each offer, the customers who meet its condition and none of its exclusions, (n,).
    consent
        Who agreed to be sent messages, (n,).
    needs_consent
        The channels that only reach whoever agreed.

    """
    columns = [
        fits[option.offer] & consent if option.channel in needs_consent else fits[option.offer]
        for option in options
    ]
    return np.stack(columns, axis=1)
