"""What nobody has measured yet: every assumption is a distribution with its origin.

In params.yaml an assumption is a mapping such as

    share_kept: {distribution: beta, alpha: 6, beta: 14, origin: Verbraken et al. 2013}

A plan is made with the means; the ranges printed beside its sums run over the distributions.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, model_validator
from scipy import stats

from retention.harness.parameters import Section

Floats = NDArray[np.float64]
Positive = Annotated[float, Field(gt=0)]

# Of a lognormal assumption, 90 % lie within its factor of the median.
_WITHIN = 0.9


class _Distribution(Section):
    """A distribution, and where it comes from."""

    origin: Annotated[str, Field(min_length=1)]

    def _law(self) -> Any:
        """Return the distribution as scipy knows it."""
        raise NotImplementedError("all of the probability is in one point")

    @property
    def mean(self) -> float:
        """Return the mean."""
        return float(self._law().mean())

    def quantile(self, levels: Floats) -> Floats:
        """Return the values below which the shares `levels` lie, in the shape of these."""
        return np.asarray(self._law().ppf(levels), dtype=np.float64)

    @property
    def deviation(self) -> float:
        """Return the standard deviation."""
        return float(self._law().std())

    def log_density(self, values: Floats) -> Floats:
        """Return the logarithm of the density at `values`, in their shape."""
        return np.asarray(self._law().logpdf(values), dtype=np.float64)


class Beta(_Distribution):
    """Beta(alpha, beta): a share whose mean is alpha/(alpha + beta)."""

    distribution: Literal["beta"]
    alpha: Positive
    beta: Positive

    def _law(self) -> Any:
        return stats.beta(self.alpha, self.beta)


class Lognormal(_Distribution):
    """A positive amount: 90 % lie between median/factor and median·factor."""

    distribution: Literal["lognormal"]
    median: Positive
    factor: Annotated[float, Field(gt=1)]

    def _law(self) -> Any:
        spread = np.log(self.factor) / stats.norm.ppf((1 + _WITHIN) / 2)
        return stats.lognorm(spread, scale=self.median)


class Uniform(_Distribution):
    """Any value between low and high, none more likely than another."""

    distribution: Literal["uniform"]
    low: float
    high: float

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if not self.low < self.high:
            raise ValueError("should have low < high")
        return self

    def _law(self) -> Any:
        return stats.uniform(self.low, self.high - self.low)


class Fixed(_Distribution):
    """A value that is known, or that nobody wants to vary."""

    distribution: Literal["fixed"]
    value: float

    @property
    def mean(self) -> float:
        """Return the value."""
        return self.value

    @property
    def deviation(self) -> float:
        """Return 0."""
        return 0.0

    def quantile(self, levels: Floats) -> Floats:
        """Return the value for each of the levels."""
        return np.full(np.shape(levels), self.value)


Assumption = Annotated[Beta | Lognormal | Uniform | Fixed, Field(discriminator="distribution")]


def _check_range(assumption: _Distribution, highest: float, words: str) -> None:
    low, high = assumption.quantile(np.array([0.0, 1.0])).tolist()
    if not 0 <= low <= high <= highest:
        raise ValueError(f"should be {words}")


def _share(assumption: Assumption) -> Assumption:
    _check_range(assumption, 1, "a share, nowhere below 0 or above 1")
    return assumption


def _amount(assumption: Assumption) -> Assumption:
    _check_range(assumption, np.inf, "nowhere below 0")
    return assumption


ShareAssumption = Annotated[Assumption, AfterValidator(_share)]
AmountAssumption = Annotated[Assumption, AfterValidator(_amount)]


class OfferAssumptions(Section):
    """What is assumed of an offer; symbols as in `retention.campaign.worth`."""

    share_kept: ShareAssumption
    take_up: ShareAssumption
    harm: ShareAssumption
    cost: AmountAssumption


class ChannelAssumptions(Section):
    """What is assumed of a channel."""

    reach: ShareAssumption
    cost: AmountAssumption


class Assumptions(Section):
    """All that the worth of a contact rests on, besides the probability and the profit."""

    share_lost: ShareAssumption
    horizon_months: AmountAssumption
    fatigue: ShareAssumption
    offers: dict[str, OfferAssumptions]
    channels: dict[str, ChannelAssumptions]

    def by_name(self) -> dict[str, Assumption]:
        """Return each assumption under its dotted name, such as `offers.premium.harm`."""
        named: dict[str, Assumption] = {
            "share_lost": self.share_lost,
            "horizon_months": self.horizon_months,
            "fatigue": self.fatigue,
        }
        parts: dict[str, Mapping[str, Section]] = {"offers": self.offers, "channels": self.channels}
        for part, items in parts.items():
            for name, item in items.items():
                for field in type(item).model_fields:
                    named[f"{part}.{name}.{field}"] = getattr(item, field)
        return named

    def means(self) -> dict[str, float]:
        """Return the mean of each assumption by its dotted name."""
        return {name: assumption.mean for name, assumption in self.by_name().items()}
