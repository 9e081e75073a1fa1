"""Segments found by search, and whether they hold up among customers whom the search didn't see.

What a search finds is the best of many, so that its rate among the training customers is too good.
The hold-out's is not: the search had no part in choosing those customers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.contract.columns import DECLINE, PROBABILITY, PROFIT
from retention.discovery.clusters import (
    best_matches,
    find_clusters,
    main_reasons,
    numbered_by_decline,
)
from retention.discovery.subgroups import Search, found_again
from retention.statistics.intervals import rate_interval
from retention.statistics.resampling import Members, Resampling
from retention.statistics.significance import fisher_p, holm
from retention.texts import Texts

_COLUMNS = [
    "direction",
    "customers",
    "probability",
    "profit",
    "profit_share",
    *(f"training_{figure}" for figure in ("customers", "rate", "low", "high")),
    *(f"holdout_{figure}" for figure in ("customers", "rate", "low", "high")),
    "p",
    "agrees",
]
HIGHER, LOWER = "higher", "lower"  # a share of declines above, below that of all others


@dataclass(frozen=True)
class Found:
    """Segments by name.

    `members` has a boolean column for each and a row for each customer. `about` has a row for each:
    `kind`, `rule` (empty for what no rule can say), `description`, `stability` (0 … 1).
    """

    members: pd.DataFrame
    about: pd.DataFrame


def subgroups(
    search: Search,
    features: pd.DataFrame,
    decline: NDArray[np.int64],
    training: Members,
    *,
    resampling: Resampling,
    overlap: float,
    texts: Texts,
) -> Found:
    """Return the subgroups found among the training customers.

    The stability is the share of resamples in which the search finds the subgroup again, that is,
    one that shares at least `overlap` of its training customers (Jaccard).
    """
    learnt, outcome = features[training], decline[training]
    found = search.find(learnt, outcome)
    again = partial(
        found_again,
        search=search,
        subgroups=found,
        features=learnt,
        decline=outcome,
        overlap=overlap,
    )
    return _found(
        "subgroup",
        [subgroup.members(features) for subgroup in found],
        [subgroup.rule for subgroup in found],
        [subgroup.text(texts) for subgroup in found],
        resampling.mean(again, "subgroups") if found else np.empty(0),
        features.index,
    )


def clusters(
    shap_values: pd.DataFrame,
    features: pd.DataFrame,
    decline: NDArray[np.int64],
    training: Members,
    *,
    fewest: int,
    most: int,
    restarts: int,
    reasons: int,
    seed: int,
    resampling: Resampling,
    numbers: Sequence[str],
    texts: Texts,
) -> Found:
    """Return the clusters of the training customers' SHAP values, others to the nearest centre.

    The stability is the mean, over resamples, of the best match (Jaccard) among their clusters.
    Which `reasons` are typical is told by the training customers alone.
    """
    values = shap_values.to_numpy()
    fitted = find_clusters(values[training], fewest=fewest, most=most, restarts=restarts, seed=seed)
    if fitted is None:
        return _found("cluster", [], [], [], np.empty(0), features.index)
    labels = numbered_by_decline(fitted, values, decline, training)
    members = [labels == cluster for cluster in range(labels.max() + 1)]
    matches = partial(
        best_matches,
        values=values[training],
        labels=labels[training],
        restarts=restarts,
        seed=seed,
    )
    described = [
        main_reasons(
            inside[training], shap_values[training], features[training], numbers, reasons, texts
        )
        for inside in members
    ]
    return _found(
        "cluster",
        members,
        [""] * len(members),
        described,
        resampling.mean(matches, "clusters"),
        features.index,
    )


def _found(
    kind: str,
    members: Sequence[Members],
    rules: Sequence[str],
    descriptions: Sequence[str],
    stability: NDArray[np.float64],
    customers: pd.Index,
) -> Found:
    names = [f"{kind}_{number}" for number in range(1, len(members) + 1)]
    about = {"kind": kind, "rule": rules, "description": descriptions, "stability": stability}
    return Found(
        pd.DataFrame(dict(zip(names, members, strict=True)), index=customers),
        pd.DataFrame(about, index=pd.Index(names, name="name")),
    )


def examine(
    table: pd.DataFrame,
    members: pd.DataFrame,
    training: Members,
    confidence: float,
) -> pd.DataFrame:
    """Return a row for each segment, in the order of the columns of `members` (boolean).

    `direction` is that of the training customers. `customers`, mean `probability`, the sum of
    `profit` per month and its share are of all members; `training_` and `holdout_` have
    `customers`, the observed `rate` of declines, and `low` and `high`, its Wilson interval.

    `p` is Fisher's exact test, two-sided, of the members' declines in the hold-out against those
    of its other customers, and `p_adjusted` allows for the number of segments (Holm). A segment
    `holds` when that is below 1 − `confidence` and the difference has the direction of the training
    customers. Near-duplicate customers count as customers of their own.
    """
    decline, holdout = table[DECLINE].to_numpy(), ~training
    total = table[PROFIT].sum()
    rows = []
    for mask in members.to_numpy(dtype=np.bool_).T:
        part = table[mask]
        in_training = _difference(decline, mask, training)
        in_holdout = _difference(decline, mask, holdout)
        rows.append(
            {
                "direction": HIGHER if in_training > 0 else LOWER,
                "customers": len(part),
                "probability": part[PROBABILITY].mean(),
                "profit": part[PROFIT].sum(),
                "profit_share": part[PROFIT].sum() / total,
                **_observed("training", decline[mask & training], confidence),
                **_observed("holdout", decline[mask & holdout], confidence),
                "p": fisher_p(mask[holdout], decline[holdout] == 1),
                "agrees": in_training * in_holdout > 0,
            }
        )
    examined = pd.DataFrame(rows, index=members.columns, columns=_COLUMNS)
    p_adjusted = holm(examined["p"].to_numpy(dtype=np.float64))
    holds = (p_adjusted < 1 - confidence) & examined["agrees"].to_numpy(dtype=np.bool_)
    return examined.drop(columns="agrees").assign(p_adjusted=p_adjusted, holds=holds)


def _observed(name: str, decline: NDArray[np.int64], confidence: float) -> dict[str, float]:
    rate = rate_interval(int(decline.sum()), len(decline), confidence)
    return {
        f"{name}_customers": len(decline),
        f"{name}_rate": rate["value"],
        f"{name}_low": rate["low"],
        f"{name}_high": rate["high"],
    }


def _difference(decline: NDArray[np.int64], members: Members, among: Members) -> float:
    """Return the members' rate minus that of the others, among some; nan without either."""
    inside, outside = decline[members & among], decline[~members & among]
    return inside.mean() - outside.mean() if len(inside) and len(outside) else np.nan
