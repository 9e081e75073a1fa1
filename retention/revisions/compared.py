"""Two revisions beside each other: every figure with its verdict, and what changed between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from retention.evaluation.kept import Kept
from retention.evaluation.splits import class_figures, probability_figures
from retention.revisions import changes
from retention.revisions.differences import (
    UNKNOWN,
    Estimate,
    by_customer,
    judged,
    of_intervals,
    paired,
    unpaired,
)
from retention.revisions.influence import contributions
from retention.statistics.intervals import TOO_FEW

CALLED = ("precision", "recall")
SHOWN = ("evaluate", "segment", "decide", "offer")  # the stages whose files are compared
BY_FAMILY = "roc_auc"  # what families are compared by
LARGE = 1e6  # degrees of freedom of an interval that says nothing of them


@dataclass(frozen=True)
class Revision:
    """What a revision has in git of its figures and of what they were made with.

    `commit` is empty for the workspace. What it lacks is empty; `kept` and `families` are those of
    plots/evaluate/, `lock` the stages of dvc.lock, `metrics` the files of metrics/ by their stage.
    `customers` and `contacts` (their ids) are no part of git: None where nothing has them.
    """

    name: str
    commit: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    contract: Mapping[str, Any] = field(default_factory=dict)
    lock: Mapping[str, Any] = field(default_factory=dict)
    requirements: str = ""
    metrics: Mapping[str, Any] = field(default_factory=dict)
    kept: Kept | None = None
    families: pd.DataFrame | None = None
    customers: pd.DataFrame | None = None
    contacts: Sequence[object] | None = None

    def prints(self, what: str) -> str:
        """Return the print of `customers` or `folds`; empty where none was kept."""
        return str(self.metrics.get("evaluate", {}).get("prints", {}).get(what, ""))


@dataclass(frozen=True)
class Pairing:
    """How two revisions can be compared.

    `how` is `pairs` (on the `repeats`, from 0, whose folds are the same), `customers`, `means` or
    `not`; `why` is a sentence.
    """

    how: str
    why: str
    repeats: tuple[int, ...] = ()


def compare(
    before: Revision, others: Sequence[Revision], confidence: float, key: str
) -> list[dict[str, Any]]:
    """Compare one revision with each of the others; intervals hold for all of them at once.

    Returns a report each, of types that JSON has: see docs/experiments.md. `key` is the name of the
    column of customers' ids.
    """
    pairings = [pairing(before, after) for after in others]
    estimates = [
        _estimates(before, after, found, confidence)
        for after, found in zip(others, pairings, strict=True)
    ]
    tables = iter(judged([one for parts in estimates for one in parts], confidence))
    reports = []
    for after, found, parts in zip(others, pairings, estimates, strict=True):
        table = pd.concat([next(tables) for _ in parts]) if parts else _headlines(before, after)
        family = table["figure"].str.startswith(f"{BY_FAMILY}.")
        families = table[family].assign(figure=table.loc[family, "figure"].str.split(".").str[1])
        reports.append(
            {
                "before": {"name": before.name, "commit": before.commit},
                "after": {"name": after.name, "commit": after.commit},
                "compared": {
                    "how": found.how,
                    "why": found.why,
                    "confidence": confidence,
                    "revisions": len(others),
                    **_size(before, found),
                },
                "figures": table[~family].to_dict("records"),
                "families": families.to_dict("records"),
                "customers": _customers(before, after),
                "changed": _changed(before, after, key),
                "older": {one.name: late for one in (before, after) if (late := older(one))},
                "called": _called(before, after),
                "contacts": _contacts(before, after),
                "segments": _segments(before, after),
            }
        )
    return reports


def pairing(before: Revision, after: Revision) -> Pairing:
    """Return how two revisions can be compared, and why not better."""
    outcomes = [one.contract.get("roles", {}).get("outcome") for one in (before, after)]
    if all(outcomes) and outcomes[0] != outcomes[1]:
        return Pairing("not", "They predict another outcome: there is nothing to compare.")
    for one in (before, after):
        if one.kept is None:
            return Pairing(
                "not",
                f"{one.name} has no plots/evaluate/outer.csv, so what is noise can't be told: run "
                "`dvc repro evaluate` there and commit what it writes.",
            )
    old, new = before.kept, after.kept
    assert old is not None  # noqa: S101 - for mypy
    assert new is not None  # noqa: S101
    few = min(old.outer.rarer, new.outer.rarer)
    if few < TOO_FEW:
        return Pairing(
            "not", f"One class has {few} separate customers; {TOO_FEW} are needed to tell noise."
        )
    if not before.prints("customers") or before.prints("customers") != after.prints("customers"):
        return Pairing(
            "means",
            "Other customers, or other outcomes of theirs: compared by means, with wider intervals "
            "that hold for customers drawn anew.",
        )
    folds = list(zip(old.outer.fold, new.outer.fold, strict=False))
    repeats = tuple(r for r, (one, other) in enumerate(folds) if np.array_equal(one, other))
    if not repeats:
        return _other_folds(old, new)
    if len(repeats) < max(len(old.outer.fold), len(new.outer.fold)):
        return Pairing(
            "pairs", "The same customers; compared in pairs on the repeats they share.", repeats
        )
    return Pairing("pairs", "The same customers in the same folds: compared in pairs.", repeats)


def _other_folds(before: Kept, after: Kept) -> Pairing:
    counts = [(len(one.outer.fold), one.outer.folds) for one in (before, after)]
    if min(repeats for repeats, _ in counts) > 1 and counts[0][1] == counts[1][1]:
        return Pairing(
            "customers",
            "The same customers in other folds: compared customer by customer, with intervals that "
            "allow for the draw of the folds, too.",
        )
    return Pairing(
        "means", "The same customers in other folds: compared by means, with wider intervals."
    )


def older(revision: Revision) -> dict[str, list[str]]:
    """Return those of the stages whose files are on show that would run again, and what for."""
    late = changes.stale(revision.lock, revision.params)
    return {stage: late[stage] for stage in SHOWN if stage in late}


def by_split(revision: Revision, repeats: Sequence[int]) -> pd.DataFrame:
    """Return a revision's figures on the splits of some repeats (from 0), (J, m).

    `roc_auc.<family>` are those of single families.
    """
    kept = revision.kept
    if kept is None:
        raise ValueError(f"{revision.name} keeps no outer folds")
    classes = class_figures(kept.called, kept.outer)
    table = pd.DataFrame(
        {
            **probability_figures(kept.probability, kept.outer),
            **{name: classes[name] for name in CALLED},
        }
    )
    repeat = np.repeat(np.arange(len(kept.outer.fold)), kept.outer.folds)
    if revision.families is not None:
        for name, found in revision.families.groupby("family", sort=False):
            table[f"{BY_FAMILY}.{name}"] = found[BY_FAMILY].to_numpy()
    return table[np.isin(repeat, repeats)].reset_index(drop=True)


def _estimates(
    before: Revision, after: Revision, found: Pairing, confidence: float
) -> list[Estimate]:
    if found.how == "not" or before.kept is None or after.kept is None:
        return []
    old, new = before.kept.outer, after.kept.outer
    if found.how == "pairs":
        tables = by_split(before, found.repeats), by_split(after, found.repeats)
        estimates = [paired(*tables, old.folds)]
    else:
        everywhere = [range(len(one.fold)) for one in (old, new)]
        tables = by_split(before, everywhere[0]), by_split(after, everywhere[1])
        if found.how == "customers":
            adds = contributions(after.kept) - contributions(before.kept)
            estimates = [by_customer(*tables, adds, old.groups, old.folds)]
        else:
            estimates = [unpaired(*tables, old.folds, new.folds)]
    z = float(ndtri((1 + confidence) / 2))
    plans = [_increments(one) for one in (before, after)]
    for name in [name for name in plans[0] if name in plans[1]]:
        pair = [
            (float(plan[name]["value"]), float(plan[name]["high"] - plan[name]["low"]) / (2 * z))
            for plan in plans
        ]
        estimates.append(of_intervals(name, pair[0], pair[1], LARGE))
    return estimates


def _increments(revision: Revision) -> dict[str, Mapping[str, float]]:
    """Return what a plan realised over nobody and everybody, where outcomes gave an interval."""
    over = {} if "decide" in older(revision) else revision.metrics.get("decide", {}).get("over", {})
    realised = {name: over[name]["realised"] for name in ("nobody", "everybody") if name in over}
    return {
        f"increment.over_{name}": figure
        for name, figure in realised.items()
        if None not in (figure["low"], figure["high"])
    }


def _headlines(before: Revision, after: Revision) -> pd.DataFrame:
    """Return the headlines of two revisions whose difference can't be judged."""
    old, new = (one.metrics.get("headline", {}) for one in (before, after))
    names = [name for name in ("roc_auc", "log_loss", "brier", *CALLED) if name in old | new]
    values = [(old.get(name, np.nan), new.get(name, np.nan)) for name in names]
    table = pd.DataFrame({"figure": pd.Series(names, dtype=str)})
    table["before"], table["after"] = (
        pd.Series([pair[side] for pair in values], dtype=np.float64) for side in (0, 1)
    )
    table["difference"] = table["after"] - table["before"]
    table[["low", "high", "p", "smallest", "error", "freedom"]] = np.nan
    return table.assign(verdict=UNKNOWN)


