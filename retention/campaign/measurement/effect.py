"""The effect of being on the contact list, by intention to treat: raw, and adjusted.

Whoever was drawn to be contacted counts as contacted, whatever happened then: only the draw makes
the arms alike (Gerber & Green 2012, *Field Experiments*, chapter 5). The adjusted effect takes what
was known before anything was sent, such as the score, out of both arms: within each arm the outcome
is regressed on the covariates, and the regressions are compared at the mean of all customers (Lin
2013, https://doi.org/10.1214/12-AOAS583; with one covariate before the campaign known as CUPED,
Deng et al. 2013, https://doi.org/10.1145/2433396.2433413). It estimates the same effect, with less
noise where the covariates say something about the outcome; it can't be biased by a bad score.

Both are weighted sums of outcomes within each arm, wᵀy, with residuals e: the variance of an arm is
Σ_g (Σ_{i∈g} wᵢeᵢ)² · G/(G − 1 − k) over its G groups of near-duplicates and k covariates, and the
difference has Student's t with Welch's degrees of freedom. It is Neyman's (1923) and so never too
small on average where the effect differs between customers.
"""

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtri, stdtr, stdtrit
from scipy.stats import chi2, f, ncx2

from retention.campaign.measurement.control import POWER
from retention.statistics.intervals import TOO_FEW, fewest_groups, group_sums
from retention.statistics.significance import holm

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Groups = NDArray[np.intp]


@dataclass(frozen=True)
class Effect:
    """A difference between the arms, contacted minus control, with its interval and two-sided p.

    Interval, p and error are nan where an arm, or the rarer outcome, has fewer than `TOO_FEW`
    groups. `contacted_mean` and `control_mean` are those of the arms, adjusted where the effect is.
    """

    value: float
    low: float
    high: float
    p: float
    error: float
    contacted: int
    control: int
    contacted_mean: float
    control_mean: float

    def figures(self) -> dict[str, float]:
        """Return the fields by name."""
        return asdict(self)


class _Arm(NamedTuple):
    """Regression within an arm: coefficients (1 + k,), their covariance, and groups left over."""

    coefficients: Floats
    covariance: Floats
    freedom: int


def effect(
    outcome: Floats,
    contacted: Flags,
    groups: Groups,
    confidence: float,
    covariates: Floats | None = None,
) -> Effect:
    """Return the effect on an outcome, (n,): a rate where it is 0 or 1, otherwise a mean amount.

    Parameters
    ----------
    outcome, contacted, groups
        What was seen, who was drawn to be contacted, and the groups of near-duplicates, (n,).
    confidence
        Level of the interval.
    covariates
        What was known beforehand, (n, k): the adjusted effect. None: the raw one.

    """
    centred = _centred(outcome, covariates)
    arms = [_arm(outcome, centred, groups, arm) for arm in (contacted, ~contacted)]
    sizes = int(contacted.sum()), int((~contacted).sum())
    means = [arm.coefficients[0] if size else np.nan for arm, size in zip(arms, sizes, strict=True)]
    value = float(means[0] - means[1])
    shown = (*sizes, float(means[0]), float(means[1]))
    variances = np.array([arm.covariance[0, 0] for arm in arms])
    freedom = np.array([arm.freedom for arm in arms])
    if _few(outcome, contacted, groups) or freedom.min() < 1 or not variances.sum() > 0:
        return Effect(value, np.nan, np.nan, np.nan, np.nan, *shown)
    error = float(np.sqrt(variances.sum()))
    degrees = float(variances.sum() ** 2 / (variances**2 / freedom).sum())
    reach = float(stdtrit(degrees, (1 + confidence) / 2)) * error
    p = float(2 * stdtr(degrees, -abs(value) / error))
    return Effect(value, value - reach, value + reach, p, error, *shown)


def effects_by(
    parts: NDArray[Any],
    outcome: Floats,
    contacted: Flags,
    groups: Groups,
    confidence: float,
    covariates: Floats | None = None,
) -> pd.DataFrame:
    """Return the effect within each part of the customers, (n,), such as an offer or a segment.

    Columns: `part`, the fields of `Effect`, and `p_holm`, the p adjusted for so many parts. The
    intervals are each of that part alone.
    """
    rows = []
    for part in np.unique(parts).tolist():
        of = parts == part
        known = None if covariates is None else covariates[of]
        found = effect(outcome[of], contacted[of], groups[of], confidence, known)
        rows.append({"part": part, **found.figures()})
    table = pd.DataFrame(rows, columns=["part", *Effect.__dataclass_fields__])
    return table.assign(p_holm=holm(table["p"].to_numpy(dtype=np.float64)))


