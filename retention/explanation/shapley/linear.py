"""Exact Shapley values of linear models."""

import numpy as np

from retention.explanation.shapley.game import Floats, Game


def linear_values(weights: Floats, game: Game) -> Floats:
    """Return the Shapley values, shape (n, players), of the score x·weights plus any constant.

    A player is worth how far its columns raise the row's score above the background's mean.
    """
    gains = (game.rows - game.background.mean(axis=0)) * weights
    values = np.zeros((game.players, len(gains)))
    np.add.at(values, game.owner, gains.T)
    return values.T