def _size(before: Revision, found: Pairing) -> dict[str, int]:
    if before.kept is None:
        return {}
    outer = before.kept.outer
    return {"folds": outer.folds, "repeats": len(found.repeats) or len(outer.fold)}


def _customers(before: Revision, after: Revision) -> dict[str, Any]:
    counts = {
        side: one.metrics.get("evaluate", {}).get("customers")
        for side, one in (("before", before), ("after", after))
    }
    same = before.prints("customers") == after.prints("customers") != ""
    found: dict[str, Any] = {**counts, "same": same}
    if before.kept is not None and after.kept is not None:
        found["rows"] = [len(before.kept.rows), len(after.kept.rows)]
        found["rows_in_common"] = changes.rows_in_common(
            before.kept.rows.tolist(), after.kept.rows.tolist()
        )
    return found


def _changed(before: Revision, after: Revision, key: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "settings": changes.settings(before.params, after.params),
        "contract": changes.settings(before.contract, after.contract),
        "code": changes.code(before.lock, after.lock),
        "requirements": before.requirements != after.requirements,
    }
    if before.customers is not None and after.customers is not None:
        ids = [one[key].tolist() for one in (before.customers, after.customers)]
        found["customers"] = changes.listed(*ids)
        found["columns"] = changes.columns(before.customers, after.customers, key).to_dict(
            "records"
        )
    return found


def _called(before: Revision, after: Revision) -> dict[str, float] | None:
    """Return who of the same customers is called declining, by the outer models of repeat 1."""
    if before.kept is None or after.kept is None:
        return None
    if before.prints("customers") != after.prints("customers"):
        return None
    return changes.members(before.kept.called[0], after.kept.called[0])


def _contacts(before: Revision, after: Revision) -> dict[str, float] | None:
    if before.contacts is None or after.contacts is None:
        return None
    if any("offer" in older(one) for one in (before, after)):
        return None
    return changes.listed(before.contacts, after.contacts)


def _segments(before: Revision, after: Revision) -> dict[str, tuple[int, int]]:
    if any("segment" in older(one) for one in (before, after)):
        return {}
    return changes.segments(*(one.metrics.get("segment", {}) for one in (before, after)))
