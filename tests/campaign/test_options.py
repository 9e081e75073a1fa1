"""Which ways of contacting a customer there are."""

import numpy as np

from retention.campaign.planning.options import allowed, options
from retention.campaign.worth import Option

CHANNELS = {"gift": ["mail", "site"], "hint": ["site"]}


def test_every_offer_comes_by_each_of_its_channels_but_for_what_is_excluded():
    everything = [Option("gift", "mail"), Option("gift", "site"), Option("hint", "site")]
    assert options(CHANNELS) == everything
    assert options(CHANNELS, [Option("gift", "site")]) == [everything[0], everything[2]]


def test_no_message_without_consent_and_no_offer_that_does_not_fit():
    fits = {"gift": np.array([True, True, False]), "hint": np.array([True, False, True])}
    consent = np.array([True, False, True])
    found = allowed(options(CHANNELS), fits, consent, {"mail"})
    assert found.tolist() == [[True, True, True], [False, True, False], [False, False, True]]
