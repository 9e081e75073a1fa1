"""Exact Shapley values of sums of kernels: support vector classifiers.

A score Σᵢ αᵢ·K(x, sᵢ) is a sum of games, one a support vector; Shapley values add up likewise. Each
is an integral over the probability t with which every other player comes from the row, not from
the background (Owen 1972). It is a polynomial in t, so that few Gauss-Legendre nodes are exact.
"""

import math

import numba
import numpy as np

from retention.explanation.shapley.game import Floats, Game


def rbf_values(support: Floats, dual: Floats, gamma: float, game: Game) -> Floats:
    """Return the Shapley values, shape (n, players), of Σᵢ dualᵢ·exp(-gamma·‖x - supportᵢ‖²).

    The kernel is a product over players, of pₖ where player k comes from the row, of qₖ where from
    the background: player j gets (pⱼ - qⱼ)·∫₀¹ Πₖ≠ⱼ (t·pₖ + (1-t)·qₖ) dt, averaged over the
    background. `support` is (m, d), `dual` (m,).
    """
    distances = (
        _by_player((part[:, None] - support) ** 2, game) for part in (game.rows, game.background)
    )
    ours, theirs = (np.exp(-gamma * distance) for distance in distances)
    values = np.zeros((len(game.rows), game.players))
    _add_rbf_values(ours, theirs, dual, *_quadrature(game.players - 1), values)
    return values / len(game.background)


@numba.njit(cache=True)
def _add_rbf_values(
    ours: Floats, theirs: Floats, dual: Floats, nodes: Floats, weights: Floats, values: Floats
) -> None:
    players = ours.shape[2]
    factor = np.empty((players, len(nodes)))
    product = np.empty(len(nodes))
    for i in range(len(ours)):
        for b in range(len(theirs)):
            for m in range(len(dual)):
                product[:] = weights
                for k in range(players):
                    p, q = ours[i, m, k], theirs[b, m, k]
                    for t in range(len(nodes)):
                        factor[k, t] = q + nodes[t] * (p - q)
                        product[t] *= factor[k, t]
                for k in range(players):
                    others = 0.0
                    for t in range(len(nodes)):
                        # Where a factor underflows, p - q is nothing.
                        if factor[k, t] > 0:
                            others += product[t] / factor[k, t]
                    values[i, k] += dual[m] * (ours[i, m, k] - theirs[b, m, k]) * others


def polynomial_values(
    support: Floats, dual: Floats, gamma: float, shift: float, degree: int, game: Game
) -> Floats:
    """Return the Shapley values, shape (n, players), of Σᵢ dualᵢ·(gamma·x·supportᵢ + shift)^degree.

    The product with a support vector is a sum over players: c of the background, and aₖ more where
    player k comes from the row. With the moments Mᵣ = E(c + Σₖ≠ⱼ Bₖ·aₖ)ʳ for independent
    Bₖ ~ Bernoulli(t), player j gets ∫₀¹ Σ_q≥1 C(degree, q)·aⱼ^q·M_{degree-q} dt, averaged over the
    background. `support` is (m, d), `dual` (m,).
    """
    ours, theirs = (
        gamma * _by_player(part[:, None] * support, game) for part in (game.rows, game.background)
    )
    binomials = np.array([[math.comb(n, k) for k in range(degree + 1)] for n in range(degree + 1)])
    values = np.zeros((len(game.rows), game.players))
    _add_polynomial_values(
        ours, theirs, dual, shift, binomials.astype(float), *_quadrature(degree - 1), values
    )
    return values / len(game.background)


@numba.njit(cache=True)
def _add_polynomial_values(
    ours: Floats,
    theirs: Floats,
    dual: Floats,
    shift: float,
    binomials: Floats,
    nodes: Floats,
    weights: Floats,
    values: Floats,
) -> None:
    players, degree = ours.shape[2], len(binomials) - 1
    moments = np.empty(degree)
    others = np.empty(degree)
    powers = np.empty(degree + 1)
    powers[0] = 1.0
    for i in range(len(ours)):
        for b in range(len(theirs)):
            for m in range(len(dual)):
                constant = shift
                for k in range(players):
                    constant += theirs[b, m, k]
                for t in range(len(nodes)):
                    moments[0] = 1.0
                    for r in range(1, degree):
                        moments[r] = moments[r - 1] * constant
                    for k in range(players):
                        gain = ours[i, m, k] - theirs[b, m, k]
                        for r in range(degree - 1, 0, -1):
                            power = 1.0
                            for q in range(1, r + 1):
                                power *= gain
                                moments[r] += nodes[t] * binomials[r, q] * power * moments[r - q]
                    for k in range(players):
                        gain = ours[i, m, k] - theirs[b, m, k]
                        for q in range(1, degree + 1):
                            powers[q] = powers[q - 1] * gain
                        # Take player k out of the moments again.
                        for r in range(degree):
                            others[r] = moments[r]
                            for q in range(1, r + 1):
                                others[r] -= nodes[t] * binomials[r, q] * powers[q] * others[r - q]
                        total = 0.0
                        for q in range(1, degree + 1):
                            total += binomials[degree, q] * powers[q] * others[degree - q]
                        values[i, k] += dual[m] * weights[t] * total


def _by_player(columns: Floats, game: Game) -> Floats:
    """Add up encoded columns by player, shape (n, m, d) → (n, m, players)."""
    sums = np.zeros((*columns.shape[:2], game.players))
    for column, player in enumerate(game.owner):
        sums[..., player] += columns[..., column]
    return sums


def _quadrature(degree: int) -> tuple[Floats, Floats]:
    """Return Gauss-Legendre nodes and weights on [0, 1], exact up to the degree."""
    nodes, weights = np.polynomial.legendre.leggauss(degree // 2 + 1)
    return (nodes + 1) / 2, weights / 2
