"""Shapley values of any score, sampled."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from retention.explanation.shapley.game import Floats

# Turns (m, players) row numbers in a pool of customers, the row that each column is taken from,
# into m scores.
MixtureScore = Callable[[NDArray[np.intp]], Floats]


def sampled_values(
    score: MixtureScore,
    row_scores: Floats,
    background_scores: Floats,
    *,
    players: int,
    permutations: int,
    random: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Return Shapley values and their Monte-Carlo standard errors, both (n, players).

    The pool starts with the background; then come the rows to explain. For each row and each
    background customer, `permutations` (two or more) random orders of the columns, each also
    backwards (antithetic: Mitchell et al. 2022), turn the one customer into the other column by
    column; a column is worth the mean change of the score that it makes. All orders are drawn
    independently, and background customers are strata: their spread is no error. Values add up
    to the row's score less the mean of the background's, up to rounding, however few the orders.
    """
    known = len(background_scores)
    steps = np.arange(1, players)
    values = np.empty((len(row_scores), players))
    errors = np.empty((len(row_scores), players))
    for i, own in enumerate(row_scores):
        # place[b, r, k]: when column k changes in order r of background customer b
        orders = np.broadcast_to(np.arange(players), (known, permutations, players))
        place = random.permuted(orders, axis=-1)
        early = place[:, :, None, :] < steps[:, None]
        # Backwards, the last columns change first: the other way round of the same coalitions.
        changed = np.stack([early, ~early[:, :, ::-1]], axis=2)
        theirs = np.arange(known).reshape(-1, 1, 1, 1, 1)
        sources = np.where(changed, known + i, theirs)
        path = np.empty((known, permutations, 2, players + 1))
        path[..., 0] = background_scores[:, None, None]
        path[..., -1] = own
        path[..., 1:-1] = score(sources.reshape(-1, players)).reshape(path[..., 1:-1].shape)
        gains = np.diff(path, axis=-1)
        forwards = np.take_along_axis(gains[:, :, 0], place, axis=-1)
        backwards = np.take_along_axis(gains[:, :, 1], players - 1 - place, axis=-1)
        worth = (forwards + backwards) / 2
        values[i] = worth.mean(axis=(0, 1))
        errors[i] = np.sqrt(worth.var(axis=1, ddof=1).sum(axis=0) / permutations) / known
    return values, errors
