"""The one door for drawing customers anew: whole groups of near-duplicates, never parts of one.

A group counts once: near-duplicates say the same again, so that drawing rows would make everything
look surer than it is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.harness.parallel import parallel

Positions = NDArray[np.intp]
Members = NDArray[np.bool_]


def jaccard(first: Members, second: Members) -> float:
    """Return the share of customers of both among those of either; 0 when there are none."""
    either = np.count_nonzero(first | second)
    return float(np.count_nonzero(first & second) / either) if either else 0.0


def resample(
    groups: Positions, random: np.random.Generator, strata: NDArray[np.integer] | None = None
) -> Positions:
    """Return positions of customers: as many groups as there are, drawn with replacement.

    `groups` has a number for each customer, shape (n,). With `strata` (n,), say who declined, as
    many groups of each stratum are drawn as there are; a group belongs to the largest number among
    its customers. Of many resamples of the same customers, `Resampling` is the quicker way.
    """
    return _Groups(groups, strata).draw(random)


@dataclass(frozen=True)
class Resampling:
    """So many resamples of whole groups of near-duplicates.

    `groups` and `strata` as in `resample`. Each resample has a generator of its own, so that the
    first ones are the same however many there are, and wherever they are worked on.
    """

    groups: Positions
    resamples: int
    seed: int
    strata: NDArray[np.integer] | None = None

    def samples(self) -> Iterator[Positions]:
        """Yield the customers' positions of each resample."""
        groups = _Groups(self.groups, self.strata)
        for k in range(self.resamples):
            yield groups.draw(np.random.default_rng([self.seed, k]))

    def mean(
        self, figures: Callable[[Positions], NDArray[np.float64]], label: str
    ) -> NDArray[np.float64]:
        """Return the mean of several figures over the resamples; shows progress.

        `figures` gets the positions of one resample and returns an array; its missing values stay
        out of the mean.
        """
        calls = [(sample,) for sample in self.samples()]
        results = parallel(figures, calls, label=label, unit="resample")
        return pd.DataFrame(np.stack(results)).mean().to_numpy()


def shuffled(outcome: Members, groups: Positions, *, draws: int, seed: int) -> Members:
    """Return who has the outcome, and below it `draws` times the same shuffled; (1 + draws, n).

    Groups of near-duplicates swap their outcomes with groups of the same size, as a whole.
    """
    random = np.random.default_rng(seed)
    parts = _Groups(groups)
    blocks = []
    for size in np.unique(parts.sizes):
        starts = parts.starts[parts.sizes == size]
        blocks.append(parts.order[starts[:, None] + np.arange(size)])
    drawn = np.tile(outcome, (1 + draws, 1))
    for row in drawn[1:]:
        for block in blocks:
            row[block] = outcome[random.permutation(block)]
    return drawn


class _Groups:
    """Customers in the order of their groups, so that a draw of groups is a few array operations.

    `order` has the customers' positions, those of a group together; `starts` and `sizes` say where
    in it each group stands; `strata` are the numbers of the groups that are drawn among each other.
    """

    def __init__(self, groups: Positions, strata: NDArray[np.integer] | None = None) -> None:
        self.order = np.argsort(groups, kind="stable")
        _, self.starts, self.sizes = np.unique(
            groups[self.order], return_index=True, return_counts=True
        )
        if strata is None:
            self.strata = [np.arange(len(self.starts))]
        else:
            stratum = np.maximum.reduceat(
                np.asarray(strata).astype(np.int64)[self.order], self.starts
            )
            self.strata = [np.flatnonzero(stratum == value) for value in np.unique(stratum)]

    def draw(self, random: np.random.Generator) -> Positions:
        """Return the positions of the customers of groups drawn with replacement."""
        drawn = np.concatenate(
            [stratum[random.integers(len(stratum), size=len(stratum))] for stratum in self.strata]
        )
        sizes = self.sizes[drawn]
        ends = np.cumsum(sizes)
        within = np.arange(ends[-1]) - np.repeat(ends - sizes, sizes)
        positions: Positions = self.order[np.repeat(self.starts[drawn], sizes) + within]
        return positions
