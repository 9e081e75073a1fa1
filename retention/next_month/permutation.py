"""Tests by exchanging two months: exact at fifty rows as at five thousand, and held together."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from retention.statistics.resampling import shuffled

Positions = NDArray[np.intp]
Members = NDArray[np.bool_]


def exchanged(later: Members, customers: Positions, *, draws: int, seed: int) -> Members:
    """Return which rows are `later`, and below it `draws` times, months exchanged; (1 + draws, n).

    `customers` (n,) has a number for each row: rows of a customer and of its near-duplicates share
    it. Where months don't differ, each row of the answer is as likely as the first: customers of
    one month swap it with others of as many rows (`shuffled`), and customers of both months swap
    their own two, at even odds. So tests neither take near-duplicates for news, nor lose power
    because who goes on resembles himself.
    """
    random = np.random.default_rng([seed, 1])
    _, number = np.unique(customers, return_inverse=True)
    share = np.bincount(number, weights=later) / np.bincount(number)
    both = ((share > 0) & (share < 1))[number]
    drawn = np.tile(later, (1 + draws, 1))
    if not both.all():
        drawn[:, ~both] = shuffled(later[~both], customers[~both], draws=draws, seed=seed)
    swapped = random.random((draws, len(share))) < 0.5
    drawn[1:, both] ^= swapped[:, number[both]]
    return drawn


def westfall_young(statistics: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return the permutation p-values of several tests, and the same adjusted for their number.

    `statistics` (1 + draws, m) has what was found in row 0, and below it what draws without any
    effect give; larger says more. p is the share of rows, the found one among them, that reach it
    (Phipson & Smyth 2010, https://doi.org/10.2202/1544-6115.1585): never 0, and exact however few
    the customers are. The adjusted ones are the step-down minP of Westfall & Young (1993, algorithm
    2.8; Ge, Dudoit & Speed 2003, box 4): the chance of any false rejection, at no cost for tests
    that say the same. Both (m,).
    """
    rows = len(statistics)
    # The share of rows that reach each value; of equal ones, all count.
    p = rankdata(-statistics, method="max", axis=0) / rows
    order = np.argsort(p[0], kind="stable")
    adjusted, least = np.empty(len(order)), np.ones(rows)
    for place in order[::-1]:
        least = np.minimum(least, p[:, place])
        adjusted[place] = (least <= p[0, place]).mean()
    adjusted[order] = np.maximum.accumulate(adjusted[order])
    return p[0], adjusted
