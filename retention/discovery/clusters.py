"""Clusters of customers whose predictions have the same reasons: k-means of SHAP values.

SHAP values have one unit, so that a column that matters little for the prediction weighs little in
the clusters too; clusters of the columns themselves would give each one the same weight.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.statistics.resampling import Members, jaccard

if TYPE_CHECKING:  # scikit-learn takes a second, which who draws clusters is spared
    from sklearn.cluster import KMeans

# What is said of a column that is a reason of a cluster.
REASON = ["column", "raises", "median", "usual_median", "commonest", "share", "usual_share"]


def find_clusters(
    values: NDArray[np.float64], *, fewest: int, most: int, restarts: int, seed: int
) -> "KMeans | None":
    """Return k-means with the k of the largest mean silhouette (Rousseeuw 1987).

    `values` are SHAP values, (customers, columns). None when even the fewest clusters are as many
    as the different customers.
    """
    from sklearn.metrics import silhouette_score

    different = len(np.unique(values, axis=0))
    best, best_width = None, -np.inf
    for k in range(fewest, min(most, different - 1) + 1):
        fitted = _kmeans(k, restarts, seed).fit(values)
        # Rounded, so that a tie doesn't hang on the last digits: of equal ones the fewer clusters.
        width = round(float(silhouette_score(values, fitted.labels_)), 10)
        if width > best_width:
            best, best_width = fitted, width
    return best


def numbered_by_decline(
    fitted: "KMeans", values: NDArray[np.float64], decline: NDArray[np.int64]
) -> NDArray[np.intp]:
    """Return each customer's cluster, that of the nearest centre.

    0 is the cluster in which the most declined (by share), and so on.
    """
    nearest = fitted.predict(values)
    rate = pd.Series(decline).groupby(nearest).mean()
    order = rate.sort_values(ascending=False, kind="stable").index
    return np.asarray(pd.Series(range(len(order)), order).loc[nearest], dtype=np.intp)


def _kmeans(k: int, restarts: int, seed: int) -> "KMeans":
    from sklearn.cluster import KMeans

    return KMeans(k, n_init=restarts, random_state=seed)


def best_matches(
    sample: NDArray[np.intp],
    *,
    values: NDArray[np.float64],
    labels: NDArray[np.intp],
    restarts: int,
    seed: int,
) -> NDArray[np.float64]:
    """Return for each cluster its best match (Jaccard) among clusters of the `sample`.

    Both are counted among the different customers of the sample (Hennig 2007,
    https://doi.org/10.1016/j.csda.2006.11.025); missing for a cluster with none of them. `labels`
    are the clusters 0 … k − 1 of the rows of `values`.
    """
    k = int(labels.max()) + 1
    drawn, first = np.unique(sample, return_index=True)
    different = len(np.unique(values[drawn], axis=0))
    again = _kmeans(min(k, different), restarts, seed).fit(values[sample]).labels_[first]
    matches = np.full(k, np.nan)
    for cluster in np.unique(labels[drawn]):
        members = labels[drawn] == cluster
        matches[cluster] = max(jaccard(members, again == other) for other in np.unique(again))
    return matches


def nearest_cluster(
    members: Members,
    again: "KMeans | None",
    unseen: NDArray[np.float64],
    overlap: float,
) -> Members | None:
    """Return whom of unseen customers the cluster has that shares most with some `members`.

    `members` says who of the customers that the clusters `again` were found on are in a cluster to
    be found again; `unseen` are the others' SHAP values. None if it shares less than `overlap`
    (Jaccard).
    """
    if again is None:
        return None
    shared = [jaccard(members, again.labels_ == other) for other in range(again.n_clusters)]
    best = int(np.argmax(shared))
    inside: Members = again.predict(unseen) == best
    return inside if shared[best] >= overlap else None


def main_reasons(
    members: Members,
    shap_values: pd.DataFrame,
    features: pd.DataFrame,
    numbers: Sequence[str],
    count: int,
) -> pd.DataFrame:
    """Return the columns with the strongest mean SHAP values of a cluster, the strongest first.

    `column` and whether it `raises` the log-odds; of a number the members' `median` beside that of
    all (`usual_median`), of a category the members' `commonest` value, its `share` among them and
    among all (`usual_share`).
    """
    strength = shap_values[members].mean()
    strongest = strength.abs().sort_values(ascending=False, kind="stable").index[:count]
    rows = []
    for column in strongest:
        inside, everybody = features.loc[members, column], features[column]
        row = {"column": column, "raises": bool(strength[column] > 0)}
        if column in numbers:
            row |= {"median": float(inside.median()), "usual_median": float(everybody.median())}
        else:
            commonest = inside.value_counts().sort_index().idxmax()
            row |= {
                "commonest": commonest,
                "share": float((inside == commonest).mean()),
                "usual_share": float((everybody == commonest).mean()),
            }
        rows.append(row)
    return pd.DataFrame(rows, columns=REASON)
