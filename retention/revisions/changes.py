"""What changed between two revisions: settings, code, customers, who is called, segments."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.statistics.resampling import jaccard
from retention.statistics.significance import holm

CODE = ("retention/", "stages/", "templates/", "texts/")
ABSENT = "–"  # for a setting that one side lacks
LEVEL = 0.05  # from which a column's distribution counts as another, allowing for so many columns


def settings(before: Any, after: Any, prefix: str = "") -> dict[str, tuple[Any, Any]]:
    """Return dotted key → its values before and after, of what differs in two YAML contents."""
    if before == after:
        return {}
    if isinstance(before, dict) and isinstance(after, dict):
        found: dict[str, tuple[Any, Any]] = {}
        for key in [*before, *(key for key in after if key not in before)]:
            inner = f"{prefix}.{key}" if prefix else str(key)
            found |= settings(before.get(key, ABSENT), after.get(key, ABSENT), inner)
        return found
    return {prefix: (before, after)}


def code(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return changed file or folder of code → the stages that depend on it.

    `before` and `after` are the `stages` of two dvc.lock. Stages that only one of them has, or
    whose command differs, are under `dvc.yaml`.
    """
    found: dict[str, list[str]] = {}
    for stage in sorted(before.keys() | after.keys()):
        if stage not in before or stage not in after or _command(before, after, stage):
            found.setdefault("dvc.yaml", []).append(stage)
            continue
        old, new = _code(before[stage]), _code(after[stage])
        for path in sorted(old.keys() | new.keys()):
            if old.get(path) != new.get(path):
                found.setdefault(path, []).append(stage)
    return found


def _command(before: Mapping[str, Any], after: Mapping[str, Any], stage: str) -> bool:
    return bool(before[stage].get("cmd") != after[stage].get("cmd"))


def _code(entry: Mapping[str, Any]) -> dict[str, str]:
    return {
        dep["path"]: str(dep.get("md5"))
        for dep in entry.get("deps", [])
        if dep["path"].startswith(CODE)
    }


def stale(lock: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return stage → what it would run again for: its files are older than this.

    Settings of params.yaml that it ran with other values of, and inputs that were made anew since,
    directly or by a stage before it. Edited code shows in `dvc status` alone. A stage with a
    setting that is gone is one of an item that was removed; nothing waits for it.
    """
    makers = {
        out["path"]: (stage, str(out.get("md5")))
        for stage, entry in lock.items()
        for out in entry.get("outs", [])
        if not _gone(entry, params)
    }
    found: dict[str, list[str]] = {}

    def look(stage: str) -> list[str]:
        if stage not in found:
            found[stage] = []  # of a stage that waits for itself nothing more is known
            entry = lock[stage]
            late = [
                name
                for dotted, value in _settings(entry)
                for name in settings(value, _at(params, dotted), dotted)
            ]
            for dep in entry.get("deps", []):
                late += _late(dep, makers, look)
            found[stage] = sorted(set(late))
        return found[stage]

    here = [stage for stage, entry in lock.items() if not _gone(entry, params)]
    return {stage: late for stage in here if (late := look(stage))}


def _late(
    dep: Mapping[str, Any],
    makers: Mapping[str, tuple[str, str]],
    look: Callable[[str], list[str]],
) -> list[str]:
    """Return why a dependency is another than the one that was read; it may be a folder of outs."""
    if dep["path"] in makers:
        stage, digest = makers[dep["path"]]
        return look(stage) or ([] if digest == str(dep.get("md5")) else [dep["path"]])
    inside = {stage for path, (stage, _) in makers.items() if path.startswith(f"{dep['path']}/")}
    return [reason for stage in sorted(inside) for reason in look(stage)]


def _settings(entry: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    params: Mapping[str, Any] = entry.get("params", {}).get("params.yaml", {})
    return params.items()


def _gone(entry: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    return any(_at(params, dotted) is ABSENT for dotted, _ in _settings(entry))


def _at(params: Any, dotted: str) -> Any:
    for key in dotted.split("."):
        params = params.get(key, ABSENT) if isinstance(params, dict) else ABSENT
    return params


def rows_in_common(before: Sequence[str], after: Sequence[str]) -> int:
    """Return how many rows of customers, told by their prints, are in both."""
    return (Counter(before) & Counter(after)).total()


def members(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> dict[str, float]:
    """Return who of the same customers stayed on a list, came and went; shapes (n,).

    `share` is that of those before who stayed, nan when there were none.
    """
    stayed, were = int((before & after).sum()), int(before.sum())
    return {
        "before": were,
        "after": int(after.sum()),
        "stayed": stayed,
        "came": int((~before & after).sum()),
        "went": int((before & ~after).sum()),
        "share": stayed / were if were else np.nan,
        "jaccard": jaccard(before, after),
    }


def listed(before: Sequence[object], after: Sequence[object]) -> dict[str, float]:
    """Return the same of two lists of ids."""
    everybody = sorted({*before, *after}, key=str)
    old, new = set(before), set(after)
    return members(
        np.array([one in old for one in everybody], dtype=bool),
        np.array([one in new for one in everybody], dtype=bool),
    )


def segments(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Return segment → its customers before and after, of those whose number differs.

    Both are metrics/segment.json; what shrank or grew most comes first.
    """
    sizes = {
        name: (before.get(name, {}).get("customers", 0), after.get(name, {}).get("customers", 0))
        for name in [*before, *(name for name in after if name not in before)]
    }
    changed = {name: pair for name, pair in sizes.items() if pair[0] != pair[1]}
    return dict(sorted(changed.items(), key=lambda item: -abs(item[1][1] - item[1][0])))


def columns(before: pd.DataFrame, after: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return a row for each column that differs between two tables of customers.

    `column`, `changed` (customers of both whose value differs; nan for a column that one side
    lacks), `distance` and `p`. The distance is the largest gap of the cumulative shares (numbers;
    Kolmogorov–Smirnov) or half the summed gaps of the shares (other columns; total variation); p is
    that of the test of Kolmogorov–Smirnov or of χ², by Holm over the columns. Customers of both
    tables make p too large, never too small.
    """
    old, new = before.set_index(key), after.set_index(key)
    both = old.index.intersection(new.index)
    rows = []
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in old or name not in new:
            rows.append((name, np.nan, np.nan, np.nan))
            continue
        changed = int((old.loc[both, name] != new.loc[both, name]).sum())
        rows.append((name, changed, *_distance(old[name], new[name])))
    table = pd.DataFrame(rows, columns=["column", "changed", "distance", "p"])
    table["p"] = holm(table["p"].to_numpy(dtype=np.float64))
    differs = table["changed"].isna() | (table["changed"] > 0) | (table["p"] < LEVEL)
    return table[differs].sort_values("distance", ascending=False, ignore_index=True)


def _distance(old: "pd.Series[Any]", new: "pd.Series[Any]") -> tuple[float, float]:
    from scipy import stats  # most comparisons don't come here

    if pd.api.types.is_numeric_dtype(old) and pd.api.types.is_numeric_dtype(new):
        found = stats.ks_2samp(old.dropna(), new.dropna())
        return float(found.statistic), float(found.pvalue)
    counts = pd.DataFrame({"old": old.value_counts(), "new": new.value_counts()}).fillna(0)
    shares = counts / counts.sum()
    distance = float((shares["old"] - shares["new"]).abs().sum() / 2)
    p = stats.chi2_contingency(counts.to_numpy().T).pvalue if len(counts) > 1 else 1.0
    return distance, float(p)
