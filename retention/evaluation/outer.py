"""The outer folds, and what models said of customers whom they never saw.

Shapes: n customers, R repeats of K folds, J = R·K splits in the order repeat by repeat, fold by
fold. Class 1 is the decline.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from retention.models.blend import platt
from retention.statistics.intervals import fewest_groups

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Outer:
    """Customers and the outer folds in which they are tested.

    `decline` and `groups` (the number that near-duplicates share) are (n,); `fold` (R, n) has the
    number of the fold in each repeat.
    """

    decline: Integers
    groups: NDArray[np.intp]
    fold: Integers

    @property
    def folds(self) -> int:
        """Return K."""
        return len(np.unique(self.fold[0]))

    @property
    def rarer(self) -> int:
        """Return how many separate customers the rarer class has, near-duplicates counted once."""
        return fewest_groups(self.decline, self.groups)

    def splits(self) -> Iterator[tuple[int, int, Rows, Rows]]:
        """Yield repeat and fold, both from 0, with the positions of its training and test part."""
        for repeat, fold in enumerate(self.fold):
            for number in np.unique(fold).tolist():
                yield repeat, number, np.flatnonzero(fold != number), np.flatnonzero(fold == number)

    def by_split(self, figure: Callable[[Integers, Floats], float], values: Floats) -> Floats:
        """Return a figure of classes and values on each test part, (R, n) → (J,)."""
        return np.array(
            [
                figure(self.decline[test], values[repeat, test])
                for repeat, _, _, test in self.splits()
            ]
        )

    def known_rate(self) -> Floats:
        """Return for each customer the share of declines in the training part, (R, n).

        What one could have said of everybody beforehand: the rate of the tested customers
        themselves is a reference that nobody could have had.
        """
        rate = np.empty(self.fold.shape)
        for repeat, _, train, test in self.splits():
            rate[repeat, test] = self.decline[train].mean()
        return rate


Calibrator = Callable[[Floats, Integers, Floats], Floats]


def sigmoid(scores: Floats, decline: Integers, tested: Floats) -> Floats:
    """Return probabilities of the tested scores by Platt's sigmoid of the others, (t,)."""
    slope, shift = platt(scores, decline)
    probability: Floats = expit(slope * tested + shift)
    return probability


def unseen_probability(
    scores: pd.DataFrame, outer: Outer, calibrator: Calibrator = sigmoid
) -> Floats:
    """Return each customer's probability by a family's outer models that never saw it, (R, n).

    `scores` is data/nest/<family>.parquet, its rows those of `outer`. In each split, the calibrator
    learns from the inner unseen scores of the training part alone.
    """
    probability = np.empty(outer.fold.shape)
    for repeat, number, train, test in outer.splits():
        given = scores[f"split_{repeat + 1}_{number}"].to_numpy()
        probability[repeat, test] = calibrator(given[train], outer.decline[train], given[test])
    return probability
