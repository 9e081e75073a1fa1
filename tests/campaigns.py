"""Assumptions, customers and problems that several tests of campaigns share."""

from dataclasses import replace
from typing import Any

import numpy as np

from retention.campaign.assumptions import Assumptions
from retention.campaign.catalogue import Catalogue
from retention.campaign.planning.problem import Limits, Problem
from retention.campaign.worth import Option, worth


def beta(mean: float, weight: float = 20) -> dict[str, Any]:
    """Return a Beta assumption with so much weight behind its mean."""
    shape = {"alpha": mean * weight, "beta": (1 - mean) * weight}
    return {"distribution": "beta", **shape, "origin": "a guess"}


def fixed(value: float) -> dict[str, Any]:
    return {"distribution": "fixed", "value": float(value), "origin": "the price list"}


def lognormal(median: float, factor: float = 1.5) -> dict[str, Any]:
    return {"distribution": "lognormal", "median": median, "factor": factor, "origin": "a guess"}


def offer(kept: float, take_up: float, harm: float, cost: float) -> dict[str, Any]:
    return {
        "share_kept": beta(kept),
        "take_up": beta(take_up),
        "harm": beta(harm, 100) if harm else fixed(0),
        "cost": lognormal(cost) if cost else fixed(0),
    }


CONTENT: dict[str, Any] = {
    "share_lost": {"distribution": "uniform", "low": 0.3, "high": 0.7, "origin": "a guess"},
    "horizon_months": fixed(3),
    "fatigue": beta(0.2),
    "offers": {
        "discount": offer(0.3, 0.7, 0.01, 0.4),
        "premium": offer(0.2, 0.5, 0.01, 0.3),
        "reminder": offer(0.08, 0.5, 0.005, 0.0),
        "warranty": offer(0.15, 0.4, 0.0, 0.2),
    },
    "channels": {
        "message": {"reach": beta(0.8), "cost": fixed(0.01)},
        "on_site": {"reach": beta(0.4), "cost": fixed(0)},
    },
}

OPTIONS = [
    Option(name, channel) for name in CONTENT["offers"] for channel in ("message", "on_site")
]


def assumptions() -> Assumptions:
    return Assumptions.model_validate(CONTENT)


def customers(n: int, seed: int) -> dict[str, Any]:
    """Return probability, profit and tiredness of customers like those of a store."""
    random = np.random.default_rng(seed)
    return {
        "probability": random.beta(0.4, 0.6, n),
        "profit": random.lognormal(1.3, 0.4, n),
        "tired": random.random(n) < 0.3,
    }


def problem(n: int, seed: int, **limits: Any) -> Problem:
    """Return customers of whom each may have some of the options."""
    random = np.random.default_rng([seed, 1])
    increment, spent = worth(**customers(n, seed), options=OPTIONS, values=assumptions().means())
    fits = random.random((n, len(OPTIONS))) < 0.8
    return Problem(OPTIONS, increment, spent, fits, Limits(**limits))


def within(found: Problem, **limits: Any) -> Problem:
    return replace(found, limits=replace(found.limits, **limits))


def entry(
    when: str = "always", *, kept: float, cost: float = 0.0, **changed: Any
) -> dict[str, Any]:
    """Return an offer of a catalogue, of which nothing is uncertain."""
    return {
        "when": when,
        "answers": [],
        "channels": ["message", "on_site"],
        "minimum": None,
        "maximum": None,
        "share_kept": fixed(kept),
        "take_up": fixed(0.5),
        "harm": fixed(0),
        "cost": fixed(cost),
        **changed,
    }


def channel(cost: float = 0.0, *, needs_consent: bool = False, **changed: Any) -> dict[str, Any]:
    """Return a channel that everybody notices."""
    known = {"capacity": None, "reach": fixed(1), "cost": fixed(cost)}
    return {"needs_consent": needs_consent, **known, **changed}


CHANNELS = {"message": channel(needs_consent=True), "on_site": channel(reach=fixed(0.5))}


def catalogue(offers: dict[str, Any], **changed: Any) -> Catalogue:
    """Return a catalogue in which a decline takes half of the profit of two months."""
    content = {
        "consider": "always",
        "tired": None,
        "budget": None,
        "horizon_months": 2.0,
        "share_lost": fixed(0.5),
        "fatigue": fixed(0.5),
        "channels": CHANNELS,
        "catalogue": offers,
    }
    return Catalogue.model_validate({**content, **changed})
