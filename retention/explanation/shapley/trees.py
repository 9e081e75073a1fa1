"""Exact Shapley values of sums of decision trees."""

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from retention.explanation.shapley.game import Floats, Game, Integers


@dataclass(frozen=True)
class Forest:
    """Trees one behind the other; their sum, plus a constant, is the score.

    All but `roots` have one entry a node: `feature` is -1 in a leaf, otherwise rows with
    x[feature] <= threshold go to the node `left`, others to `right`; `value` counts in leaves.
    """

    feature: Integers
    threshold: Floats
    left: Integers
    right: Integers
    value: Floats
    roots: Integers


def classification_forest(estimators: list[Any]) -> Forest:
    """Return the mean of DecisionTreeClassifiers' probabilities of class 1 as a sum of trees."""
    trees = [estimator.tree_ for estimator in estimators]
    return _joined(
        [
            (
                np.where(tree.children_left < 0, -1, tree.feature),
                tree.threshold,
                tree.children_left,
                tree.children_right,
                tree.value[:, 0, 1] / len(trees),
            )
            for tree in trees
        ]
    )


def boosted_forest(model: Any) -> Forest:
    """Return the trees of a binary HistGradientBoostingClassifier: log-odds, but for a constant."""
    nodes = [tree.nodes for [tree] in model._predictors]  # noqa: SLF001 - nothing public has them
    return _joined(
        [
            (
                np.where(node["is_leaf"], -1, node["feature_idx"].astype(np.int64)),
                node["num_threshold"],
                node["left"],
                node["right"],
                node["value"],
            )
            for node in nodes
        ]
    )


def _joined(trees: list[tuple[Any, Any, Any, Any, Any]]) -> Forest:
    starts = np.cumsum([0, *(len(feature) for feature, *_ in trees)])
    feature, threshold, left, right, value = (
        np.concatenate(parts) for parts in zip(*trees, strict=True)
    )
    offset = np.repeat(starts[:-1], np.diff(starts))
    return Forest(
        feature.astype(np.int64),
        threshold.astype(np.float64),
        left.astype(np.int64) + offset,
        right.astype(np.int64) + offset,
        value.astype(np.float64),
        starts[:-1].astype(np.int64),
    )


def tree_values(forest: Forest, game: Game) -> Floats:
    """Return the Shapley values, shape (n, players).

    Where a row and a background row part ways in a tree, one branch belongs to coalitions with that
    split's player and the other to those without; a leaf of value v that needs a players in and c
    players out brings v·(a-1)!c!/(a+c)! to each of the former and -v·a!(c-1)!/(a+c)! to each of the
    latter (Lundberg et al. 2020, Independent TreeSHAP; here several columns may be one player).

    Raises ValueError for more than 62 players.
    """
    if game.players > 62:
        raise ValueError("players are bits of an integer: no more than 62 of them")
    values = np.zeros((len(game.rows), game.players))
    _add_tree_values(
        game.rows,
        game.background,
        game.owner,
        forest.feature,
        forest.threshold,
        forest.left,
        forest.right,
        forest.value,
        forest.roots,
        _weights(game.players),
        values,
    )
    return values / len(game.background)


def _weights(players: int) -> Floats:
    """Return a!·c!/(a+c+1)! for a and c up to the number of players."""
    weights = np.empty((players + 1, players + 1))
    for a in range(players + 1):
        weights[a, 0] = 1 / (a + 1)
        for c in range(1, players + 1):
            weights[a, c] = weights[a, c - 1] * c / (a + c + 1)
    return weights


@numba.njit(cache=True)
def _add_tree_values(
    rows: Floats,
    background: Floats,
    owner: Integers,
    feature: Integers,
    threshold: Floats,
    left: Integers,
    right: Integers,
    value: Floats,
    roots: Integers,
    weights: Floats,
    values: Floats,
) -> None:
    players = values.shape[1]
    # Each player is decided at most once on a path, so that as many branches wait at most.
    waiting = np.empty(players + 1, dtype=np.int64)
    waiting_in = np.empty(players + 1, dtype=np.int64)
    waiting_out = np.empty(players + 1, dtype=np.int64)
    waiting_depth = np.empty(players + 1, dtype=np.int64)
    decided = np.empty(players, dtype=np.int64)  # the players decided on the path to a node
    none, one = np.int64(0), np.int64(1)
    for root in roots:
        for i in range(len(rows)):
            for b in range(len(background)):
                node, taken, refused, depth, size = root, none, none, 0, 0
                while True:
                    column = feature[node]
                    if column >= 0:
                        ours = rows[i, column] <= threshold[node]
                        theirs = background[b, column] <= threshold[node]
                        player = owner[column]
                        bit = one << player
                        if ours != theirs and not (taken | refused) & bit:
                            waiting[size] = left[node] if theirs else right[node]
                            waiting_in[size] = taken
                            waiting_out[size] = refused | bit
                            waiting_depth[size] = depth + 1
                            size += 1
                            taken |= bit
                            decided[depth] = player
                            depth += 1
                        elif refused & bit:
                            ours = theirs
                        node = left[node] if ours else right[node]
                        continue
                    inside = 0
                    for k in range(depth):
                        inside += (taken >> decided[k]) & one
                    outside = depth - inside
                    for k in range(depth):
                        if (taken >> decided[k]) & one:
                            gain = weights[inside - 1, outside]
                        else:
                            gain = -weights[inside, outside - 1]
                        values[i, decided[k]] += gain * value[node]
                    if size == 0:
                        break
                    size -= 1
                    node, taken, refused = waiting[size], waiting_in[size], waiting_out[size]
                    depth = waiting_depth[size]
