"""Customers with outer folds and a family's nested scores, made up for tests."""

import numpy as np
import pandas as pd

from retention.evaluation.outer import Outer

FOLDS, REPEATS = 5, 3


def made_up(seed=0, n=300, knowledge=1.5, noise=0):
    """Return outer folds, and scores by split that put the classes `knowledge` apart."""
    random = np.random.default_rng(seed)
    groups = np.arange(n) // 2
    decline = np.repeat((random.random(n // 2) < 0.4).astype(np.int64), 2)
    fold = np.stack([random.permutation(n // 2).repeat(2) % FOLDS for _ in range(REPEATS)])
    outer = Outer(decline, groups, fold)
    random = np.random.default_rng([seed, noise])
    scores = pd.DataFrame(
        {
            f"split_{repeat + 1}_{number}": random.normal(knowledge * decline)
            for repeat, number, _, _ in outer.splits()
        }
    )
    return outer, scores
