"""Segments found by search, and whether they hold up among customers whom the search didn't see.

What is shown is found on everybody, and looks too good there: it is the best of many. So the search
runs again in each fold's training part, and what it finds there is counted among the customers of
the test part. The name, the rule and the members are those of the segment found on everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.contract.columns import PROBABILITY, PROFIT
from retention.discovery.clusters import (
    REASON,
    best_matches,
    find_clusters,
    main_reasons,
    nearest_cluster,
    numbered_by_decline,
)
from retention.discovery.subgroups import (
    Search,
    against_parts,
    found_again,
    matches,
    searched_p,
)
from retention.folds import Splits
from retention.harness.parallel import parallel
from retention.statistics.resampling import Members, Resampling, shuffled
from retention.statistics.significance import fisher_p

HIGHER, LOWER = "higher", "lower"  # a share of declines above, below that of all others
SUBGROUP, CLUSTER = "subgroup", "cluster"
COLUMNS = [
    "name",
    "kind",
    "rule",
    "conditions",
    "direction",
    "customers",
    "declined",
    "folds",
    "folds_found",
    "unseen_customers",
    "unseen_declined",
    "unseen_rest_customers",
    "unseen_rest_declined",
    "p",
    "p_adjusted",
    "holds",
    "p_against_parts",
    "adds",
    "stability",
    "probability",
    "profit",
    "profit_share",
]


@dataclass(frozen=True)
class Judge:
    """By what segments are judged.

    `splits` has the training and test part of each fold; the `resampling` says how stable a segment
    is. A segment is found again by what shares at least `overlap` of its customers (Jaccard). Rules
    hold at the `level`, by so many `shuffles` of who declined.
    """

    splits: Splits
    resampling: Resampling
    overlap: float
    level: float
    shuffles: int

    @property
    def groups(self) -> NDArray[np.intp]:
        """The customers' groups of near-duplicates."""
        return self.resampling.groups


@dataclass(frozen=True)
class Found:
    """Segments: a row each in `table`, a boolean column each, by name, in `members`.

    `reasons` has rows of `main_reasons` for each cluster, with its `name`.
    """

    table: pd.DataFrame
    members: pd.DataFrame
    reasons: pd.DataFrame


def subgroups(
    search: Search, features: pd.DataFrame, decline: NDArray[np.int64], judge: Judge
) -> Found:
    """Return the subgroups of all customers, and what becomes of them in the folds.

    `folds_found` of the `folds` have a subgroup beside it in what was found on their training part,
    counted among the customers of that. Its own rule is what is counted in the test part, so that
    neither the rule nor the choice has seen them; `unseen_…` are the sums over such folds.

    `p` is Fisher's exact test on everybody, as if nobody had searched; `p_adjusted` allows for
    the search, see `searched_p`. A subgroup `holds` when that is below the level, it is found in
    most folds, and the unseen customers differ in its direction. `p_against_parts`: see
    `against_parts`; it `adds` to its parts when that is below the level. `stability` is the share
    of resamples in which it is found again.
    """
    shown = search.find(features, decline)
    if not shown:
        return _found(SUBGROUP, [], [], features.index)
    calls = [(features.iloc[train], decline[train]) for train, _ in judge.splits]
    by_fold = [
        matches(shown, found, learnt, judge.overlap)
        for (learnt, _), found in zip(
            calls,
            parallel(search.find, calls, label="discover: subgroups", unit="fold"),
            strict=True,
        )
    ]
    again = partial(
        found_again,
        search=search,
        subgroups=shown,
        features=features,
        decline=decline,
        overlap=judge.overlap,
    )
    stability = judge.resampling.mean(again, "discover: subgroups, resampled")
    rules = search.rules(features)
    seed = judge.resampling.seed
    declines = shuffled(decline == 1, judge.groups, draws=judge.shuffles, seed=seed)
    p_adjusted = searched_p(shown, rules, features, declines)
    rows = []
    for number, subgroup in enumerate(shown):
        sides = [
            (match.members(features.iloc[test]), test)
            for (_, test), found in zip(judge.splits, by_fold, strict=True)
            if (match := found[number]) is not None
        ]
        apart = against_parts(subgroup, rules, features, decline)
        rows.append(
            {
                "rule": subgroup.rule,
                "conditions": len(subgroup.conditions),
                "direction": HIGHER if subgroup.higher else LOWER,
                **_in_folds(sides, decline, judge),
                "p": fisher_p(subgroup.members(features), decline == 1),
                "p_adjusted": p_adjusted[number],
                "p_against_parts": apart,
                "adds": None if np.isnan(apart) else apart < judge.level,
                "stability": stability[number],
            }
        )
    members = [subgroup.members(features) for subgroup in shown]
    made = _found(SUBGROUP, rows, members, features.index, decline)
    return replace(made, table=made.table.assign(holds=_hold(made.table, judge.level)))


