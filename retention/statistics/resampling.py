"""Whether what was found among some customers is found again among others like them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm import tqdm

Members = NDArray[np.bool_]


def jaccard(first: Members, second: Members) -> float:
    """Return the share of customers of both among those of either; 0 when there are none."""
    either = np.count_nonzero(first | second)
    return float(np.count_nonzero(first & second) / either) if either else 0.0


def resample(
    groups: NDArray[np.intp], random: np.random.Generator, strata: NDArray[np.int64] | None = None
) -> NDArray[np.intp]:
    """Return positions of customers: as many groups as there are, drawn with replacement.

    `groups` (n,) is the number that near-duplicates share. With `strata` (n,), such as the outcome,
    as many groups are drawn of each stratum as it has; a group is in the highest of its customers'.
    """
    order = np.argsort(groups, kind="stable")
    _, starts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    if strata is None:
        drawn = random.integers(len(starts), size=len(starts))
    else:
        stratum = np.maximum.reduceat(strata[order], starts)
        parts = [np.flatnonzero(stratum == value) for value in np.unique(stratum)]
        drawn = np.concatenate([random.choice(part, len(part)) for part in parts])
    # The customers of each drawn group follow its start, one by one.
    length = sizes[drawn]
    step = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return order[np.repeat(starts[drawn], length) + step]


@dataclass(frozen=True)
class Resampling:
    """So many resamples of whole groups of near-duplicates.

    `groups` has a number for each customer; the result doesn't depend on `processes`.
    """

    groups: NDArray[np.intp]
    resamples: int
    seed: int
    processes: int = -1

    def mean(
        self, figures: Callable[[NDArray[np.intp]], NDArray[np.float64]], label: str
    ) -> NDArray[np.float64]:
        """Return the mean of several figures over the resamples; shows progress.

        `figures` gets the positions of one resample and returns an array; its missing values stay
        out of the mean.
        """
        draws = [np.random.default_rng([self.seed, k]) for k in range(self.resamples)]
        work = (delayed(figures)(resample(self.groups, random)) for random in draws)
        results = Parallel(n_jobs=self.processes, return_as="generator")(work)
        shown = tqdm(results, total=self.resamples, desc=f"discover {label}", unit="resample")
        return pd.DataFrame(np.stack(list(shown))).mean().to_numpy()