def differences(
    modifiers: Floats, outcome: Floats, contacted: Flags, groups: Groups, confidence: float
) -> dict[str, float]:
    """Return whether the effect differs between customers more than noise.

    Within each arm the outcome is regressed on the modifiers (n, k); if the effect were the same
    for all, the slopes of the arms would differ by noise alone (Wald's test of the interactions).

    Returns
    -------
    dict
        `p` of that test; `spread`, the standard deviation of the effect along the modifiers, 0
        where noise explains all of it; `smallest`, the spread that would be seen with a power of
        80 %; nan each where it can't be told.

    """
    centred = _centred(outcome, modifiers)
    arms = [_arm(outcome, centred, groups, arm) for arm in (contacted, ~contacted)]
    k = centred.shape[1] - 1
    freedom = min(arm.freedom for arm in arms)
    if _few(outcome, contacted, groups) or freedom < 1:
        return {"p": np.nan, "spread": np.nan, "smallest": np.nan}
    slopes = arms[0].coefficients[1:] - arms[1].coefficients[1:]
    covariance = arms[0].covariance[1:, 1:] + arms[1].covariance[1:, 1:]
    spread = np.atleast_2d(np.cov(centred[:, 1:], rowvar=False))
    statistic = float(slopes @ np.linalg.pinv(covariance) @ slopes)
    noise = float(np.trace(covariance @ spread))
    known = float(slopes @ spread @ slopes) - noise
    needed = _noncentrality(k, confidence)
    return {
        "p": float(f.sf(statistic / k, k, freedom)),
        "spread": float(np.sqrt(max(0.0, known))),
        "smallest": float(np.sqrt(needed * noise / k)),
    }


def size_for(smallest: float, wanted: float, customers: int) -> float:
    """Return from how many customers on `wanted` would be seen, where `smallest` is with these.

    Errors fall with the root of the number: n·(smallest/wanted)². nan where nothing is wanted.
    """
    if not wanted > 0 or not smallest > 0:
        return float("nan")
    return float(np.ceil(customers * (smallest / wanted) ** 2))


def seen_with_power(error: float, confidence: float) -> float:
    """Return the effect that would be seen with a power of 80 %, given its standard error."""
    return float(ndtri((1 + confidence) / 2) + ndtri(POWER)) * error


def _centred(outcome: Floats, covariates: Floats | None) -> Floats:
    """Return a column of ones and the covariates less their means, (n, 1 + k)."""
    ones = np.ones((len(outcome), 1))
    if covariates is None:
        return ones
    return np.hstack([ones, covariates - covariates.mean(axis=0)])


def _arm(outcome: Floats, centred: Floats, groups: Groups, arm: Flags) -> _Arm:
    columns = centred.shape[1]
    if not arm.any():
        return _Arm(np.zeros(columns), np.zeros((columns, columns)), 0)
    design, seen = centred[arm], outcome[arm]
    weights = np.linalg.pinv(design)  # (1 + k, n)
    coefficients = weights @ seen
    sums = group_sums((weights * (seen - design @ coefficients)).T, groups[arm])
    freedom = len(sums) - columns
    scale = len(sums) / freedom if freedom > 0 else np.nan
    return _Arm(coefficients, scale * sums.T @ sums, freedom)


def _few(outcome: Floats, contacted: Flags, groups: Groups) -> bool:
    arms = [len(np.unique(groups[arm])) for arm in (contacted, ~contacted)]
    if min(arms) < TOO_FEW:
        return True
    values = np.unique(outcome)
    return len(values) <= 2 and (
        len(values) < 2 or fewest_groups((outcome == values[1]).astype(np.int64), groups) < TOO_FEW
    )


def _noncentrality(k: int, confidence: float) -> float:
    """Return the noncentrality at which a χ² test of k degrees has a power of 80 %."""
    limit = float(chi2.ppf(confidence, k))
    return float(brentq(lambda value: ncx2.sf(limit, k, value) - POWER, 1e-6, 1000))