def clusters(
    shap_values: pd.DataFrame,
    features: pd.DataFrame,
    decline: NDArray[np.int64],
    judge: Judge,
    *,
    fewest: int,
    most: int,
    restarts: int,
    reasons: int,
    seed: int,
    numbers: Sequence[str],
) -> Found:
    """Return the clusters of the customers' SHAP values, and what becomes of them in the folds.

    Clusters of the training part's SHAP values are found as those of everybody are; customers of
    the test part belong to the nearest centre. What the model takes for risky differs in its
    declines by construction, so that nothing is tested and nothing `holds`. The stability is the
    mean, over resamples, of the best match (Jaccard) among their clusters.
    """
    values = shap_values.to_numpy()
    find = partial(find_clusters, fewest=fewest, most=most, restarts=restarts, seed=seed)
    fitted = find(values)
    if fitted is None:
        return _found(CLUSTER, [], [], features.index)
    labels = numbered_by_decline(fitted, values, decline)
    shown = [labels == cluster for cluster in range(labels.max() + 1)]
    calls = [(values[train],) for train, _ in judge.splits]
    by_fold = parallel(find, calls, label="discover: clusters", unit="fold")
    near = partial(best_matches, values=values, labels=labels, restarts=restarts, seed=seed)
    stability = judge.resampling.mean(near, "discover: clusters, resampled")
    rows, why = [], []
    for members, stable in zip(shown, stability, strict=True):
        sides = []
        for (train, test), again in zip(judge.splits, by_fold, strict=True):
            inside = nearest_cluster(members[train], again, values[test], judge.overlap)
            if inside is not None:
                sides.append((inside, test))
        higher = decline[members].mean() > decline.mean()
        rows.append(
            {
                "rule": "",
                "direction": HIGHER if higher else LOWER,
                **_in_folds(sides, decline, judge),
                "stability": stable,
            }
        )
        why.append(main_reasons(members, shap_values, features, numbers, reasons))
    return _found(CLUSTER, rows, shown, features.index, decline, why)


def with_money(found: pd.DataFrame, members: pd.DataFrame, scored: pd.DataFrame) -> pd.DataFrame:
    """Fill in the members' mean `probability`, their `profit` per month and its share of all.

    Rows of `members` and `scored` are the same customers, in the same order.
    """
    total = scored[PROFIT].sum(min_count=1)
    inside = [scored[members[name].to_numpy()] for name in found["name"]]
    profit = np.array([part[PROFIT].sum(min_count=1) for part in inside], dtype=np.float64)
    return found.assign(
        probability=[part[PROBABILITY].mean() for part in inside],
        profit=profit,
        profit_share=profit / total,
    )


def _in_folds(
    sides: Sequence[tuple[Members, NDArray[np.intp]]], decline: NDArray[np.int64], judge: Judge
) -> dict[str, int]:
    """Return in how many folds a segment was found, and the declines of their test parts.

    `sides` has, for each such fold, who of its test part is inside, and the positions of that part.
    """
    inside = np.concatenate([side for side, _ in sides] or [np.zeros(0, dtype=np.bool_)])
    hits = np.concatenate([decline[test] for _, test in sides] or [np.zeros(0, dtype=np.int64)])
    return {
        "folds": len(judge.splits),
        "folds_found": len(sides),
        "unseen_customers": int(inside.sum()),
        "unseen_declined": int(hits[inside].sum()),
        "unseen_rest_customers": int((~inside).sum()),
        "unseen_rest_declined": int(hits[~inside].sum()),
    }


def _hold(table: pd.DataFrame, level: float) -> "pd.Series[bool]":
    """Return which subgroups hold, see `subgroups`; an empty side agrees with no direction."""
    rate = table["unseen_declined"] / table["unseen_customers"].where(lambda count: count > 0)
    rest = table["unseen_rest_customers"].where(lambda count: count > 0)
    rest = table["unseen_rest_declined"] / rest
    agrees = (rate > rest).where(table["direction"] == HIGHER, rate < rest)
    most = table["folds_found"] > table["folds"] / 2
    return (table["p_adjusted"] < level) & most & agrees


def _found(
    kind: str,
    rows: Sequence[dict[str, object]],
    members: Sequence[Members],
    customers: pd.Index,
    decline: NDArray[np.int64] | None = None,
    reasons: Sequence[pd.DataFrame] = (),
) -> Found:
    names = [f"{kind}_{number}" for number in range(1, len(rows) + 1)]
    table = pd.DataFrame(rows, columns=COLUMNS).assign(name=names, kind=kind)
    table["conditions"] = table["conditions"].astype("Int64")  # none for clusters
    if decline is not None:
        table["customers"] = [int(inside.sum()) for inside in members]
        table["declined"] = [int(decline[inside].sum()) for inside in members]
    described = [part.assign(name=name) for name, part in zip(names, reasons, strict=False)]
    return Found(
        table,
        pd.DataFrame(dict(zip(names, members, strict=True)), index=customers),
        pd.concat(described or [pd.DataFrame(columns=REASON)]).reindex(columns=["name", *REASON]),
    )
