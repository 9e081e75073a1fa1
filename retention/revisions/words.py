"""A comparison in words: for a terminal of 80 columns, and in Markdown for a pull request."""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from retention.revisions.differences import BETTER_NOW, DIFFERS, NOISE, SAME, WORSE_NOW

NAMES = {
    "roc_auc": "ROC-AUC",
    "log_loss": "log loss",
    "brier": "Brier score",
    "in_the_large": "in the large",
    "increment.over_nobody": "over nobody",
    "increment.over_everybody": "over everybody",
}
WIDTH, LABEL = 80, 15
MOST = 12  # lines of one kind of change
WIDEST = 48  # of a setting's value
MISSING = "–"
HEADER = ("", "before", "after", "difference", "verdict", "visible")


def name(revision: Mapping[str, str]) -> str:
    """Return how a revision is called, with the start of its commit."""
    return f"{revision['name']} ({revision['commit'][:7]})" if revision["commit"] else "workspace"


def rows(figures: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return a row of texts a figure, in the order of HEADER."""
    return [
        (
            NAMES.get(one["figure"], one["figure"]),
            _number(one["before"]),
            _number(one["after"]),
            _difference(one),
            one["verdict"],
            _number(one["smallest"]),
        )
        for one in figures
    ]


def conclusion(report: Mapping[str, Any]) -> str:
    """Return in one or two sentences what the comparison says."""
    if report["compared"]["how"] == "not":
        return "No verdict."
    found: dict[str, list[str]] = {}
    for one in report["figures"]:
        found.setdefault(one["verdict"], []).append(NAMES.get(one["figure"], one["figure"]))
    for one in report["families"]:
        found.setdefault(one["verdict"], []).append(one["figure"])
    told = [
        f"{verdict.capitalize()}: {', '.join(found[verdict])}."
        for verdict in (BETTER_NOW, WORSE_NOW, DIFFERS)
        if verdict in found
    ]
    if told:
        return " ".join(told)
    if set(found) <= {SAME}:
        return "Every figure is the same."
    return "Nothing differs by more than noise." if NOISE in found else "No verdict."


def terminal(report: Mapping[str, Any]) -> str:
    """Return the comparison for a terminal."""
    lines = [f"{name(report['before'])} → {name(report['after'])}"]
    lines += [*_wrapped(_how(report)), ""]
    table = [HEADER, *rows(report["figures"])]
    if report["families"]:
        table += [("ROC-AUC of families", *[""] * 5), *rows(report["families"])]
    lines += [_line(row) for row in table]
    lines += ["", *_wrapped([conclusion(report), *_legend(report)]), ""]
    for title, changed in _changes(report):
        lines += [f"{title}:", *_wrapped(changed, "  ")]
    return "\n".join(lines).rstrip() + "\n"


def _wrapped(paragraphs: Sequence[str], indent: str = "") -> list[str]:
    more = indent + "  " if indent else ""
    return [
        line
        for paragraph in paragraphs
        for line in textwrap.wrap(
            paragraph, WIDTH, initial_indent=indent, subsequent_indent=more, break_on_hyphens=False
        )
    ]


def markdown(report: Mapping[str, Any]) -> str:
    """Return the comparison in Markdown."""
    lines = [f"### {name(report['before'])} → {name(report['after'])}", ""]
    lines += [f"**{conclusion(report)}**", "", " ".join(_how(report)), "", *_table(report), ""]
    lines += [" ".join(_legend(report)), ""] if _legend(report) else []
    for title, changed in _changes(report):
        lines += [f"- {title}: {changed[0]}"] if len(changed) == 1 else [f"- {title}:"]
        lines += [f"  - {line}" for line in changed] if len(changed) > 1 else []
    return "\n".join(lines).rstrip() + "\n"


def _table(report: Mapping[str, Any]) -> Iterator[str]:
    yield "| " + " | ".join(HEADER) + " |"
    yield "|---|---:|---:|---:|---|---:|"
    for row in rows(report["figures"]):
        yield "| " + " | ".join(row) + " |"
    for row in rows(report["families"]):
        yield "| " + " | ".join((f"{row[0]} alone, ROC-AUC", *row[1:])) + " |"


def _line(row: Sequence[str]) -> str:
    label, before, after, difference, verdict, smallest = row
    label = label if len(label) <= LABEL or not before else f"{label[: LABEL - 1]}…"
    return f"{label:15} {before:>7} {after:>7}  {difference:26} {verdict:12} {smallest:>7}".rstrip()


def _how(report: Mapping[str, Any]) -> list[str]:
    compared, customers = report["compared"], report["customers"]
    counts = [str(customers[side] or MISSING) for side in ("before", "after")]
    many = counts[0] if counts[0] == counts[1] else " → ".join(counts)
    said = [f"{many} customers. {compared['why']}"]
    if not customers["same"] and "rows" in customers:
        said.append(
            f"{customers['rows_in_common']} rows are in both, in every column the same, of "
            f"{customers['rows'][0]} before and {customers['rows'][1]} after."
        )
    for which, stages in report["older"].items():
        if "evaluate" in stages:
            late = stages["evaluate"]
            more = " and others" if len(late) > 3 else ""
            said.append(
                f"{which}: these figures are older than {', '.join(late[:3])}{more}: run `dvc "
                "repro evaluate`."
            )
        else:
            said.append(
                f"{which}: segments and contact list are older than the model, and left out: run "
                "`dvc repro`."
            )
    return said


def _legend(report: Mapping[str, Any]) -> list[str]:
    compared = report["compared"]
    if compared["how"] == "not":
        return []
    judged = sum(one["verdict"] != SAME for one in [*report["figures"], *report["families"]])
    if not judged:
        return []
    hold = f"hold for all {judged} figures at once" if judged > 1 else "are of one figure"
    many = compared["revisions"]
    others = f", and for all {many} revisions" if many > 1 else ""
    increments = any(one["figure"].startswith("increment.") for one in report["figures"])
    money = (
        "Over nobody, over everybody: what a plan brings by known outcomes, in the profit's unit."
    )
    return [
        f"Intervals of {compared['confidence'] * 100:g} % {hold}{others}.",
        "Visible: the true difference that would be told from noise four times in five.",
        *([money] if increments else []),
    ]


def _changes(report: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    changed = report["changed"]
    for title, key in (("Settings", "settings"), ("Contract", "contract")):
        lines = [f"{at}: {_value(old)} → {_value(new)}" for at, (old, new) in changed[key].items()]
        if lines:
            yield title, _short(lines)
    if changed["code"]:
        lines = [f"{path} ({_stages(stages)})" for path, stages in changed["code"].items()]
        yield "Code", _short(lines)
    if changed["requirements"]:
        yield "Requirements", ["requirements.txt differs"]
    if "customers" in changed:
        if changed["customers"]["came"] or changed["customers"]["went"]:
            yield "Customers", [_members(changed["customers"])]
        if changed["columns"]:
            yield "Columns", _short([_column(one) for one in changed["columns"]])
    for title, key in (("Called declining", "called"), ("Contact list", "contacts")):
        if report[key] and (report[key]["came"] or report[key]["went"]):
            yield title, [_members(report[key])]
    if report["segments"]:
        sizes = [f"{label}: {old} → {new}" for label, (old, new) in report["segments"].items()]
        yield "Segments", _short(sizes)


def _members(found: Mapping[str, float]) -> str:
    share = MISSING if found["share"] != found["share"] else f"{found['share']:.1%}"
    return (
        f"{found['before']} → {found['after']}: {found['stayed']} stay ({share}), {found['came']} "
        f"come, {found['went']} go; Jaccard {found['jaccard']:.2f}"
    )


def _column(one: Mapping[str, Any]) -> str:
    if one["changed"] != one["changed"]:
        return f"{one['column']}: on one side only"
    moved = f", p {one['p']:.2g}" if one["p"] == one["p"] else ""
    differ = f"{one['column']}: {one['changed']:.0f} values differ"
    return f"{differ}; distance {one['distance']:.3f}{moved}"


def _stages(stages: Sequence[str]) -> str:
    """Return the names of stages, items of one counted together."""
    found: dict[str, int] = {}
    for stage in stages:
        found[stage.split("@")[0]] = found.get(stage.split("@")[0], 0) + 1
    names = list(found)
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _short(lines: list[str]) -> list[str]:
    more = len(lines) - MOST
    return lines if more <= 1 else [*lines[:MOST], f"and {more} more (--json has them)"]


def _value(value: Any) -> str:
    text = value if value == MISSING else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _difference(one: Mapping[str, Any]) -> str:
    if one["verdict"] == SAME:
        return "0"
    digits = _digits(one["difference"])
    if one["low"] != one["low"]:
        return (
            MISSING
            if one["difference"] != one["difference"]
            else f"{one['difference']:+.{digits}f}"
        )
    return f"{one['difference']:+.{digits}f} [{one['low']:+.{digits}f}; {one['high']:+.{digits}f}]"


def _number(value: float) -> str:
    return MISSING if value != value else f"{value:.{_digits(value)}f}"


def _digits(value: float) -> int:
    return 4 if abs(value) < 100 else 0
