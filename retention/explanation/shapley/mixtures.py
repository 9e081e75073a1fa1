"""Scores of Gaussian mixtures while one customer turns into another, column by column.

A Gaussian's log density is quadratic: in what has changed so far, it is a sum over the changed
columns and over pairs of them. These sums cost a few additions a step, where the density of a new
customer costs a product of matrices for each component.
"""

import math
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from retention.explanation.shapley.game import Floats, Game, Integers
from retention.models.mixture import MixtureAverage, MixtureClassifier

# Beside a component that is so much denser (in log density), another one adds nothing.
_NEGLIGIBLE = 40.0


@dataclass(frozen=True)
class Densities:
    """Gaussians one behind the other, the mixtures made of them, and the score made of these.

    Gaussian g has the mean `means` (G, d), the inverse covariance `precisions` (G, d, d), and at
    the mean the log density, weight in its mixture included, `peaks` (G,). Mixture m is made of
    those from `starts[m]` to `starts[m + 1]`. The score is the mean over `pairs` (candidates, 2) of
    the second mixture's log density less the first one's, plus `shift`, within ± `limit`.
    """

    means: Floats
    precisions: Floats
    peaks: Floats
    starts: Integers
    pairs: Integers
    shift: float
    limit: float


def densities(model: MixtureClassifier | MixtureAverage) -> Densities:
    """Return what a fitted classifier's score is made of."""
    if isinstance(model, MixtureAverage):
        first, second = model.mixtures_
        pairs = model.pairs_ + np.array([0, len(first)])
        mixtures = [*first, *second]
    else:
        mixtures = model.mixtures_
        pairs = np.array([[0, 1]])
    roots = np.concatenate([mixture.precisions_cholesky_ for mixture in mixtures])
    weights = np.concatenate([mixture.weights_ for mixture in mixtures])
    volumes = np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1)
    return Densities(
        np.concatenate([mixture.means_ for mixture in mixtures]),
        roots @ roots.transpose(0, 2, 1),
        np.log(weights) + volumes - roots.shape[1] * math.log(2 * math.pi) / 2,
        np.cumsum([0, *(len(mixture.weights_) for mixture in mixtures)]).astype(np.int64),
        pairs.astype(np.int64),
        float(model.log_odds_),
        float(model.largest_log_odds),
    )


@dataclass(frozen=True)
class _Changes:
    """What becomes of log densities when players of each background row become a row's.

    Arrays have a row for each background row and end with one entry a Gaussian: the log density
    `before` (b, G), what each player adds to it `alone` (b, players, G), and what each two add when
    both have changed, `together` (b, players, players, G). `differ` (b, players): whether a player
    changes anything.
    """

    before: Floats
    alone: Floats
    together: Floats
    differ: NDArray[np.bool_]


class MixturePaths:
    """The scores of a game's row mixed with each background row."""

    def __init__(self, model: Densities, game: Game) -> None:
        self._game = game
        self._score = (model.starts, model.pairs, model.shift, model.limit)
        away = game.background[:, None] - model.means
        slopes = -np.einsum("gij,bgj->bgi", model.precisions, away)
        self._before = model.peaks + np.einsum("bgi,bgi->bg", slopes, away) / 2
        # The Gaussians last: one behind the other in memory, they are computed several at once.
        self._slopes = np.ascontiguousarray(slopes.transpose(0, 2, 1))
        self._precisions = np.ascontiguousarray(model.precisions.transpose(1, 2, 0))

    def scores(self, row: int, order: NDArray[np.intp]) -> Floats:
        """Return the scores between the changes, as sampling.PathScore says."""
        changes = self._changes(row)
        found = np.empty((*order.shape[:2], order.shape[2] - 1))
        _walk(
            changes.before,
            changes.alone,
            changes.together,
            changes.differ,
            order,
            *self._score,
            found,
        )
        return found

    def responses(self, row_scores: Floats) -> Floats:
        """Return what sampling.responses does, of the scores (n,) of the game's rows."""
        found = np.empty((len(row_scores), self._game.players))
        without = np.empty((len(self._before), self._game.players))
        for row, own in enumerate(row_scores):
            changes = self._changes(row)
            _leave_one(changes.before, changes.alone, changes.together, *self._score, without)
            found[row] = own - without.mean(axis=0)
        return found

    def _changes(self, row: int) -> _Changes:
        players = self._game.players
        known, gaussians = self._before.shape
        gain = self._game.rows[row] - self._game.background
        changes = _Changes(
            self._before,
            np.zeros((known, players, gaussians)),
            np.zeros((known, players, players, gaussians)),
            np.zeros((known, players), dtype=np.bool_),
        )
        _split(
            gain,
            self._slopes,
            self._precisions,
            self._game.owner,
            changes.alone,
            changes.together,
            changes.differ,
        )
        return changes


