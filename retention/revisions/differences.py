"""Which differences between two revisions are more than noise.

A table of figures has a row a split of the outer folds and a column a figure.

- The same customers in the same folds are compared split by split. The covariance of the mean
  differences is that of repeated folds (Nadeau & Bengio 2003, see `retention.statistics.paired`),
  (1/J + 1/(K − 1))·S over J splits of K folds, S being the splits' covariance. Folds keep
  near-duplicates together, so that they count as one.
- The same customers in other folds are paired customer by customer: the covariance is what other
  customers would change, Σ_g d_g·d_gᵀ over groups g of near-duplicates, d being the differences of
  their contributions (`retention.revisions.influence`), and what other draws of the folds would,
  told by the spread Q of the repeats' means of either side. A split's share of luck in whom it
  learnt from, about K·Q, is common to all draws and counts as it does above:
  K/(K − 1)·(Σ d·dᵀ + Q + Q') + Q/R + Q'/R'.
- Other customers are compared by means alone: the covariances of both sides, as above, add up.

All intervals hold at once: none of the figures on show leaves its own in more than a share
1 − confidence of cases where nothing differs. Their level is that of the smallest of as many
correlated p-values (single-step min-p; Westfall & Young 1993, ch. 2; normal, as degrees of freedom
differ), which costs less than Bonferroni's where figures go together, as log loss and Brier do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, stdtr, stdtrit

from retention.statistics.intervals import group_sums
from retention.statistics.paired import POWER, corrected_error

Floats = NDArray[np.float64]

# Whether a larger figure is better (1) or worse (-1); 0 where it should be nothing.
BETTER = {
    "roc_auc": 1,
    "log_loss": -1,
    "brier": -1,
    "in_the_large": 0,
    "precision": 1,
    "recall": 1,
    "increment": 1,
}
ROUNDING = 1e-12  # less is no difference
DRAWS, SEED = 20_000, 0  # of the smallest p: a level of 5 % then varies by 0.15 %

SAME, NOISE, UNKNOWN = "the same", "within noise", "unknown"
BETTER_NOW, WORSE_NOW, DIFFERS = "better", "worse", "differs"


@dataclass(frozen=True)
class Estimate:
    """Differences of several figures, after − before, none of which was judged yet.

    A row a figure: `figure`, `before`, `after`, `difference`, `error` (0: the same on every split;
    nan: can't be told), `sum_error` (of before + after) and `freedom`; `correlation` is that of the
    differences, (m, m).
    """

    table: pd.DataFrame
    correlation: Floats


def paired(before: pd.DataFrame, after: pd.DataFrame, folds: int) -> Estimate:
    """Return the differences of figures on the same splits, (J, m) each."""
    names = [name for name in before if name in after]
    difference = after[names] - before[names]
    table = _means(before[names], after[names])
    table["difference"] = difference.mean().to_numpy()
    table["error"] = [_error(difference[name], folds) for name in names]
    table["sum_error"] = [_error(after[name] + before[name], folds) for name in names]
    table["freedom"] = [float(difference[name].count() - 1) for name in names]
    return Estimate(table, _correlation(difference.cov().to_numpy()))


def unpaired(
    before: pd.DataFrame, after: pd.DataFrame, folds_before: int, folds_after: int
) -> Estimate:
    """Return the differences of figures of other customers or folds, (J, m) and (J', m).

    The errors of both add up, and degrees of freedom are Welch's. Where the customers are partly
    the same, the interval is wider than it need be.
    """
    names = [name for name in before if name in after]
    errors = np.array(
        [
            [_error(table[name], folds) for name in names]
            for table, folds in ((before, folds_before), (after, folds_after))
        ]
    )
    freedom = np.array([table[names].count().to_numpy() - 1 for table in (before, after)])
    both: Floats = np.sqrt((errors**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        welch = both**4 / (errors**4 / freedom).sum(axis=0)
    found = _means(before[names], after[names])
    found["difference"] = found["after"] - found["before"]
    # What is equal in two draws of folds is so by chance.
    found["error"] = found["sum_error"] = np.where(both > 0, both, np.nan)
    found["freedom"] = welch
    scales = [1 / len(t) + 1 / (k - 1) for t, k in ((before, folds_before), (after, folds_after))]
    covariance = scales[0] * before[names].cov() + scales[1] * after[names].cov()
    return Estimate(found, _correlation(covariance.to_numpy()))


def by_customer(
    before: pd.DataFrame,
    after: pd.DataFrame,
    contributions: pd.DataFrame,
    groups: NDArray[np.intp],
    folds: int,
) -> Estimate:
    """Return the differences of figures of the same customers in other draws of `folds` folds.

    `before` and `after` have a row a split, (J, m) and (J', m), at least two repeats each;
    `contributions` are the differences of what each customer adds, (n, m), and `groups` (n,) who
    counts as one.
    """
    names = list(contributions)
    sums = group_sums(contributions.to_numpy(), groups)
    count, scale = len(sums), folds / (folds - 1)
    parts, freedoms = [scale * count / (count - 1) * sums.T @ sums], [float(count - 1)]
    for table in (before, after):
        means = table[names].to_numpy().reshape(-1, folds, len(names)).mean(axis=1)
        repeats = len(means)
        parts.append((scale + 1 / repeats) * np.atleast_2d(np.cov(means, rowvar=False)))
        freedoms.append(float(repeats - 1))
    covariance = np.sum(parts, axis=0)
    found = _means(before[names], after[names])
    found["difference"] = found["after"] - found["before"]
    error = np.sqrt(np.diag(covariance))
    shares = np.array(
        [np.diag(part) ** 2 / free for part, free in zip(parts, freedoms, strict=True)]
    )
    found["error"] = np.where(error > 0, error, np.nan)
    # At most √2 of what it would be if they were not the same customers.
    alone = unpaired(before[names], after[names], folds, folds)
    found["sum_error"] = np.sqrt(2) * alone.table["error"]
    with np.errstate(invalid="ignore", divide="ignore"):
        found["freedom"] = np.diag(covariance) ** 2 / shares.sum(axis=0)
    return Estimate(found, _correlation(covariance))


def of_intervals(
    figure: str, before: tuple[float, float], after: tuple[float, float], freedom: float
) -> Estimate:
    """Return the difference of one figure of which each revision has a value and its error.

    Nothing tells how it goes together with others: it is taken to go alone, which widens intervals
    a little.
    """
    (old, old_error), (new, new_error) = before, after
    same = (old, old_error) == (new, new_error)
    error = 0.0 if same else float(np.hypot(old_error, new_error)) or np.nan
    row = {"figure": figure, "before": old, "after": new, "difference": new - old}
    table = pd.DataFrame([{**row, "error": error, "sum_error": error, "freedom": freedom}])
    return Estimate(table, np.eye(1))


def judged(estimates: Sequence[Estimate], confidence: float) -> list[pd.DataFrame]:
    """Judge all estimates at once; returns a table each, with a row a figure.

    Columns: `figure`, `before`, `after`, `difference`, `low`, `high`, `p` (adjusted), `smallest`
    (the true difference that would have been seen with a power of 80 %), `verdict`, and the `error`
    and degrees of `freedom` that they rest on.
    """
    if not estimates:
        return []
    whole = pd.concat([estimate.table for estimate in estimates], ignore_index=True)
    error = whole["error"].to_numpy(dtype=np.float64)
    smallest = _smallest_p(estimates)
    level = float(np.quantile(smallest, 1 - confidence))
    told = error > 0
    freedom = np.where(told, whole["freedom"], 1)
    critical = np.where(told, stdtrit(freedom, 1 - level / 2), np.nan)
    difference = whole["difference"].to_numpy()
    reach = np.where(error == 0, 0, critical * error)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = 2 * stdtr(freedom, -np.abs(difference) / error)
    rarer = (1 + np.searchsorted(smallest, p, side="right")) / (DRAWS + 1)
    whole["low"], whole["high"] = difference - reach, difference + reach
    whole["p"] = np.where(told, rarer, np.where(error == 0, 1, np.nan))
    whole["smallest"] = (critical + stdtrit(freedom, POWER)) * error
    whole["critical"] = critical
    whole["verdict"] = [_verdict(row) for row in whole.to_dict("records")]
    columns = ["figure", "before", "after", "difference", "low", "high", "p", "smallest", "verdict"]
    columns += ["error", "freedom"]
    ends = np.cumsum([len(estimate.table) for estimate in estimates])[:-1]
    return [
        part[columns].reset_index(drop=True)
        for part in (whole.iloc[rows] for rows in np.split(np.arange(len(whole)), ends))
    ]


def _verdict(row: Mapping[Any, Any]) -> str:
    if row["error"] == 0:
        return SAME
    if np.isnan(row["low"]):
        return UNKNOWN
    if row["low"] <= 0 <= row["high"]:
        return NOISE
    better = BETTER.get(str(row["figure"]).split(".")[0], 1)
    if better:
        return BETTER_NOW if better * row["difference"] > 0 else WORSE_NOW
    # Nearer to nothing is better: |after| < |before| when difference and sum have other signs. Both
    # must be told for that; a difference alone doesn't say which one is nearer.
    both = row["before"] + row["after"]
    if abs(both) <= row["critical"] * row["sum_error"]:
        return DIFFERS
    return BETTER_NOW if both * row["difference"] < 0 else WORSE_NOW


def _means(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "figure": list(before),
            "before": before.mean().to_numpy(),
            "after": after.mean().to_numpy(),
        }
    )


def _error(values: "pd.Series[float]", folds: int) -> float:
    """Return the error of a mean; 0 where all values are 0, nan where it can't be told."""
    known = np.asarray(values.dropna(), dtype=np.float64)
    if not len(known):
        return np.nan
    if np.abs(known).max() < ROUNDING:
        return 0.0
    return corrected_error(known, folds) if np.ptp(known) > ROUNDING else np.nan


def _correlation(covariance: Floats) -> Floats:
    spread = np.sqrt(np.diag(covariance))
    outer = np.outer(spread, spread)
    found: Floats = np.divide(covariance, outer, out=np.eye(len(spread)), where=outer > 0)
    return np.nan_to_num(found)


def _smallest_p(estimates: Sequence[Estimate]) -> Floats:
    """Return draws of the smallest p-value of all figures where nothing differs, ascending.

    Figures of one estimate are as correlated as its differences; between estimates nothing is known
    of it, and they are drawn apart, which makes intervals a little wider. Shape (DRAWS,).
    """
    random = np.random.default_rng(SEED)
    largest = np.zeros(DRAWS)
    for estimate in estimates:
        told = (estimate.table["error"] > 0).to_numpy()
        values, vectors = np.linalg.eigh(estimate.correlation[np.ix_(told, told)])
        root = vectors * np.sqrt(np.maximum(values, 0))
        normal = random.standard_normal((DRAWS, len(root))) @ root.T
        largest = np.maximum(largest, np.abs(normal).max(axis=1, initial=0))
    return np.sort(2 * ndtr(-largest))
