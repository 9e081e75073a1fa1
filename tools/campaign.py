"""The tables of docs/campaign.md, from what was measured once (docs/campaign/*.csv)."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from retention.harness.files import read_json
from tools.tables import ROOT, interval, number, table

POLICIES = ("oracle", "learnt", "kept", "probability", "profit", "everybody", "nobody")


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(ROOT / f"docs/campaign/{name}.csv")


def _lines(name: str) -> list[dict[str, Any]]:
    return [
        {str(key): value for key, value in line.items()} for line in _read(name).to_dict("records")
    ]


def increments() -> str:
    """Return what a plan brings over other ways to choose, where outcomes are known."""
    found = read_json(ROOT / "metrics/decide.json")
    rows = [
        [name, line["contacted"], number(line["expected"], 1), interval(line["realised"], 1)]
        for name, line in found["over"].items()
    ]
    header = ["over", "contacted there", "expected", "by the outcomes that came"]
    return f"The plan contacts {found['contacted']}.\n\n" + table(header, rows)


def plan() -> str:
    """Return how fast plans are found, and how far they can be from the best."""
    rows = [
        [
            f"{line['customers']:,}",
            line["offers"],
            number(line["seconds_one"], 1),
            line["budgets"] + 1,
            number(line["seconds_all"], 1),
            f"{line['customers_a_second']:,}",
            f"{line['largest_gap']:.3%}",
        ]
        for line in _lines("plan")
    ]
    header = ["customers", "offers", "one plan, s", "plans", "all, s", "customers a second"]
    return table([*header, "short of the bound by at most"], rows)


def coverage() -> str:
    """Return the coverage of intervals, and the widths."""
    rows = [
        [
            line["design"],
            line["outcome"],
            line["estimate"],
            line["campaigns"],
            interval({"value": line["held"], "low": line["low"], "high": line["high"]}),
            number(line["width"]),
            number(line["ratio"], 2),
        ]
        for line in _lines("coverage")
    ]
    header = ["control drawn", "outcome", "estimate", "campaigns", "interval holds the truth"]
    return table([*header, "mean width", "of the raw width"], rows)


def verdicts() -> str:
    """Return how often each verdict was given."""
    rows = [
        [
            str(line["truth"]).replace("_", " "),
            line["campaigns"],
            f"{line['pays']:.1%}",
            f"{line['does_not_pay']:.1%}",
            f"{line['cannot_tell']:.1%}",
            f"{line['wrong']:.1%} [{line['wrong_low']:.1%}; {line['wrong_high']:.1%}]",
        ]
        for line in _lines("verdicts")
    ]
    said = ["said: pays", "doesn't pay", "can't tell"]
    return table(["in truth it", "campaigns", *said, "wrong"], rows)


def effects() -> str:
    """Return the effects of Hillstrom's e-mails."""
    rows = []
    for line in _lines("effects"):
        digits = 3 if line["outcome"] == "spend" else 4
        raw = {"value": line["raw"], "low": line["raw_low"], "high": line["raw_high"]}
        adjusted = {
            "value": line["adjusted"],
            "low": line["adjusted_low"],
            "high": line["adjusted_high"],
        }
        rates = [line[name] for name in ("control", "contacted")]
        shown = [number(rate) if digits == 3 else f"{rate:.2%}" for rate in rates]
        rows.append(
            [
                line["email"],
                line["outcome"],
                *shown,
                interval(raw, digits),
                interval(adjusted, digits),
                number(line["width_ratio"]),
                line["p"],
            ]
        )
    header = ["e-mail", "outcome", "without", "with", "raw", "adjusted", "of the raw width"]
    return table([*header, "p (Holm)"], rows)


def balance() -> str:
    """Return whether the arms of Hillstrom's experiment were alike."""
    rows = [
        [
            line["email"],
            f"{line['customers']:,}",
            line["columns"],
            f"{line['most_different']} {number(line['standardised'])}",
            number(line["p_holm"], 2),
            number(line["p_together"], 2),
        ]
        for line in _lines("balance")
    ]
    header = ["e-mail beside none", "customers", "columns", "most different (standardised)"]
    return table([*header, "p of it (Holm)", "p of all together"], rows)


def months() -> str:
    """Return the increment of each policy by month, and learnt's share of the oracle's."""
    found = _read("months")
    parts = []
    for world, part in found.groupby("world", sort=False):
        months = sorted(part["month"].unique())
        by_policy = part.set_index(["policy", "month"])
        rows = [
            [name, *(number(by_policy["increment"][name, month], 0) for month in months)]
            for name in POLICIES
        ]
        errors = [number(by_policy["error"]["learnt", month], 1) for month in months]
        rows.append(["standard error of learnt", *errors])
        if part["share"].notna().any():
            shares = [f"{by_policy['share']['learnt', month]:.0%}" for month in months]
            rows.append(["**learnt, share of the oracle**", *shares])
        parts.append(table([f"{world}: month", *map(str, months)], rows))
    return "\n\n".join(parts)


BLOCKS: dict[str, Callable[[], str]] = {
    "increments": increments,
    "plan": plan,
    "coverage": coverage,
    "verdicts": verdicts,
    "effects": effects,
    "balance": balance,
    "months": months,
}
