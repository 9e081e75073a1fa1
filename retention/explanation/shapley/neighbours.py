"""Scores of nearest neighbours, many at a time."""

import numba
import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from retention.explanation.shapley.game import Floats


def neighbour_scores(model: KNeighborsClassifier, rows: Floats) -> Floats:
    """Return a fitted classifier's probabilities of class 1 for rows (m, d), shape (m,).

    The same as predict_proba, several times faster; where the last neighbours are equally far, it
    may choose others of them. Weights are uniform or by distance.
    """
    training = np.ascontiguousarray(np.asarray(model._fit_X, dtype=np.float64).T)  # noqa: SLF001
    decline = np.asarray(model._y, dtype=np.float64)  # noqa: SLF001 - nothing public has them
    scores = np.empty(len(rows))
    _score(
        rows,
        training,
        decline,
        model.n_neighbors,
        float(model.p),
        model.weights == "distance",
        scores,
    )
    return scores


@numba.njit(cache=True)
def _score(
    rows: Floats,
    training: Floats,
    decline: Floats,
    count: int,
    p: float,
    by_distance: bool,
    scores: Floats,
) -> None:
    customers = training.shape[1]
    distance = np.empty(customers)
    near = np.empty(count)
    label = np.empty(count)
    for m in range(len(rows)):
        distance[:] = 0.0
        for column in range(len(training)):
            x = rows[m, column]
            if p == 1:
                for i in range(customers):
                    distance[i] += abs(x - training[column, i])
            elif p == 2:
                for i in range(customers):
                    distance[i] += (x - training[column, i]) ** 2
            else:
                for i in range(customers):
                    distance[i] += abs(x - training[column, i]) ** p
        near[:] = np.inf
        for i in range(customers):
            if distance[i] < near[count - 1]:
                k = count - 1
                while k > 0 and near[k - 1] > distance[i]:
                    near[k], label[k] = near[k - 1], label[k - 1]
                    k -= 1
                near[k], label[k] = distance[i], decline[i]
        if not by_distance:
            scores[m] = label.mean()
            continue
        total, declined = 0.0, 0.0
        for k in range(count):
            # Neighbours at distance zero, if there are any, decide alone.
            weight = 1.0 * (near[k] == 0) if near[0] == 0 else near[k] ** (-1 / p)
            total += weight
            declined += weight * label[k]
        scores[m] = declined / total
