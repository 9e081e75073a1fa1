"""Exact Shapley values of sums of decision trees."""

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

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


def tree_values(forest: Forest, game: Game) -> tuple[Floats, Floats]:
    """Return the Shapley values and the responses, both (n, players).

    Where a row and a background row part ways in a tree, one branch belongs to coalitions with that
    split's player and the other to those without; a leaf of value v that needs a players in and c
    players out brings v·(a-1)!c!/(a+c)! to each of the former and -v·a!(c-1)!/(a+c)! to each of the
    latter (Lundberg et al. 2020, Independent TreeSHAP; here several columns may be one player).

    A player's response is by how much the row's score is above the mean when that player alone
    comes from the background: of the leaves that need one player out.

    Raises ValueError for more than 62 players.
    """
    if game.players > 62:
        raise ValueError("players are bits of an integer: no more than 62 of them")
    values = np.zeros((len(game.rows), game.players))
    responses = np.zeros_like(values)
    _add_tree_values(
        np.ascontiguousarray(game.rows),
        np.ascontiguousarray(game.background),
        game.owner,
        forest.feature,
        forest.threshold,
        forest.left,
        forest.right,
        forest.value,
        np.append(forest.roots, len(forest.feature)),
        *_weights(game.players),
        values,
        responses,
    )
    return values / len(game.background), responses / len(game.background)


def _weights(players: int) -> tuple[Floats, Floats]:
    """Return (a-1)!·c!/(a+c)! and a!·(c-1)!/(a+c)! for a and c up to the number of players.

    Where nobody is in, or nobody out, nobody gets the weight: it is 0.
    """
    inside = np.zeros((players + 1, players + 1))
    for a in range(1, players + 1):
        inside[a, 0] = 1 / a
        for c in range(1, players + 1):
            inside[a, c] = inside[a, c - 1] * c / (a + c)
    return inside, np.ascontiguousarray(inside.T)


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
    inside: Floats,
    outside: Floats,
    values: Floats,
    responses: Floats,
) -> None:
    players = values.shape[1]
    # Room for where a pair parts ways: the branch that waits, the player, which players were inside
    # and outside then, and how many; and the player's sum. A player parts a pair once on a path.
    places = np.empty((4, players + 1), dtype=np.int64)
    counts = np.empty((players + 1, 2), dtype=np.int64)
    sums = np.empty(players + 1)
    tree, weights = (owner, feature, left, right, value), (inside, outside)
    room = (places, counts, sums)
    largest = 0
    for t in range(len(roots) - 1):
        largest = max(largest, roots[t + 1] - roots[t])
    ours_left = np.empty((len(rows), largest), dtype=np.bool_)
    theirs_left = np.empty((len(background), largest), dtype=np.bool_)
    for t in range(len(roots) - 1):
        root = roots[t]
        _turns(rows, root, roots[t + 1], feature, threshold, ours_left)
        _turns(background, root, roots[t + 1], feature, threshold, theirs_left)
        for i in range(len(rows)):
            for b in range(len(background)):
                turns = (ours_left[i], theirs_left[b])
                found = (values[i], responses[i])
                _add_pair(root, turns, tree, weights, room, found)


@numba.njit(cache=True)
def _add_pair(root: int, turns: Any, tree: Any, weights: Any, room: Any, found: Any) -> None:
    """Add what one tree says of one row against one background row, in place."""
    ours_left, theirs_left = turns
    inside, outside = weights
    values, responses = found
    owner, feature, left, right, value = tree
    places, waiting_counts, sums = room
    waiting, parted, waiting_in, waiting_out = places[0], places[1], places[2], places[3]
    none, one = np.int64(0), np.int64(1)
    node, taken, refused, size = root, none, none, 0
    a, c = 0, 0
    # What all leaves so far bring to a player inside, and to one outside.
    gained, lost = 0.0, 0.0
    while True:
        column = feature[node]
        if column >= 0:
            ours = ours_left[node - root]
            theirs = theirs_left[node - root]
            if ours != theirs:
                bit = one << owner[column]
                if refused & bit:
                    ours = theirs
                elif not taken & bit:
                    waiting[size] = left[node] if theirs else right[node]
                    parted[size] = owner[column]
                    waiting_in[size] = taken
                    waiting_out[size] = refused | bit
                    waiting_counts[size, 0] = a
                    waiting_counts[size, 1] = c + 1
                    sums[size] = gained
                    size += 1
                    taken |= bit
                    a += 1
            node = left[node] if ours else right[node]
            continue
        gained += inside[a, c] * value[node]
        lost += outside[a, c] * value[node]
        if c == 0:
            for k in range(size):
                responses[parted[k]] += value[node]
        elif c == 1:
            k = 0
            while waiting[k] >= 0:
                k += 1
            responses[parted[k]] -= value[node]
        # Both branches of what was parted last are done: the player's sum is complete.
        while size > 0 and waiting[size - 1] < 0:
            size -= 1
            values[parted[size]] -= lost - sums[size]
        if size == 0:
            break
        k = size - 1
        values[parted[k]] += gained - sums[k]
        sums[k] = lost
        node, taken, refused = waiting[k], waiting_in[k], waiting_out[k]
        a, c = waiting_counts[k]
        waiting[k] = -1


@numba.njit(cache=True)
def _turns(
    rows: Floats,
    start: int,
    end: int,
    feature: Integers,
    threshold: Floats,
    left: NDArray[np.bool_],
) -> None:
    for i in range(len(rows)):
        for node in range(start, end):
            if feature[node] >= 0:
                left[i, node - start] = rows[i, feature[node]] <= threshold[node]
