"""Shapley values of any score, sampled."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from retention.explanation.shapley.game import Floats

# Turns (m, players) row numbers in a pool of customers, the row that each column is taken from,
# into m scores.
MixedScore = Callable[[NDArray[np.intp]], Floats]

# Turns the number i of a row to explain and `order` (background, orders, players), the columns in
# the order in which each becomes the row's, into the scores between the changes,
# (background, orders, players - 1).
PathScore = Callable[[int, NDArray[np.intp]], Floats]


def sampled_values(
    score: PathScore,
    row_scores: Floats,
    background_scores: Floats,
    *,
    players: int,
    permutations: int,
    random: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Return Shapley values and their Monte-Carlo standard errors, both (n, players).

    For each row and each background customer, `permutations` (two or more) random orders of the
    columns, each also backwards (antithetic: Mitchell et al. 2022), turn the one customer into the
    other column by column; a column is worth the mean change of the score that it makes. All orders
    are drawn independently, and background customers are strata: their spread is no error. Values
    add up to the row's score less the mean of the background's, up to rounding, however few the
    orders.
    """
    known = len(background_scores)
    values = np.empty((len(row_scores), players))
    errors = np.empty((len(row_scores), players))
    start = np.broadcast_to(np.arange(players), (known, permutations, players))
    path = np.empty((known, 2 * permutations, players + 1))
    for i, own in enumerate(row_scores):
        order = random.permuted(start, axis=-1)
        both = np.concatenate([order, order[..., ::-1]], axis=1)
        path[..., 0] = background_scores[:, None]
        path[..., 1:-1] = score(i, both)
        path[..., -1] = own
        gains = np.empty((known, 2 * permutations, players))
        np.put_along_axis(gains, both, np.diff(path, axis=-1), axis=-1)
        worth = (gains[:, :permutations] + gains[:, permutations:]) / 2
        values[i] = worth.mean(axis=(0, 1))
        errors[i] = np.sqrt(worth.var(axis=1, ddof=1).sum(axis=0) / permutations) / known
    return values, errors


def mixed_paths(score: MixedScore, known: int) -> PathScore:
    """Return the scores on the way by mixing customers of a pool, one after the other.

    In the pool, `known` background customers come first, then the rows to explain.
    """

    def scores(row: int, order: NDArray[np.intp]) -> Floats:
        players = order.shape[-1]
        place = np.argsort(order, axis=-1)  # when each column changes
        changed = place[:, :, None, :] < np.arange(1, players)[:, None]
        sources = np.where(changed, known + row, np.arange(known)[:, None, None, None])
        return score(sources.reshape(-1, players)).reshape(*order.shape[:2], players - 1)

    return scores


def responses(score: MixedScore, row_scores: Floats, known: int, players: int) -> Floats:
    """Return by how much a score is above its mean when one column alone is the background's.

    The pool is as in `mixed_paths`; the shape is (n, players).
    """
    found = np.empty((len(row_scores), players))
    for i, own in enumerate(row_scores):
        # sources[j, b, k]: whose column k it is when column j comes from background customer b
        sources = np.full((players, known, players), known + i)
        for column in range(players):
            sources[column, :, column] = np.arange(known)
        scores = score(sources.reshape(-1, players)).reshape(players, known)
        found[i] = own - scores.mean(axis=1)
    return found