@numba.njit(cache=True)
def _split(
    gain: Floats,
    slopes: Floats,
    precisions: Floats,
    owner: Integers,
    alone: Floats,
    together: Floats,
    differ: NDArray[np.bool_],
) -> None:
    gaussians, columns = precisions.shape[2], gain.shape[1]
    for b in range(len(gain)):
        for i in range(columns):
            if gain[b, i] == 0:
                continue
            first, square = owner[i], gain[b, i] ** 2 / 2
            differ[b, first] = True
            for g in range(gaussians):
                alone[b, first, g] += slopes[b, i, g] * gain[b, i] - precisions[i, i, g] * square
            for j in range(i):
                if gain[b, j] == 0:
                    continue
                second, product = owner[j], gain[b, i] * gain[b, j]
                for g in range(gaussians):
                    both = precisions[i, j, g] * product
                    if first == second:
                        alone[b, first, g] -= both
                    else:
                        together[b, first, second, g] -= both
                        together[b, second, first, g] -= both


@numba.njit(cache=True)
def _walk(
    before: Floats,
    alone: Floats,
    together: Floats,
    differ: NDArray[np.bool_],
    order: NDArray[np.intp],
    starts: Integers,
    pairs: Integers,
    shift: float,
    limit: float,
    found: Floats,
) -> None:
    gaussians, steps = before.shape[1], found.shape[2]
    density = np.empty(gaussians)
    mixed = np.empty(len(starts) - 1)
    changed = np.empty(steps, dtype=np.int64)
    for b in range(len(before)):
        start = _score(before[b], mixed, starts, pairs, shift, limit)
        for r in range(order.shape[1]):
            for g in range(gaussians):
                density[g] = before[b, g]
            score, count = start, 0
            for step in range(steps):
                player = order[b, r, step]
                if differ[b, player]:
                    for g in range(gaussians):
                        density[g] += alone[b, player, g]
                    for k in range(count):
                        for g in range(gaussians):
                            density[g] += together[b, player, changed[k], g]
                    changed[count] = player
                    count += 1
                    score = _score(density, mixed, starts, pairs, shift, limit)
                found[b, r, step] = score


@numba.njit(cache=True)
def _leave_one(
    before: Floats,
    alone: Floats,
    together: Floats,
    starts: Integers,
    pairs: Integers,
    shift: float,
    limit: float,
    found: Floats,
) -> None:
    gaussians, players = before.shape[1], found.shape[1]
    full = np.empty(gaussians)
    density = np.empty(gaussians)
    mixed = np.empty(len(starts) - 1)
    for b in range(len(before)):
        for g in range(gaussians):
            full[g] = before[b, g]
        for player in range(players):
            for g in range(gaussians):
                full[g] += alone[b, player, g]
            for other in range(player):
                for g in range(gaussians):
                    full[g] += together[b, player, other, g]
        for player in range(players):
            for g in range(gaussians):
                density[g] = full[g] - alone[b, player, g]
            for other in range(players):
                for g in range(gaussians):
                    density[g] -= together[b, player, other, g]
            found[b, player] = _score(density, mixed, starts, pairs, shift, limit)


@numba.njit(cache=True)
def _score(
    density: Floats, mixed: Floats, starts: Integers, pairs: Integers, shift: float, limit: float
) -> float:
    for m in range(len(mixed)):
        top = starts[m]
        for g in range(starts[m] + 1, starts[m + 1]):
            if density[g] > density[top]:
                top = g
        rest = 0.0
        for g in range(starts[m], starts[m + 1]):
            below = density[top] - density[g]
            if g != top and below < _NEGLIGIBLE:
                rest += math.exp(-below)
        mixed[m] = density[top] + (math.log1p(rest) if rest > 0 else 0.0)
    total = 0.0
    for c in range(len(pairs)):
        log_odds = mixed[pairs[c, 1]] - mixed[pairs[c, 0]] + shift
        total += min(max(log_odds, -limit), limit)
    return total / len(pairs)
